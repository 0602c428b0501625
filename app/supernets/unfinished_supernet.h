#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "app/session/session.h"
#include "app/supernets/supernet_info.h"

namespace nas {

/// A training of a supernet that has not ended, as a file beside its checkpoint tells.
struct UnfinishedSupernet {
  SupernetInfo info;     ///< without parameters, epochs and values
  std::string command;   ///< `SupernetRequest::command`
  bool running = false;  ///< some process works at it; else it was interrupted
};

/// By name; empty where the store has no folder of supernets.
std::vector<UnfinishedSupernet> unfinished_supernets(const Session& session);

/// That a training is under way, for others to see while it lasts, and afterwards if it is
/// interrupted.
class TrainingMark {
 public:
  /// NAME.HASH.training.json beside `checkpoint`. Throws Error(kIo).
  TrainingMark(const std::filesystem::path& checkpoint, const SupernetInfo& info,
               const std::string& command);
  ~TrainingMark();
  TrainingMark(const TrainingMark&) = delete;
  TrainingMark& operator=(const TrainingMark&) = delete;

  /// There is nothing to continue: it is done, or it failed before it kept anything.
  void remove() noexcept;

 private:
  std::filesystem::path path_;
  int lock_ = -1;  ///< its lock ends with the process, however that ends
};

}  // namespace nas
