#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/api/search_space.h"
#include "core/api/transfer_predictor.h"

namespace nas::test {

/// A public table of accuracies: what predictors that cross spaces are measured on.
struct AccuracyTable {
  std::unique_ptr<SearchSpace> space;
  std::vector<Architecture> architectures;
  std::vector<double> accuracy;           ///< one for each; larger is better
  std::vector<double> live_macs, macs;    ///< without and with what is dead
  std::vector<std::size_t> without_none;  ///< rows of cells that have no `none` (NAS-Bench-201)

  std::vector<Subject> subjects(std::span<const std::size_t> rows) const;
  std::vector<double> targets(std::span<const std::size_t> rows) const;
  std::vector<std::size_t> all() const;
  TransferTask task(const std::string& name, std::span<const std::size_t> rows) const;
};

/// tab-nb101, `count` random rows (0: all): mean test accuracy, 108 epochs.
AccuracyTable read_nb101(const std::filesystem::path& folder, std::size_t count,
                         std::uint64_t seed);
/// tab-nb201: a column of nb201_tss.csv.gz.
AccuracyTable read_nb201(const std::filesystem::path& folder,
                         const std::string& column = "c10_test_200ep");
/// tab-tnb101, the cells: a column of tnb101_micro.csv.gz.
AccuracyTable read_transnas_micro(const std::filesystem::path& folder, const std::string& column);
/// tab-tnb101, the skeletons: a column of tnb101_macro.csv.gz.
AccuracyTable read_transnas_macro(const std::filesystem::path& folder, const std::string& column);
/// tab-nbmacro: mean test accuracy.
AccuracyTable read_nbmacro(const std::filesystem::path& folder);

/// The table of these rows alone; `without_none` becomes empty.
AccuracyTable only(AccuracyTable table, std::span<const std::size_t> rows);

std::vector<std::size_t> draw_rows(std::size_t rows, std::size_t count, std::uint64_t seed);

double rank_correlation(std::span<const double> truth, std::span<const double> scores,
                        std::span<const std::size_t> rows);
double kendall_of(std::span<const double> truth, std::span<const double> scores,
                  std::span<const std::size_t> rows);
/// Of `rows`, the best fifth by truth.
std::vector<std::size_t> best_fifth(std::span<const double> truth,
                                    std::span<const std::size_t> rows);
/// Best truth among the ten rows of the highest scores.
double best_of_ten(std::span<const double> truth, std::span<const double> scores,
                   std::span<const std::size_t> rows);

std::vector<double> means(const std::vector<Forecast>& forecasts);

}  // namespace nas::test
