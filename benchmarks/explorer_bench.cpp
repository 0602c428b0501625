// What the explorer reads of a large database, and how fast:
//   explorer_bench make FILE [trials]     a database of 1,000,000 trials with ten metrics each
//   explorer_bench measure FILE [writers] the figures, alone and beside this many writing processes
//   explorer_bench write FILE [trials]    eight writing processes, for window_bench beside them
//   explorer_bench unchanged FILE         everything read; the file's bytes before and after

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "app/explorer/explorer.h"
#include "benchmarks/large_database.h"
#include "core/util/error.h"
#include "core/util/rng.h"
#include "core/util/text.h"

namespace nas::benchmark {

namespace {

namespace fs = std::filesystem;
constexpr std::size_t kScreen = 60;
constexpr std::size_t kPiece = 50'000;
constexpr std::int64_t kTrialsOfWriter = 200;

double milliseconds(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
      .count();
}

/// `limit`: what it must stay below on a machine that does nothing else; 0: none is set.
void report(const char* what, double ms, const std::string& note = "", double limit = 0) {
  const std::string bound = limit > 0 ? "(< " + format_short(limit, 4) + ") " : "";
  std::printf("%-48s %9.1f ms %-10s %s\n", what, ms, bound.c_str(), note.c_str());
  std::fflush(stdout);
}

std::int64_t status_kb(const char* key) {
  std::ifstream file("/proc/self/status");
  std::string line;
  while (std::getline(file, line)) {
    if (line.starts_with(key)) return std::atoll(line.c_str() + std::string(key).size());
  }
  return 0;
}

std::string load_average() {
  std::ifstream file("/proc/loadavg");
  std::string load;
  file >> load;
  return load;
}

BrowseOrder order_by(const ExplorerTable& table, const char* column, bool descending) {
  return {find_column(const_cast<ExplorerTable&>(table).source(), column), descending};
}

/// Milliseconds to the first screen of a query with its cells, then to all of its keys.
std::size_t measure_query(const std::shared_ptr<ExplorerTable>& table, const char* what,
                          const BrowseOrder& order, const std::string& filter, double limit = 0) {
  std::size_t rows = 0;
  ExplorerQuery query(table, order, parse_filter(filter, table->columns()));
  const double first = milliseconds([&] {
    const auto keys = query.next(kScreen, {});
    rows = keys->size();
    table->source().rows(*keys);
  });
  const double all = milliseconds([&] {
    while (!query.complete()) rows += query.next(kPiece, {})->size();
  });
  report(what, first,
         "first screen; all " + format_count(static_cast<std::int64_t>(rows)) + " keys " +
             format_short(all, 4) + " ms later",
         limit);
  return rows;
}

/// The 99th percentile of reading the cells of a screen anywhere in the table.
double scroll_ms(ExplorerTable& table, std::size_t rows) {
  std::vector<double> times;
  for (std::size_t i = 0; i < 300; ++i) {
    std::vector<BrowseKey> keys;
    const std::size_t start = (i * 7919 * kScreen) % (rows - kScreen);
    for (std::size_t row = 0; row < kScreen; ++row) {
      keys.push_back(static_cast<BrowseKey>(start + row));
    }
    times.push_back(milliseconds([&] { table.source().rows(keys); }));
  }
  std::sort(times.begin(), times.end());
  return times[times.size() * 99 / 100];
}

std::size_t front_size(const std::vector<double>& quality, const std::vector<double>& cost) {
  std::vector<std::uint32_t> order(quality.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<std::uint32_t>(i);
  std::erase_if(order,
                [&](std::uint32_t i) { return std::isnan(quality[i]) || std::isnan(cost[i]); });
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return quality[a] != quality[b] ? quality[a] > quality[b] : cost[a] < cost[b];
  });
  double best = INFINITY;
  std::size_t members = 0;
  for (const std::uint32_t i : order) {
    if (cost[i] >= best) continue;
    best = cost[i];
    ++members;
  }
  return members;
}

void read_everything(const fs::path& path) {
  std::unique_ptr<Explorer> explorer;
  std::shared_ptr<ExplorerTable> table;
  std::vector<Explorer::Study> studies;
  std::printf("load of the last minute: %s\n", load_average().c_str());
  report("open the file", milliseconds([&] { explorer = std::make_unique<Explorer>(path); }));
  report("its studies with counts and best", milliseconds([&] { studies = explorer->studies(); }));
  report("columns of the study",
         milliseconds([&] { table = explorer->trials(studies.front().row.id); }));
  const std::size_t rows = measure_query(table, "by number", {}, "");
  measure_query(table, "sorted by accuracy", order_by(*table, "accuracy", true), "", 200);
  measure_query(table, "sorted by latency_ms", order_by(*table, "latency_ms@host", false), "", 200);
  report("cells of a screen anywhere, 99th percentile", scroll_ms(*table, rows));
  std::shared_ptr<const std::vector<double>> quality;
  std::shared_ptr<const std::vector<double>> cost;
  report("two whole columns", milliseconds([&] {
           const std::vector<std::size_t> both = {find_column(table->source(), "accuracy"),
                                                  find_column(table->source(), "latency_ms@host")};
           table->load(both, {});
           quality = table->values(find_column(table->source(), "accuracy"), {});
           cost = table->values(find_column(table->source(), "latency_ms@host"), {});
         }));
  std::size_t members = 0;
  const double front = milliseconds([&] { members = front_size(*quality, *cost); });
  report("Pareto front of them", front, std::to_string(members) + " members", 1000);
  const char* filter = "accuracy > 88 and params < 0.5M";
  measure_query(table, "filter accuracy > 88 and params < 0.5M", {}, filter);
  measure_query(table, "filter architecture ~ skip", {}, "architecture ~ \"|skip_connect~0|+\"");
  measure_query(table, "sorted by architecture", order_by(*table, "architecture", false), "");
  report("what was added since", milliseconds([&] { table->refresh(); }));
  std::shared_ptr<ExplorerTable> all;
  report("columns of all studies", milliseconds([&] { all = explorer->all_trials(); }));
  measure_query(all, "all studies by accuracy", order_by(*all, "accuracy", true), "", 200);
  std::printf("%-48s %9lld MB (< 500)\n", "resident memory",
              static_cast<long long>(status_kb("VmRSS:") / 1024));
}

std::int64_t next_trial(const fs::path& path) {
  Explorer explorer(path);
  return explorer.trials(explorer.studies().front().row.id)->source().key_end();
}

/// Writing processes; each inserts its own trials.
class Writers {
 public:
  Writers(const fs::path& path, int count, std::int64_t trials) : trials_(trials) {
    const std::int64_t first = count > 0 ? next_trial(path) : 0;
    for (int i = 0; i < count; ++i) {
      const pid_t child = ::fork();
      if (child == 0) ::_exit(write(path, first + i * trials, i));
      children_.push_back(child);
    }
  }
  void wait() {
    int failures = 0;
    for (const pid_t child : children_) {
      int status = 0;
      ::waitpid(child, &status, 0);
      failures += status == 0 ? 0 : 1;
    }
    if (children_.empty()) return;
    std::printf("%zu writers of %lld trials each, %d of them with an error\n", children_.size(),
                static_cast<long long>(trials_), failures);
  }

 private:
  int write(const fs::path& path, std::int64_t first, int number) const {
    try {
      return insert_trials(path, first, trials_) == trials_ ? 0 : 1;
    } catch (const std::exception& error) {
      std::fprintf(stderr, "writer %d: %s\n", number, error.what());
      return 2;
    }
  }

  std::int64_t trials_;
  std::vector<pid_t> children_;
};

void measure(const fs::path& path, int count) {
  Writers writers(path, count, kTrialsOfWriter);
  read_everything(path);
  writers.wait();
}

std::uint64_t checksum(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::vector<char> piece(1 << 20);
  std::uint64_t sum = 0;
  while (file.read(piece.data(), static_cast<std::streamsize>(piece.size())), file.gcount() > 0) {
    sum = stable_mix(sum, stable_hash({piece.data(), static_cast<std::size_t>(file.gcount())}));
  }
  return sum;
}

int unchanged(const fs::path& path) {
  const std::uint64_t before = checksum(path);
  read_everything(path);
  const bool equal = checksum(path) == before;
  std::printf("the file is %s\n", equal ? "unchanged" : "CHANGED");
  return equal ? 0 : 1;
}

int run(const std::vector<std::string>& words) {
  const auto number = [&](std::int64_t fallback) {
    return words.size() > 2 ? parse_int(words[2]).value_or(fallback) : fallback;
  };
  if (words.size() < 2 || words.size() > 3)
    throw Error(ErrorKind::kUsage,
                "usage: explorer_bench make|measure|write|unchanged FILE [number]");
  if (words[0] == "make") {
    make_large_database(words[1], number(1'000'000));
    return 0;
  }
  if (words[0] == "unchanged") return unchanged(words[1]);
  if (words[0] == "write") {
    Writers(words[1], 8, number(kTrialsOfWriter)).wait();
    return 0;
  }
  measure(words[1], static_cast<int>(number(0)));
  return 0;
}

}  // namespace

}  // namespace nas::benchmark

int main(int argc, char** argv) {
  try {
    return nas::benchmark::run(std::vector<std::string>(argv + 1, argv + argc));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 2;
  }
}
