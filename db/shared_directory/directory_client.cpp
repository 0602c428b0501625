#include "db/shared_directory/directory_client.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <system_error>
#include <thread>
#include <utility>

#include "core/util/error.h"
#include "core/util/process.h"
#include "core/util/text.h"
#include "db/shared_directory/directory_files.h"
#include "db/shared_directory/store_calls.h"

namespace nas {

namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kLookUs = 20'000;           // between two looks at who answers
constexpr std::int64_t kPatienceUs = 5'000'000;    // without a coordinator
constexpr std::int64_t kLongestJournal = 8 << 20;  // then a new one is begun

Error nobody_answers(const std::filesystem::path& directory, const DirectoryLeader& leader) {
  const std::string last = leader.who.empty() ? "" : "; the last one was " + printable(leader.who);
  return Error(ErrorKind::kIo, "shared directory '" + printable(directory.native()) +
                                   "': no coordinator answers" + last +
                                   "; start one with nasctl search run --queue");
}

}  // namespace

DirectoryClient::DirectoryClient(std::shared_ptr<SharedDirectory> directory, std::stop_token stop)
    : directory_(std::move(directory)), stop_(std::move(stop)) {}

DirectoryClient::~DirectoryClient() {
  close_session();
}

void DirectoryClient::judge_in(const Environment& environment) {
  environment_ = environment;
  if (session_) session_->knows_environment = false;
}

void DirectoryClient::open_session() {
  static std::atomic<int> opened = 0;
  const std::filesystem::path journals = journal_directory(directory_->path());
  std::error_code error;
  std::filesystem::create_directory(journals, error);
  std::string name = process_name();
  std::replace(name.begin(), name.end(), ':', '.');
  std::replace(name.begin(), name.end(), '/', '_');
  session_.reset();
  while (!session_) {
    // A number may be taken by a process of an earlier start of this machine.
    const auto path =
        journals / (name + "." + std::to_string(++opened) + std::string(kRequestsSuffix));
    if (auto writer = JournalWriter::create(path, directory_->sharing())) {
      session_.emplace(Session{.requests = *std::move(writer)});
    }
  }
}

void DirectoryClient::close_session() noexcept {
  // The coordinator removes its answers when it sees that nobody asks any more.
  if (session_) ::unlink(session_->requests.path().c_str());
  session_.reset();
}

void DirectoryClient::send(const DirectoryLeader& leader, DirectoryRequest request) {
  if (session_ && ::access(session_->requests.path().c_str(), F_OK) != 0) session_.reset();
  if (!session_) open_session();
  if (session_->generation != leader.generation) {
    session_->generation = leader.generation;
    session_->replies.emplace(replies_file(session_->requests.path(), leader.generation),
                              directory_->sharing());
    session_->knows_environment = false;
  }
  request.generation = leader.generation;
  request.layout = calls_layout();
  if (environment_ && !session_->knows_environment) {
    DirectoryRequest first = request;
    first.number = 0;
    first.call = StoreCalls::index<&WorkerRegistry::judge_in>();
    first.arguments = call_bytes<&WorkerRegistry::judge_in>(*environment_);
    session_->requests.append(first.bytes());
    session_->knows_environment = true;
  }
  session_->requests.append(request.bytes());
}

std::optional<DirectoryReply> DirectoryClient::receive(std::int64_t number) {
  while (const std::optional<std::string> record = session_->replies->next()) {
    DirectoryReply reply = DirectoryReply::read(*record);
    if (reply.number == number) return reply;
  }
  return std::nullopt;
}

DirectoryClient::Answer DirectoryClient::ask(std::size_t call, const std::string& arguments) {
  DirectoryRequest request{.number = ++number_, .call = call, .arguments = arguments};
  request.again = in_doubt_ && *in_doubt_ == std::pair(call, arguments);
  in_doubt_.reset();
  bool sent = false;
  std::int64_t asked = 0;  // the generation
  std::int64_t free_since = boot_clock_us();
  auto pause = 50us;
  while (true) {
    const std::int64_t now = boot_clock_us();
    if (now - looked_us_ > kLookUs || leader_.free()) {
      leader_ = directory_->look();
      looked_us_ = now;
    }
    if (directory_->owner()) {
      close_session();
      return {.result = {}, .again = request.again || sent};
    }
    if (!leader_.free()) free_since = now;
    const bool moved = sent && ::access(session_->requests.path().c_str(), F_OK) != 0;
    if (!leader_.free() && (leader_.generation > asked || moved)) {
      request.again = request.again || sent;
      if (sent) in_doubt_ = {call, arguments};
      send(leader_, request);
      in_doubt_.reset();
      sent = true;
      asked = leader_.generation;
    }
    if (sent) {
      const std::optional<DirectoryReply> reply = receive(request.number);
      // A coordinator that was replaced has not stored what it says.
      if (reply && !DirectoryWatch::is_over(directory_->path(), asked)) {
        const std::int64_t bytes = std::max(session_->requests.bytes(), session_->replies->bytes());
        if (bytes > kLongestJournal) close_session();
        if (reply->error) throw Error(*reply->error, reply->result);
        return {.result = reply->result};
      }
      if (reply) looked_us_ = 0;
    }
    const bool impatient = stop_.stop_requested() || now - free_since > kPatienceUs;
    if (leader_.free() && impatient) {
      if (sent || request.again) in_doubt_ = {call, arguments};
      throw nobody_answers(directory_->path(), leader_);
    }
    std::this_thread::sleep_for(pause);
    pause = std::min<std::chrono::microseconds>(pause * 2, 2ms);
  }
}

}  // namespace nas
