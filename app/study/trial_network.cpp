#include "app/study/trial_network.h"

#include <algorithm>
#include <array>

#include "core/api/recipe.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

constexpr std::array kRoles = {NetworkRole::kSearch, NetworkRole::kFinal, NetworkRole::kPublished};

std::string name_of(NetworkRole role) {
  switch (role) {
    case NetworkRole::kSearch:
      return "search";
    case NetworkRole::kFinal:
      return "final";
    case NetworkRole::kPublished:
      break;
  }
  return "published";
}

/// A study without data trains nothing: all its networks are the published one.
Task task_of(const SearchSpace& space, const StudyConfig& config, const Task& judged,
             NetworkRole role) {
  if (role == NetworkRole::kPublished || config.data.empty()) return space.info().default_task;
  const bool searched = role == NetworkRole::kSearch;
  return task_for(space, judged, make_recipe(searched ? config.recipe : config.final_recipe));
}

/// "search and final network".
std::string roles_text(const SearchSpace& space, const StudyConfig& config, const Task& judged,
                       const std::string& text) {
  std::vector<std::string> names;
  for (const NetworkRole role : kRoles) {
    if (network_text(space, task_of(space, config, judged, role)) != text) continue;
    // Without data there is no other network to tell it from.
    if (config.data.empty() && role != NetworkRole::kPublished) continue;
    names.push_back(name_of(role));
  }
  if (names.empty()) return "network";
  if (names.size() == 1) return names[0] + " network";
  const std::string last = names.back();
  names.pop_back();
  return join(names, ", ") + " and " + last + " network";
}

/// The first value of a trained network; null: nothing was trained.
const MetricValue* trained_value(const TrialRow& trial) {
  for (const MetricValue& metric : trial.metrics) {
    if (!metric.fidelity.empty() && metric.source == MetricSource::kMeasured) return &metric;
  }
  return nullptr;
}

[[noreturn]] void fail_unknown(const TrialRow& trial) {
  throw Error(ErrorKind::kUsage,
              "trial " + std::to_string(trial.number) +
                  " was stored by a version that did not record which network was judged, and what "
                  "it kept does not tell; --network published shows the space's published network");
}

}  // namespace

NetworkRole parse_network_role(std::string_view text) {
  std::vector<std::string> names;
  for (const NetworkRole role : kRoles) {
    if (text == name_of(role)) return role;
    names.push_back(name_of(role));
  }
  throw Error(ErrorKind::kUsage, unknown_name("network", printable(text), names));
}

ShownNetwork plain_network(const SearchSpace& space, const Task& task) {
  ShownNetwork network{task, network_text(space, task), "", false};
  network.published = network.text == network_text(space, space.info().default_task);
  network.heading = std::string(network.published ? "published network: " : "network: ") +
                    describe_task(network.text);
  return network;
}

ShownNetwork trial_network(const SearchSpace& space, const StudyConfig& config,
                           const TrialRow& trial, std::optional<NetworkRole> role) {
  if (role == NetworkRole::kPublished) return plain_network(space, space.info().default_task);
  if (trial.network.empty()) fail_unknown(trial);
  const Task judged = parse_task_text(trial.network);
  const Task task = role ? task_of(space, config, judged, *role) : judged;
  ShownNetwork network{task, network_text(space, task), "", false};
  network.published = network.text == network_text(space, space.info().default_task);
  network.heading =
      roles_text(space, config, judged, network.text) + ": " + describe_task(network.text);
  return network;
}

std::string trained_network(const TrialRow& trial) {
  const MetricValue* value = trained_value(trial);
  return value == nullptr ? "" : value->network;
}

std::string networks_heading(const StudyData& study) {
  std::string judged, trained, quality;
  bool other = false;  // a value that was not trained is of another network
  for (const TrialRow& trial : study.trials) {
    if (judged.empty()) judged = trial.network;
    other =
        other || std::any_of(trial.metrics.begin(), trial.metrics.end(),
                             [&trial](const MetricValue& metric) {
                               return !metric.network.empty() && metric.network != trial.network;
                             });
    const MetricValue* value = trained.empty() ? trained_value(trial) : nullptr;
    if (value != nullptr) {
      trained = value->network;
      const MetricInfo* info = find_in_catalogue(value->name);
      quality = info == nullptr ? value->name : std::string(info->title);
    }
    if (!judged.empty() && !trained.empty()) break;
  }
  if (judged.empty()) return "";
  if (trained.empty() || trained == judged) {
    return (other ? "network of the study: " : "network: ") + describe_task(judged);
  }
  return "sizes and latency of the final network (" + describe_task(judged) + "), " + quality +
         " of the search network (" + describe_task(trained) + ")";
}

}  // namespace nas
