#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "core/api/store.h"
#include "db/shared_directory/directory_owner.h"
#include "db/shared_directory/journal.h"

namespace nas {

/// A call as it stands in the journal of a process.
struct DirectoryRequest {
  std::int64_t generation = 0;  ///< of the coordinator that is asked; others pass it over
  std::int64_t number = 0;      ///< counts the calls of the journal
  bool again = false;  ///< a former coordinator may have answered it, and the answer was lost
  std::size_t call = 0;
  std::uint64_t layout = 0;  ///< `calls_layout` of who asks
  std::string arguments;

  std::string bytes() const;
  static DirectoryRequest read(std::string_view bytes);
};

struct DirectoryReply {
  std::int64_t number = 0;
  std::optional<ErrorKind> error;
  std::string result;  ///< or the text of the error

  std::string bytes() const;
  static DirectoryReply read(std::string_view bytes);
};

/// Of a program; those of others are not understood.
std::uint64_t calls_layout();
/// `TypedQuery::typed_query`, which has a form of its own.
std::size_t typed_query_call();

/// Answers the calls in the journals of all other processes, one after the other, on a thread of
/// its own.
class DirectoryService {
 public:
  using OpenStore = std::function<std::unique_ptr<Store>()>;
  DirectoryService(std::filesystem::path directory, std::int64_t generation,
                   std::shared_ptr<DirectoryBeat> beat, OpenStore open);
  ~DirectoryService();  ///< what was asked until now is answered
  DirectoryService(const DirectoryService&) = delete;
  DirectoryService& operator=(const DirectoryService&) = delete;

 private:
  struct Client {
    JournalReader requests;
    std::optional<JournalWriter> replies;
    std::optional<Environment> environment;  ///< of `WorkerRegistry::judge_in`
    std::int64_t heard_us = 0;
  };
  void run();
  void find_clients();
  bool sweep();
  void answer(const std::filesystem::path& requests, Client& client,
              const DirectoryRequest& request);
  void send(const std::filesystem::path& requests, Client& client, const DirectoryReply& reply);
  Store& store_for(const std::optional<Environment>& environment);

  const std::filesystem::path directory_;
  const std::int64_t generation_;
  const Sharing sharing_;
  const std::shared_ptr<DirectoryBeat> beat_;
  const OpenStore open_;
  std::map<std::filesystem::path, Client> clients_;       ///< by their requests
  std::map<std::string, std::unique_ptr<Store>> stores_;  ///< by environment
  std::atomic<bool> ending_ = false;
  std::thread thread_;
};

}  // namespace nas
