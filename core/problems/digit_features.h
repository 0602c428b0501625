#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace nas {

/// Handwritten digits of 8 x 8 pixels (UCI Optical Recognition of Handwritten Digits, 1998) of some
/// classes, each as a row of numbers in [0, 1].
struct DigitTable {
  std::size_t width = 0;  ///< numbers of a row
  std::vector<double> rows;
  std::vector<std::uint16_t> labels;  ///< positions among the classes
  std::size_t size() const { return labels.size(); }
  std::span<const double> row(std::size_t i) const {
    return std::span(rows).subspan(i * width, width);
  }
};

/// Reads a file of 64 pixels from 0 to 16 and a digit a line, with a heading. `classes`: digits, in
/// the order of the labels; others are left out. Throws Error(kData) with file and line.
DigitTable read_digits(const std::filesystem::path& file, std::span<const int> classes);

/// 16 means over 2 x 2 pixels instead of 64 pixels.
DigitTable block_means(const DigitTable& pixels);

/// Percent of `test` that a multinomial logistic regression of `train` (weight decay 1e-4, by
/// L-BFGS) names correctly: the linear baseline of the same numbers.
double logistic_accuracy(const DigitTable& train, const DigitTable& test, std::size_t classes);

}  // namespace nas
