#include "app/predictors/prediction_origin.h"

#include "core/util/text.h"

namespace nas {
namespace {

constexpr std::string_view kStart = "predictor '", kPlugin = "' (", kFitted = ", fitted on ",
                           kRows = " rows of ", kEnd = ")";

}  // namespace

std::string to_string(const PredictionOrigin& origin) {
  std::string text(kStart);
  text += origin.predictor + std::string(kPlugin) + origin.plugin + std::string(kFitted);
  return text + std::to_string(origin.rows) + std::string(kRows) + origin.target +
         std::string(kEnd);
}

std::optional<PredictionOrigin> parse_prediction_origin(std::string_view text) {
  if (!text.starts_with(kStart) || !text.ends_with(kEnd)) return std::nullopt;
  const std::size_t fitted = text.find(kFitted);
  const std::size_t plugin = text.rfind(kPlugin, fitted);
  const std::size_t rows = text.find(kRows, fitted == std::string_view::npos ? 0 : fitted);
  if (fitted == std::string_view::npos || plugin == std::string_view::npos ||
      rows == std::string_view::npos || plugin < kStart.size()) {
    return std::nullopt;
  }
  PredictionOrigin origin;
  origin.predictor = text.substr(kStart.size(), plugin - kStart.size());
  origin.plugin = text.substr(plugin + kPlugin.size(), fitted - plugin - kPlugin.size());
  const auto count =
      parse_int(text.substr(fitted + kFitted.size(), rows - fitted - kFitted.size()));
  if (!count || *count < 0) return std::nullopt;
  origin.rows = static_cast<std::size_t>(*count);
  origin.target = text.substr(rows + kRows.size());
  origin.target.resize(origin.target.size() - kEnd.size());
  return origin;
}

}  // namespace nas
