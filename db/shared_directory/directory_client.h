#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>

#include "core/api/store.h"
#include "db/shared_directory/directory_service.h"
#include "db/shared_directory/shared_directory.h"

namespace nas {

/// Asks the coordinator of a shared directory through a pair of journals of its own. Used from one
/// thread.
class DirectoryClient {
 public:
  DirectoryClient(std::shared_ptr<SharedDirectory> directory, std::stop_token stop);
  ~DirectoryClient();
  DirectoryClient(const DirectoryClient&) = delete;
  DirectoryClient& operator=(const DirectoryClient&) = delete;

  /// In whose environment trials are judged from now on.
  void judge_in(const Environment& environment);
  struct Answer {
    /// Nothing: this process has the directory now, and must do the call itself.
    std::optional<std::string> result;
    bool again = false;  ///< somebody may have done it already
  };
  /// Waits as long as there is a coordinator; a new one is asked again. Throws what the call
  /// throws, and Error(kIo) when there has been no coordinator for a while.
  Answer ask(std::size_t call, const std::string& arguments);

 private:
  struct Session {
    JournalWriter requests;
    std::optional<JournalReader> replies{};
    std::int64_t generation = 0;  ///< that is asked
    bool knows_environment = false;
  };
  void open_session();
  void close_session() noexcept;
  /// To the coordinator of `generation`.
  void send(const DirectoryLeader& leader, DirectoryRequest request);
  std::optional<DirectoryReply> receive(std::int64_t number);

  std::shared_ptr<SharedDirectory> directory_;
  std::stop_token stop_;
  std::optional<Environment> environment_;
  std::optional<Session> session_;
  DirectoryLeader leader_;
  std::int64_t looked_us_ = 0;
  std::int64_t number_ = 0;
  /// A call that was given up, which somebody may have done.
  std::optional<std::pair<std::size_t, std::string>> in_doubt_;
};

}  // namespace nas
