#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/architecture.h"
#include "core/api/plugin.h"
#include "core/api/task.h"
#include "core/ir/blueprint/blueprint.h"
#include "core/ir/cost.h"
#include "core/util/rng.h"

namespace nas {

struct SpaceInfo {
  std::string name;
  std::string version;        ///< changes when the meaning of an architecture's text changes
  std::string width_meaning;  ///< "initial channels, default 16"; "" = has no such setting
  std::string depth_meaning;
  std::vector<std::string> skeletons;
  /// The published MACs include the biases of linear layers (NAS-Bench-201, NATS).
  bool macs_count_bias = false;
  /// They include two for each element of a batch normalisation (EfficientTDNN).
  bool macs_count_norm = false;
  Task default_task;  ///< of the published network
  /// Options of the space that change the network of an unchanged architecture, where they are not
  /// at their defaults: "; space.width_multiplier=1.2". Part of a network's text.
  std::string network_settings;
  /// A network small enough for short trainings on a CPU; 0 where the space has no such setting.
  std::int64_t small_width = 0;
  std::int64_t small_depth = 0;
};

/// A space of architectures. Immutable and safe from several threads.
class SearchSpace {
 public:
  virtual ~SearchSpace() = default;

  virtual const SpaceInfo& info() const = 0;
  virtual std::span<const Decision> decisions() const = 0;

  /// Why these choices are not an architecture of the space (NAS-Bench-101: too many edges, no
  /// path), or nullopt. Spaces that are plain products of their decisions need not override it.
  virtual std::optional<std::string> objection(Choices choices) const;

  /// The task with the space's published setting in every field that is open. Throws Error(kUsage)
  /// for what the space cannot build: a width, depth, skeleton or auxiliary head that it lacks.
  virtual Task settle(const Task& task) const;

  /// The graph with decisions open, or nullopt where the space has no such description
  /// (NAS-Bench-101).
  virtual std::optional<Blueprint> blueprint(const Task& task) const = 0;
  /// Faithful graph. The default resolves the blueprint (cached by task where that pays).
  virtual ArchGraph build(const Architecture& architecture, const Task& task) const = 0;

  /// Reads the field's own notation. Throws Error(kUsage) naming the position and what was
  /// expected.
  virtual Architecture parse(std::string_view text) const = 0;
  virtual std::string format(const Architecture& architecture) const = 0;
};

/// A space whose architectures have a published order; a second, optional interface (dynamic_cast).
class IndexedSpace {
 public:
  virtual ~IndexedSpace() = default;
  virtual std::uint64_t size() const = 0;
  virtual Architecture at(std::uint64_t index) const = 0;  ///< Throws Error(kUsage) past the end
  virtual std::uint64_t index_of(const Architecture& architecture) const = 0;
};

/// A space with a published notion of isomorphic architectures; optional (dynamic_cast).
class IsomorphismKeys {
 public:
  virtual ~IsomorphismKeys() = default;
  /// Equal for two architectures exactly if the benchmark's authors count them as one.
  virtual std::string isomorphism_key(const Architecture& architecture) const = 0;
};

/// A space in which some choices leave other decisions without effect: those of a block beyond the
/// depth. Optional (dynamic_cast). Valid architectures have the first choice there, so that no two
/// of them are one network.
class ConditionalDecisions {
 public:
  virtual ~ConditionalDecisions() = default;
  /// By decision: has it an effect under these choices?
  virtual std::vector<bool> active(Choices choices) const = 0;
};

/// By decision: has it an effect under these choices? All have, where the space knows of none that
/// lose it (`ConditionalDecisions`, and `ActiveDecisions` of core/api/decision_effects.h).
std::vector<bool> active_decisions(const SearchSpace& space, Choices choices);
/// For people, by decision: the name of its choice, "no effect" where it has none.
std::vector<std::string> chosen_names(const SearchSpace& space, const Architecture& architecture);

/// Gives every decision without effect its first choice; changes nothing where all have one.
void make_canonical(const SearchSpace& space, Architecture& architecture);

/// Uniform over the choices of each decision, made canonical, with rejection of what the space
/// objects to (the published way for NAS-Bench-101). Throws Error(kInternal) after a million
/// rejections.
Architecture sample(const SearchSpace& space, Rng& rng);

/// All valid architectures that differ in exactly one decision (and in those that lose or gain
/// their effect by it), in order of decision, then choice.
std::vector<Architecture> neighbours(const SearchSpace& space, const Architecture& architecture);

/// One uniformly drawn decision changed to another choice, valid; the mutation of evolution.
/// (NATS-Bench draws a node of the cell first, so that its edges are not equally likely; we draw
/// the edge itself.) Throws Error(kUnsupported) when no valid architecture differs in one decision.
Architecture mutate(const SearchSpace& space, const Architecture& architecture, Rng& rng);

/// Number of architectures: exact where indexed, and by enumeration up to 100,000 combinations;
/// else the product of the choices, which `exact` calls an upper bound when one of 1,000 drawn
/// combinations meets an objection.
struct SpaceCount {
  double value = 0;
  std::string digits;  ///< all decimal digits of the number
  bool exact = true;
};
SpaceCount count(const SearchSpace& space);

/// The canonical text (core/api/task.h) of the network that `task` means in this space. Throws as
/// `SearchSpace::settle`.
std::string network_text(const SearchSpace& space, const Task& task);

/// MACs in the convention of the space's published numbers.
std::int64_t published_macs(const SpaceInfo& info, const GraphCost& cost);

/// Throws Error(kUsage): wrong number of choices, a choice out of range, or the space's objection.
void validate(const SearchSpace& space, const Architecture& architecture);

}  // namespace nas
