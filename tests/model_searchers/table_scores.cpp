#include "tests/model_searchers/table_scores.h"

#include "core/util/error.h"

namespace nas::test {

void TableScores::add_column(const std::string& name, std::vector<double> values) {
  columns_[name] = std::move(values);
}

void TableScores::index() {
  for (std::size_t i = 0; i < pool_.size(); ++i) rows_.emplace(pool_[i], i);
}

std::vector<std::string> TableScores::names() const {
  std::vector<std::string> names;
  for (const auto& [name, values] : columns_) names.push_back(name);
  return names;
}

std::vector<double> TableScores::scores(std::span<const Architecture> architectures,
                                        std::span<const std::string> names) const {
  std::vector<double> result;
  for (const Architecture& architecture : architectures) {
    for (const std::string& name : names) {
      result.push_back(columns_.at(name)[rows_.at(architecture)]);
    }
  }
  return result;
}

TableRun run_on_table(Searcher& searcher, const SearchSetup& setup, const TableScores& table,
                      const std::vector<double>& objective) {
  searcher.start(setup);
  TableRun run;
  for (std::int64_t number = 0; number < setup.budget_trials; ++number) {
    const std::optional<Proposal> proposal = searcher.ask(number);
    if (!proposal) break;
    const std::size_t row = table.row(proposal->architecture);
    const double merit = objective[row];
    if (run.rows.empty() || merit > objective[run.best]) run.best = row;
    run.rows.push_back(row);
    run.reasons.push_back(proposal->reason);
    searcher.tell({number, proposal->architecture, Outcome::kComplete, {&merit, 1}});
  }
  return run;
}

}  // namespace nas::test
