#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/session/session.h"
#include "core/api/problem.h"
#include "core/api/recipe.h"

namespace nas {

/// What there is to say of a supernet beside its weights: stands in its file and in its row.
struct SupernetInfo {
  std::string name;
  PluginChoice space;
  std::string space_version;
  std::string network;  ///< text of the network that all subnets are built for
  std::string problem;
  std::string data;     ///< spec, as it was given
  std::string data_id;  ///< ProblemData::id
  OptionMap recipe;     ///< every field
  std::string paths;    ///< `path_training_text`
  std::string parent;   ///< "supernet NAME sha256=...": what it started from; "" = drawn weights
  std::int64_t parameters = 0;
  std::int64_t epochs = 0;
  std::vector<NamedValue> values;  ///< last of the curve
  /// By decision the choices that were drawn in some step, also of what it started from; empty: not
  /// known (an earlier version trained it).
  std::vector<std::vector<std::uint16_t>> trained;

  /// Everything that determines the weights: equal text, equal supernet.
  std::string settings() const;
};

/// Equal settings, also where one of them comes from a version whose space had fewer options.
bool same_settings(const SupernetInfo& a, const SupernetInfo& b);

std::string to_json(const SupernetInfo& info);
/// Throws Error(kData), starting with `where`, for a text that is none.
SupernetInfo parse_supernet_info(const std::string& json, const std::string& where);

}  // namespace nas
