#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/predictor.h"
#include "core/util/options.h"
#include "predictors/encoding.h"

namespace nas {

inline constexpr std::string_view kEncodingChoices =
    "auto|features|onehot|path|features+onehot|features+path";
inline constexpr std::string_view kEncodingMeaning =
    "what it sees: given features, one-hot choices, paths of the cell (one-hot in spaces without "
    "cells); auto: the features where there are any, else one-hot";

/// Turns samples into rows of numbers: what a predictor of vectors sees. The kind and the names of
/// the features are fixed when it is made, and checked afterwards.
class InputEncoder {
 public:
  InputEncoder() = default;
  /// `kind` is one of kEncodingChoices. Throws Error(kUsage) where features are asked for and the
  /// samples have none.
  InputEncoder(std::string_view who, std::string_view kind, int longest_path,
               const Samples& samples);

  /// Row-major, one row per sample; missing features stay NaN (infinite ones become NaN). Throws
  /// Error(kUsage) when the samples' features differ from those it was made for.
  std::vector<double> encode(const SearchSpace& space, const Samples& samples) const;
  std::size_t width(const SearchSpace& space) const;

  /// A JSON object; `restored` is its inverse and throws Error(kData).
  std::string text() const;
  static InputEncoder restored(std::string_view who, std::string_view text);

 private:
  std::string who_;
  bool features_ = false, one_hot_ = false, path_ = false;
  int longest_path_ = 0;
  std::vector<std::string> names_;  ///< of the features
};

/// Standardises columns: mean 0, deviation 1; missing values become 0, the mean.
struct ColumnScale {
  std::vector<double> mean, deviation;
  static ColumnScale of(const std::vector<double>& rows, std::size_t width);
  void apply(std::vector<double>& rows) const;
};

}  // namespace nas
