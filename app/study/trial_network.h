#pragma once

#include <optional>
#include <string>

#include "app/study/study_data.h"
#include "core/api/search_space.h"

namespace nas {

/// The networks that one architecture of a study can mean.
enum class NetworkRole : std::uint8_t {
  kSearch,     ///< trained during the search, by the study's recipe
  kFinal,      ///< the winner's, by its final recipe; sizes and latency are judged of it
  kPublished,  ///< the space's own
};
/// "search", "final", "published". Throws Error(kUsage) with near misses.
NetworkRole parse_network_role(std::string_view text);

/// A network with what a heading says of it.
struct ShownNetwork {
  Task task;
  std::string text;     ///< canonical (core/api/task.h)
  std::string heading;  ///< "search and final network: images 3x32x32, 10 classes, width 8"
  bool published = false;
};

/// The network of `task`; its heading names the published one as such.
ShownNetwork plain_network(const SearchSpace& space, const Task& task);

/// The network that a trial was judged as, or another one of its study. Throws Error(kUsage) where
/// the store does not know it (rows of an early version whose data set had no fixed size).
ShownNetwork trial_network(const SearchSpace& space, const StudyConfig& config,
                           const TrialRow& trial, std::optional<NetworkRole> role = std::nullopt);

/// The text of the network that a trial was trained as; "" where nothing was trained, or its
/// network is not known.
std::string trained_network(const TrialRow& trial);

/// What a table of a study's trials says of its sizes, latencies and qualities; "" when no trial
/// has a known network.
std::string networks_heading(const StudyData& study);

}  // namespace nas
