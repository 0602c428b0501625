#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace nas {

/// Who has a shared directory.
struct DirectoryLeader {
  enum class State {
    kNobody,  ///< nobody ever had it, or the last one left
    kAlive,
    kGone,    ///< the process has ended, which is known because it was one of this machine
    kSilent,  ///< it was not heard of for the time of its lease; it may only sleep
  };
  State state = State::kNobody;
  std::int64_t generation = 0;  ///< 0: nobody ever had it
  std::string who{};            ///< "host:pid"
  std::int64_t clock_us = 0;    ///< the directory's clock when it was last heard of

  bool free() const { return state != State::kAlive; }
};

/// Looks at who has a directory, again and again: silence is measured by this process's own clock,
/// from when it first saw the same sign of life. Used from one thread.
class DirectoryWatch {
 public:
  explicit DirectoryWatch(std::filesystem::path directory) : directory_(std::move(directory)) {}
  DirectoryLeader look();
  /// Is there a coordinator after this generation? Cheap.
  static bool is_over(const std::filesystem::path& directory, std::int64_t generation);

 private:
  void read_leader(std::int64_t generation);

  std::filesystem::path directory_;
  DirectoryLeader leader_;
  double lease_seconds_ = 0;
  std::string beat_;             ///< as it was last read
  std::int64_t beat_since_ = 0;  ///< boot clock
};

}  // namespace nas
