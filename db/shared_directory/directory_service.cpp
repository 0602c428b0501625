#include "db/shared_directory/directory_service.h"

#include <algorithm>
#include <chrono>
#include <set>
#include <system_error>
#include <utility>

#include "core/util/process.h"
#include "core/util/text.h"
#include "db/shared_directory/directory_files.h"
#include "db/shared_directory/repeated_calls.h"
#include "db/shared_directory/store_calls.h"

namespace nas {

namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr std::int64_t kLookUs = 50'000;                     // for new journals
constexpr std::int64_t kLingerUs = 1'200'000;                // so that those who poll hear the end
constexpr std::int64_t kForgottenUs = 24 * 3'600'000'000LL;  // a journal that nobody writes

std::string environment_key(const std::optional<Environment>& environment) {
  std::string key;
  put(key, environment);
  return key;
}

std::string run_typed_query(Store& store, std::string_view bytes) {
  WireReader in(bytes);
  const auto sql = get<std::string>(in);
  const auto limit = get<std::int64_t>(in);
  NumberFlags numbers;
  std::string result;
  put(result, dynamic_cast<TypedQuery&>(store).typed_query(sql, limit, numbers));
  put(result, numbers);
  return result;
}

/// "node7:12" of ".../node7.12.3.requests".
std::string process_of(const fs::path& requests) {
  std::string name = requests.stem().native();
  name = name.substr(0, name.rfind('.'));
  const std::size_t dot = name.rfind('.');
  return dot == std::string::npos ? "" : name.substr(0, dot) + ":" + name.substr(dot + 1);
}

}  // namespace

std::uint64_t calls_layout() {
  static const std::uint64_t layout = [] {
    std::uint64_t hash = 14695981039346656037ULL;  // FNV-1a
    for (const char letter : StoreCalls::layout()) {
      hash = (hash ^ static_cast<unsigned char>(letter)) * 1099511628211ULL;
    }
    return hash;
  }();
  return layout;
}

std::size_t typed_query_call() {
  return StoreCalls::kCount;
}

std::string DirectoryRequest::bytes() const {
  std::string out;
  put(out, generation);
  put(out, number);
  put(out, again);
  put_word(out, call);
  put_word(out, layout);
  out += arguments;
  return out;
}

DirectoryRequest DirectoryRequest::read(std::string_view bytes) {
  WireReader in(bytes);
  DirectoryRequest request;
  request.generation = get<std::int64_t>(in);
  request.number = get<std::int64_t>(in);
  request.again = get<bool>(in);
  request.call = static_cast<std::size_t>(get_word(in));
  request.layout = get_word(in);
  request.arguments = in.bytes(in.left());
  return request;
}

std::string DirectoryReply::bytes() const {
  std::string out;
  put(out, number);
  put(out, error);
  return out + result;
}

DirectoryReply DirectoryReply::read(std::string_view bytes) {
  WireReader in(bytes);
  DirectoryReply reply;
  reply.number = get<std::int64_t>(in);
  reply.error = get<std::optional<ErrorKind>>(in);
  reply.result = in.bytes(in.left());
  return reply;
}

DirectoryService::DirectoryService(fs::path directory, std::int64_t generation,
                                   std::shared_ptr<DirectoryBeat> beat, OpenStore open)
    : directory_(std::move(directory)),
      generation_(generation),
      sharing_(sharing_of(directory_)),
      beat_(std::move(beat)),
      open_(std::move(open)) {
  std::error_code error;
  const fs::path journals = journal_directory(directory_);
  fs::create_directory(journals, error);
  if (error) {
    throw Error(ErrorKind::kIo,
                "'" + printable(journals.native()) + "' cannot be made: " + error.message());
  }
  // Answers of former coordinators: who waited for one asks again.
  for (fs::directory_iterator entry(journals, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().native().find(".replies.") != std::string::npos) {
      std::error_code ignored;
      fs::remove(entry->path(), ignored);
    }
  }
  thread_ = std::thread([this] { run(); });
}

DirectoryService::~DirectoryService() {
  ending_ = true;
  thread_.join();
}

void DirectoryService::run() {
  auto pause = 200us;
  const std::chrono::microseconds longest = sharing_.flush ? 20ms : 5ms;
  std::int64_t looked = 0;
  std::int64_t end = 0;
  try {
    while (true) {
      if (ending_ && end == 0) end = boot_clock_us() + (beat_->lost() ? 0 : kLingerUs);
      const bool last = end != 0 && (boot_clock_us() >= end || clients_.empty());
      if (last || boot_clock_us() - looked > kLookUs) {
        find_clients();
        looked = boot_clock_us();
      }
      const bool found = sweep();
      if (last) return;
      pause = found ? 200us : std::min<std::chrono::microseconds>(pause * 2, longest);
      std::this_thread::sleep_for(pause);
    }
  } catch (const Error&) {
    // Another process has the directory; who waits for an answer asks that one.
  }
}

void DirectoryService::find_clients() {
  std::set<fs::path> found;
  std::error_code error;
  for (fs::directory_iterator entry(journal_directory(directory_), error), end;
       !error && entry != end; entry.increment(error)) {
    if (entry->path().native().ends_with(kRequestsSuffix)) found.insert(entry->path());
  }
  const std::int64_t now = boot_clock_us();
  for (const fs::path& path : found) {
    if (!clients_.contains(path)) {
      clients_.emplace(path, Client{JournalReader(path, sharing_), {}, {}, now});
    }
  }
  std::erase_if(clients_, [&](const auto& one) {
    const auto& [path, client] = one;
    const bool forgotten = now - client.heard_us > kForgottenUs ||
                           find_process(process_of(path)) == ProcessState::kGone;
    if (found.contains(path) && !forgotten) return false;
    std::error_code ignored;
    fs::remove(path, ignored);
    fs::remove(replies_file(path, generation_), ignored);
    return true;
  });
}

bool DirectoryService::sweep() {
  bool found = false;
  for (auto& [path, client] : clients_) {
    while (const std::optional<std::string> record = client.requests.next()) {
      client.heard_us = boot_clock_us();
      const DirectoryRequest request = DirectoryRequest::read(*record);
      if (request.generation != generation_) continue;
      found = true;
      answer(path, client, request);
    }
  }
  return found;
}

void DirectoryService::answer(const fs::path& requests, Client& client,
                              const DirectoryRequest& request) {
  DirectoryReply reply{.number = request.number, .error = {}, .result = {}};
  try {
    if (request.layout != calls_layout()) {
      throw Error(ErrorKind::kUnsupported,
                  "the coordinator of shared directory '" + printable(directory_.native()) +
                      "' is another version of this program; run the same on all machines");
    }
    if (request.call == StoreCalls::index<&WorkerRegistry::judge_in>()) {
      WireReader in(request.arguments);
      client.environment = get<Environment>(in);
    } else {
      Store& store = store_for(client.environment);
      if (request.call == typed_query_call()) {
        reply.result = run_typed_query(store, request.arguments);
      } else {
        reply.result = request.again ? repeat_call(store, request.call, request.arguments)
                                     : StoreCalls::run(store, request.call, request.arguments);
      }
    }
  } catch (const Error& error) {
    if (beat_->lost()) throw;
    reply.error = error.kind();
    reply.result = error.what();
  } catch (const std::exception& error) {
    reply.error = ErrorKind::kInternal;
    reply.result = error.what();
  }
  send(requests, client, reply);
}

void DirectoryService::send(const fs::path& requests, Client& client, const DirectoryReply& reply) {
  while (true) {
    try {
      if (!client.replies) {
        client.replies = JournalWriter::create(replies_file(requests, generation_), sharing_);
        NAS_CHECK(client.replies, "one process writes the answers of a generation");
      }
      return client.replies->append(reply.bytes());
    } catch (const Error&) {
      // A full disk: the call is done, and who asked waits for its answer.
      if (beat_->lost() || ending_) throw;
    }
    std::this_thread::sleep_for(1s);
  }
}

Store& DirectoryService::store_for(const std::optional<Environment>& environment) {
  std::unique_ptr<Store>& slot = stores_[environment_key(environment)];
  if (!slot) {
    slot = open_();
    if (environment) worker_registry(*slot).judge_in(*environment);
  }
  return *slot;
}

}  // namespace nas
