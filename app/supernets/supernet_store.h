#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "app/session/session.h"
#include "app/supernets/supernet_info.h"
#include "core/problems/angle_bank.h"
#include "core/runtime/supernet/weight_bank.h"

namespace nas {

inline constexpr std::string_view kSupernet = "supernet";  ///< the kind of its artifact

/// Throws Error(kUsage) for anything but letters, digits, '-', '_' and '.', or a '.' in front.
void check_supernet_name(const std::string& name);

/// A supernet as its row says; the weights are in the file.
struct StoredSupernet {
  ArtifactRow row;
  SupernetInfo info;
  std::filesystem::path path;
};
std::optional<StoredSupernet> find_supernet(Session& session, const std::string& name);
/// Throws Error(kUsage) with the near miss for an unknown name.
StoredSupernet known_supernet(Session& session, const std::string& name);
std::vector<StoredSupernet> supernets(Session& session);  ///< by name

/// What the architectures of a space share: the weights of networks, or the angles of circuits.
using SupernetBank = std::variant<WeightBank, AngleBank>;
std::int64_t parameter_count(const SupernetBank& bank);

/// A supernet that is ready: space, network, problem and weights.
struct OpenSupernet {
  StoredSupernet stored;
  const SearchSpace* space = nullptr;
  Task task;
  std::shared_ptr<const Problem> problem;
  Recipe recipe;
  SupernetBank bank;

  const SupernetInfo& info() const { return stored.info; }
  /// "supernet=NAME; sha256=16 digits": in fidelities and origins.
  std::string identity() const;
  /// What no step has drawn of a subnet, for people: "supernet 'first' was never trained on
  /// cell/edge_0_1 = none and 2 more"; "" where all was, or where that is not known.
  std::string untrained_part(const Architecture& subnet) const;
};
/// Throws Error(kIo) if the file is missing, Error(kData) if the file was changed or damaged, if
/// the data set has changed since, or if the space has another version; Error(kUsage) as
/// `known_supernet`.
OpenSupernet open_supernet(Session& session, const std::string& name);

/// Throws Error(kUnsupported) for a space that has neither a blueprint nor angles that its circuits
/// share.
void check_has_supernet(const SearchSpace& space);
/// What nothing has trained, of the network `task` of a space. Throws as `check_has_supernet`.
SupernetBank new_bank(const SearchSpace& space, const Task& task, std::uint64_t seed);

/// <files_directory>/supernets/NAME.safetensors, or a free name where another file has it.
std::filesystem::path supernet_path(Session& session, const SupernetInfo& info);
/// Writes the file whole or not at all, then the row with its curve.
StoredSupernet keep_supernet(Session& session, const SupernetInfo& info, const SupernetBank& bank,
                             std::span<const CurvePoint> curve);

/// The architecture that a text names in the supernet's space, checked. Throws Error(kUsage).
Architecture subnet_of(const OpenSupernet& supernet, std::string_view space,
                       const Architecture& architecture);

}  // namespace nas
