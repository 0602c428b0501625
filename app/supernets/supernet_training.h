#pragma once

#include <string>
#include <vector>

#include "app/session/session.h"
#include "app/supernets/supernet_store.h"
#include "core/api/recipe.h"
#include "core/runtime/supernet/stages.h"
#include "core/runtime/supernet/supernet_trainer.h"
#include "core/runtime/trainer.h"

namespace nas {

struct SupernetRequest {
  std::string name;
  PluginChoice space;
  std::string data;
  Recipe recipe;
  StageSchedule schedule = StageSchedule::kSingle;
  PathSampling sampling = PathSampling::kUniform;
  std::int64_t paths = 1;
  double teacher_weight = 0;         ///< of what `from` says in its largest subnet
  std::int64_t probes = 4;           ///< subnets that are judged after every epoch
  std::vector<std::string> choices;  ///< "DECISION=a,b": '*' stands for any text of a decision
  std::string from;                  ///< start with the weights of this supernet; "" = drawn ones
  bool replace = false;              ///< a supernet of this name and other settings
  int threads = 1;                   ///< intra-op
  std::string command;  ///< that asks for this, for people who find it interrupted; "" = unknown
};

struct SupernetOutcome {
  StoredSupernet supernet;  ///< unless stopped
  TrainReport report;
  bool known = false;  ///< it was there, of equal settings: nothing was trained
};

/// Trains a supernet and stores it. The same call continues one that was stopped or killed, to the
/// same weights, from a checkpoint beside the file. Throws Error(kUsage) for a name that has other
/// settings and for choices that the space lacks, Error(kUnsupported) as `check_has_supernet`,
/// Error(kNumeric) where the loss is not finite; nothing is stored then.
SupernetOutcome train_supernet(Session& session, const SupernetRequest& request);

/// By decision the choices that are named, all where none are. Throws Error(kUsage) with near
/// misses.
std::vector<std::vector<std::uint16_t>> parse_choices(const SearchSpace& space,
                                                      const std::vector<std::string>& texts);

}  // namespace nas
