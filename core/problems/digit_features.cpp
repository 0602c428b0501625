#include "core/problems/digit_features.h"

#include <algorithm>
#include <cmath>

#include "core/quantum/optimise.h"
#include "core/util/csv.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/text.h"

namespace nas {
namespace {

constexpr std::size_t kSide = 8, kPixels = kSide * kSide;
constexpr double kBrightest = 16;

/// Class scores of a row: weights [classes, width + 1], the bias last.
std::vector<double> scores(std::span<const double> weights, std::span<const double> row,
                           std::size_t classes) {
  std::vector<double> result;
  for (std::size_t c = 0; c < classes; ++c) {
    const std::span<const double> own = weights.subspan(c * (row.size() + 1), row.size() + 1);
    double sum = own.back();
    for (std::size_t k = 0; k < row.size(); ++k) sum += own[k] * row[k];
    result.push_back(sum);
  }
  return result;
}

double regression_loss(const DigitTable& table, std::size_t classes,
                       std::span<const double> weights, std::span<double> gradient) {
  constexpr double kDecay = 1e-4;
  double loss = 0;
  for (std::size_t i = 0; i < gradient.size(); ++i) gradient[i] = 2 * kDecay * weights[i];
  for (const double weight : weights) loss += kDecay * weight * weight;
  const auto count = static_cast<double>(table.size());
  for (std::size_t i = 0; i < table.size(); ++i) {
    std::vector<double> at = scores(weights, table.row(i), classes);
    const double most = *std::max_element(at.begin(), at.end());
    double total = 0;
    for (double& score : at) total += score = std::exp(score - most);
    loss -= std::log(at[table.labels[i]] / total) / count;
    if (gradient.empty()) continue;
    for (std::size_t c = 0; c < classes; ++c) {
      const double slope = (at[c] / total - (c == table.labels[i] ? 1 : 0)) / count;
      const std::span<double> own = gradient.subspan(c * (table.width + 1), table.width + 1);
      for (std::size_t k = 0; k < table.width; ++k) own[k] += slope * table.row(i)[k];
      own[table.width] += slope;
    }
  }
  return loss;
}

}  // namespace

DigitTable read_digits(const std::filesystem::path& file, std::span<const int> classes) {
  const CsvTable table = CsvTable::parse(read_file(file), file.string());
  const auto fail = [&](std::size_t row, const std::string& why) {
    throw Error(ErrorKind::kData,
                file.string() + ", line " + std::to_string(table.line(row)) + ": " + why);
  };
  if (table.columns().size() != kPixels + 1) {
    throw Error(ErrorKind::kData, file.string() + ": expected 64 pixels and a digit a line, not " +
                                      std::to_string(table.columns().size()) + " columns");
  }
  DigitTable digits;
  digits.width = kPixels;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const auto digit = parse_int(table.at(row, kPixels));
    if (!digit || *digit < 0 || *digit > 9) fail(row, "the last column is not a digit");
    const auto found = std::find(classes.begin(), classes.end(), static_cast<int>(*digit));
    if (found == classes.end()) continue;
    digits.labels.push_back(static_cast<std::uint16_t>(found - classes.begin()));
    for (std::size_t k = 0; k < kPixels; ++k) {
      const auto pixel = parse_double(std::string(table.at(row, k)));
      if (!pixel || !(*pixel >= 0 && *pixel <= kBrightest)) {
        fail(row, "pixel " + std::to_string(k + 1) + " is not a number from 0 to 16");
      }
      digits.rows.push_back(*pixel / kBrightest);
    }
  }
  return digits;
}

DigitTable block_means(const DigitTable& pixels) {
  constexpr std::size_t kBlock = 2, kBlocks = kSide / kBlock;
  DigitTable means{kBlocks * kBlocks, std::vector<double>(pixels.size() * kBlocks * kBlocks, 0),
                   pixels.labels};
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    for (std::size_t k = 0; k < kPixels; ++k) {
      const std::size_t block = k / kSide / kBlock * kBlocks + k % kSide / kBlock;
      means.rows[i * means.width + block] += pixels.row(i)[k] / (kBlock * kBlock);
    }
  }
  return means;
}

double logistic_accuracy(const DigitTable& train, const DigitTable& test, std::size_t classes) {
  constexpr int kSteps = 300;
  constexpr double kTolerance = 1e-7;
  const AngleFunction loss = [&](std::span<const double> weights, std::span<double> gradient) {
    return regression_loss(train, classes, weights, gradient);
  };
  const std::vector<double> weights =
      fit_lbfgs(loss, std::vector<double>(classes * (train.width + 1), 0), kSteps, kTolerance)
          .angles;
  std::size_t right = 0;
  for (std::size_t i = 0; i < test.size(); ++i) {
    const std::vector<double> at = scores(weights, test.row(i), classes);
    const auto best = std::max_element(at.begin(), at.end()) - at.begin();
    right += static_cast<std::size_t>(best) == test.labels[i] ? 1 : 0;
  }
  constexpr double kPercent = 100;
  return kPercent * static_cast<double>(right) / static_cast<double>(test.size());
}

}  // namespace nas
