#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

#include "core/api/store.h"
#include "db/connection.h"

namespace nas {

/// Ids of the small rows that many others share: spaces, fidelities, devices,
/// environments, networks. Looked up
/// or added once, then remembered, as rows never change or go; a rolled back transaction forgets
/// everything. Networks go with the last study that refers to them, so they are looked up each
/// time.
class Catalogue {
 public:
  explicit Catalogue(Connection& connection) : connection_(connection) {}

  // Inside a writing transaction: the row is added when missing.
  std::int64_t space(const std::string& name, const std::string& version);
  /// The space of this name that a study uses, otherwise the newest of the name, otherwise a new
  /// one. Throws Error(kUsage) when there is no such study.
  std::int64_t space_in_study(std::int64_t study_id, const std::string& name);
  std::int64_t architecture(const TrialClaim& claim, std::int64_t space_id);
  std::int64_t environment(const Environment& environment);
  OptionalInt fidelity(const std::string& text);  ///< "" has none
  OptionalInt device(const std::optional<Device>& device);
  OptionalInt network(const std::string& text);  ///< "" has none

  // Reading: nullopt when there is no such row.
  OptionalInt find_fidelity(std::string_view text);
  OptionalInt find_device(const Device& device);
  OptionalInt find_network(std::string_view text);

 private:
  void forget_after_rollback();

  Connection& connection_;
  std::int64_t rollbacks_ = 0;
  std::map<std::pair<std::int64_t, std::string>, std::int64_t> study_spaces_;
  std::map<std::string, std::int64_t> fidelities_;
  std::map<std::tuple<std::string, std::string, std::string>, std::int64_t> devices_;
  std::map<std::tuple<std::string, std::string, std::string, std::int64_t>, std::int64_t>
      environments_;
};

}  // namespace nas
