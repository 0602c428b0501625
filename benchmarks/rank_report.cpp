#include "benchmarks/rank_report.h"

#include <chrono>
#include <cstdio>

namespace nas {
namespace {

using namespace test;

struct Rows {
  std::string name;
  std::vector<std::size_t> rows;
};

std::vector<Rows> judged_rows(const AccuracyTable& table) {
  std::vector<Rows> judged{{"all", table.all()}};
  if (!table.without_none.empty()) judged.push_back({"without none", table.without_none});
  return judged;
}

}  // namespace

double seconds_so_far() {
  static const auto start = std::chrono::steady_clock::now();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void print_ranks(const std::string& name, const AccuracyTable& table,
                 const std::vector<double>& scores) {
  std::printf("  %-34s", name.c_str());
  for (const Rows& judged : judged_rows(table)) {
    std::printf(" %s: %.4f, tau %.4f, best fifth %.3f, best of ten %.2f;", judged.name.c_str(),
                rank_correlation(table.accuracy, scores, judged.rows),
                kendall_of(table.accuracy, scores, judged.rows),
                rank_correlation(table.accuracy, scores, best_fifth(table.accuracy, judged.rows)),
                best_of_ten(table.accuracy, scores, judged.rows));
  }
  std::printf(" %.0f s\n", seconds_so_far());
  std::fflush(stdout);
}

void print_baselines(const std::string& title, const AccuracyTable& table) {
  std::printf("\n%s: %zu networks\n", title.c_str(), table.architectures.size());
  print_ranks("MACs", table, table.macs);
  print_ranks("live MACs", table, table.live_macs);
}

}  // namespace nas
