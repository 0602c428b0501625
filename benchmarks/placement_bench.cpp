// Hard instances of static memory allocation: how small an arena first fit and our planner reach
// and in how many seconds of processor time, beside MiniMalloc where its program is given: once
// within the capacity of the instance, once as small as can be, for which MiniMalloc has a minute
// (--minimize_capacity --timeout; the best that it found until then counts).
//   placement_bench FOLDER [MINIMALLOC [NODES]]
// FOLDER holds files NAME.CAPACITY.csv with the columns id,lower,upper,size (data set
// mcu-minimalloc; https://github.com/google/minimalloc, benchmarks/challenging). MINIMALLOC: the
// program built from that repository, or "-".

#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/util/csv.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/text.h"
#include "hwmodels/placement/first_fit.h"
#include "hwmodels/placement/offset_planner.h"
#include "tests/hwmodels/placement/buffer_table.h"

extern char** environ;

namespace nas {
namespace {

struct Instance {
  std::filesystem::path path;
  std::int64_t capacity = 0;
};

/// Files NAME.CAPACITY.csv, by name.
std::vector<Instance> instances_in(const std::filesystem::path& folder) {
  std::vector<Instance> instances;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::vector<std::string> parts = split(entry.path().filename().string(), '.');
    if (parts.size() != 3 || parts[2] != "csv") continue;
    if (const auto capacity = parse_int(parts[1])) instances.push_back({entry.path(), *capacity});
  }
  std::ranges::sort(instances, {}, &Instance::path);
  if (instances.empty()) {
    throw Error(ErrorKind::kIo, folder.string() + ": no files NAME.CAPACITY.csv");
  }
  return instances;
}

/// Processor time of this process.
template <class Work>
double seconds_of(const Work& work) {
  const std::clock_t start = std::clock();
  work();
  return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

void require_right(const std::vector<Buffer>& buffers, const std::vector<std::int64_t>& offsets,
                   const std::string& whose) {
  if (const auto pair = overlapping_pair(buffers, offsets)) {
    throw Error(ErrorKind::kData, whose + ": buffers " + std::to_string(pair->first) + " and " +
                                      std::to_string(pair->second) + " overlap");
  }
}

/// What a program that we started made of an instance, and its processor time.
struct PeerPlan {
  std::optional<std::int64_t> bytes;  ///< nullopt where it finds no plan
  double seconds = 0;
};

/// Exit status and processor seconds of a program run to its end.
std::pair<int, double> run_program(std::vector<std::string> words) {
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t child = 0;
  if (posix_spawn(&child, words.front().c_str(), nullptr, nullptr, arguments.data(), environ) !=
      0) {
    throw Error(ErrorKind::kIo, words.front() + ": cannot be run");
  }
  int status = 0;
  rusage used{};
  wait4(child, &status, 0, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1,
          seconds(used.ru_utime) + seconds(used.ru_stime)};
}

/// The arena of MiniMalloc's plan, checked.
PeerPlan run_minimalloc(const std::string& program, const Instance& instance,
                        const std::vector<Buffer>& buffers, bool smallest) {
  const TemporaryDirectory directory;
  const std::string output = (directory.path() / "plan.csv").string();
  std::vector<std::string> words = {program, "--capacity=" + std::to_string(instance.capacity),
                                    "--input=" + instance.path.string(), "--output=" + output};
  if (smallest) words.insert(words.end(), {"--minimize_capacity", "--timeout=60s"});
  const auto [status, seconds] = run_program(std::move(words));
  if (status != 0 || !std::filesystem::exists(output)) return {std::nullopt, seconds};
  const CsvTable plan = CsvTable::parse(read_file(output), output);
  if (plan.rows() != buffers.size()) return {std::nullopt, seconds};
  // Rows may come in another order: each has its own buffer beside its offset.
  std::vector<Buffer> placed;
  std::vector<std::int64_t> offsets;
  const auto number = [&](std::size_t row, std::string_view column) {
    return parse_int(plan.at(row, plan.column(column))).value();
  };
  for (std::size_t row = 0; row < plan.rows(); ++row) {
    placed.push_back({number(row, "size"), number(row, "lower"), number(row, "upper") - 1});
    offsets.push_back(number(row, "offset"));
  }
  require_right(placed, offsets, "MiniMalloc");
  return {arena_bytes(placed, offsets), seconds};
}

/// "1,048,576" or "-".
std::string bytes_text(const std::optional<std::int64_t>& bytes) {
  return bytes ? format_count(*bytes) : "-";
}

void run(const std::filesystem::path& folder, const std::string& minimalloc, std::int64_t nodes) {
  std::printf("%-14s %8s %10s %10s | %10s %8s | %10s %8s %-8s | %10s %8s | %10s %8s\n", "instance",
              "buffers", "bound", "first fit", "within", "s", "smallest", "s", "", "MiniMalloc",
              "s", "smallest", "s");
  for (const Instance& instance : instances_in(folder)) {
    const std::vector<Buffer> buffers = test::read_buffer_table(instance.path);
    const std::int64_t by_size = arena_bytes(buffers, first_fit(buffers, FitOrder::kBySize));
    OffsetPlan within, smallest;
    const double within_s = seconds_of([&] {
      within = plan_offsets(buffers, {.enough = instance.capacity, .nodes = 100 * nodes});
    });
    const double smallest_s =
        seconds_of([&] { smallest = plan_offsets(buffers, {.nodes = nodes}); });
    require_right(buffers, within.offsets, "ours");
    require_right(buffers, smallest.offsets, "ours");
    PeerPlan peer, peer_smallest;
    if (minimalloc != "-") {
      peer = run_minimalloc(minimalloc, instance, buffers, false);
      peer_smallest = run_minimalloc(minimalloc, instance, buffers, true);
    }
    std::printf("%-14s %8zu %10s %10s | %10s %8.3f | %10s %8.3f %-8s | %10s %8.3f | %10s %8.3f\n",
                instance.path.stem().c_str(), buffers.size(),
                format_count(most_live_bytes(buffers)).c_str(), format_count(by_size).c_str(),
                format_count(within.bytes).c_str(), within_s, format_count(smallest.bytes).c_str(),
                smallest_s, smallest.optimal() ? "optimal" : "", bytes_text(peer.bytes).c_str(),
                peer.seconds, bytes_text(peer_smallest.bytes).c_str(), peer_smallest.seconds);
    std::fflush(stdout);
  }
}

}  // namespace
}  // namespace nas

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: placement_bench FOLDER [MINIMALLOC [NODES]]\n");
    return 2;
  }
  try {
    constexpr std::int64_t kUsualNodes = 400'000;
    nas::run(argv[1], argc > 2 ? argv[2] : "-",
             argc > 3 ? nas::parse_int(argv[3]).value_or(kUsualNodes) : kUsualNodes);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "placement_bench: %s\n", error.what());
    return 2;
  }
  return 0;
}
