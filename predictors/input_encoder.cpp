#include "predictors/input_encoder.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

bool has_cells(const SearchSpace& space) {
  return dynamic_cast<const CellGraphs*>(&space) != nullptr;
}

}  // namespace

InputEncoder::InputEncoder(std::string_view who, std::string_view kind, int longest_path,
                           const Samples& samples)
    : who_(who), longest_path_(longest_path) {
  const std::vector<std::string> parts = split(kind, '+');
  const auto asks = [&parts](std::string_view part) {
    return std::find(parts.begin(), parts.end(), part) != parts.end();
  };
  const bool given = !samples.feature_names.empty();
  features_ = asks("features") || (asks("auto") && given);
  one_hot_ = asks("onehot") || (asks("auto") && !given);
  path_ = asks("path");
  if (features_ && !given) {
    throw Error(ErrorKind::kUsage,
                who_ + ": encoding=" + std::string(kind) + " needs features, but none were given");
  }
  if (features_) names_ = samples.feature_names;
}

std::size_t InputEncoder::width(const SearchSpace& space) const {
  const bool paths = path_ && has_cells(space);
  return names_.size() + (one_hot_ || path_ != paths ? one_hot_width(space) : 0) +
         (paths ? PathEncoder(space, longest_path_).width() : 0);
}

std::vector<double> InputEncoder::encode(const SearchSpace& space, const Samples& samples) const {
  if (features_ && samples.feature_names != names_) {
    throw Error(ErrorKind::kUsage, who_ + ": was fitted on the " + std::to_string(names_.size()) +
                                       " features " + join(names_, ", ") + "; got " +
                                       std::to_string(samples.feature_names.size()) + ": " +
                                       join(samples.feature_names, ", "));
  }
  const std::size_t features = samples.feature_names.size();
  NAS_CHECK(samples.features.size() == samples.architectures.size() * features,
            "features and architectures of unequal number");
  std::optional<PathEncoder> paths;
  if (path_ && has_cells(space)) paths.emplace(space, longest_path_);
  const bool one_hots = one_hot_ || (path_ && !paths);
  std::vector<double> rows;
  rows.reserve(samples.architectures.size() * width(space));
  for (std::size_t i = 0; i < samples.architectures.size(); ++i) {
    for (std::size_t k = 0; features_ && k < features; ++k) {
      const double value = samples.features[i * features + k];
      rows.push_back(std::isfinite(value) ? value : std::numeric_limits<double>::quiet_NaN());
    }
    const auto append = [&rows](const std::vector<double>& code) {
      rows.insert(rows.end(), code.begin(), code.end());
    };
    if (one_hots) append(one_hot(space, samples.architectures[i]));
    if (paths) append(paths->encode(samples.architectures[i]));
  }
  return rows;
}

std::string InputEncoder::text() const {
  return nlohmann::json{{"features", features_},
                        {"one_hot", one_hot_},
                        {"path", path_},
                        {"longest_path", longest_path_},
                        {"names", names_}}
      .dump();
}

InputEncoder InputEncoder::restored(std::string_view who, std::string_view text) {
  try {
    const nlohmann::json json = nlohmann::json::parse(text);
    InputEncoder encoder;
    encoder.who_ = who;
    encoder.features_ = json.at("features").get<bool>();
    encoder.one_hot_ = json.at("one_hot").get<bool>();
    encoder.path_ = json.at("path").get<bool>();
    encoder.longest_path_ = json.at("longest_path").get<int>();
    encoder.names_ = json.at("names").get<std::vector<std::string>>();
    return encoder;
  } catch (const nlohmann::json::exception&) {
    throw Error(ErrorKind::kData, std::string(who) + ": the description of its inputs is damaged");
  }
}

ColumnScale ColumnScale::of(const std::vector<double>& rows, std::size_t width) {
  ColumnScale scale{std::vector<double>(width, 0.0), std::vector<double>(width, 1.0)};
  for (std::size_t k = 0; k < width; ++k) {
    double sum = 0, squares = 0, count = 0;
    for (std::size_t i = k; i < rows.size(); i += width) {
      if (std::isnan(rows[i])) continue;
      sum += rows[i];
      ++count;
    }
    if (count < 1) continue;
    const double centre = sum / count;
    for (std::size_t i = k; i < rows.size(); i += width) {
      if (!std::isnan(rows[i])) squares += (rows[i] - centre) * (rows[i] - centre);
    }
    scale.mean[k] = centre;
    const double deviation = std::sqrt(squares / count);
    if (deviation > 0 && std::isfinite(deviation)) scale.deviation[k] = deviation;
  }
  return scale;
}

void ColumnScale::apply(std::vector<double>& rows) const {
  const std::size_t width = mean.size();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::size_t k = i % width;
    rows[i] = std::isnan(rows[i]) ? 0.0 : (rows[i] - mean[k]) / deviation[k];
  }
}

}  // namespace nas
