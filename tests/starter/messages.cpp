#include "tests/starter/messages.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

#include "core/util/error.h"

namespace nas::test {
namespace {

constexpr const char* kClosed = "the other side has closed the socket";

[[noreturn]] void fail(const std::string& reason) {
  throw Error(ErrorKind::kIo, "a message did not pass: " + reason);
}

/// False where the other side has closed the socket before the first byte.
bool read_whole(int socket, char* bytes, std::size_t size) {
  std::size_t done = 0;
  while (done < size) {
    const ssize_t got = recv(socket, bytes + done, size - done, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got == 0 && done == 0) return false;
    if (got == 0) fail(kClosed);
    if (got < 0) fail(std::strerror(errno));
    done += static_cast<std::size_t>(got);
  }
  return true;
}

}  // namespace

void send(int socket, const Message& message) {
  std::string bytes(sizeof(std::uint64_t), '\0');
  for (const std::string& text : message) bytes.append(text.c_str(), text.size() + 1);
  const std::uint64_t size = bytes.size() - sizeof size;
  std::memcpy(bytes.data(), &size, sizeof size);
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t sent = ::send(socket, bytes.data() + done, bytes.size() - done, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) fail(std::strerror(errno));
    done += static_cast<std::size_t>(sent);
  }
}

std::optional<Message> receive_next(int socket) {
  std::uint64_t size = 0;
  if (!read_whole(socket, reinterpret_cast<char*>(&size), sizeof size)) return std::nullopt;
  std::string bytes(size, '\0');
  if (size > 0 && !read_whole(socket, bytes.data(), size)) fail(kClosed);
  Message message;
  for (std::size_t at = 0; at < size; at += message.back().size() + 1) {
    message.emplace_back(bytes.c_str() + at);
  }
  return message;
}

Message receive(int socket) {
  std::optional<Message> message = receive_next(socket);
  if (!message) fail(kClosed);
  return *message;
}

Message start_message(const Start& start) {
  Message message = {"start", std::to_string(start.words.size())};
  message.insert(message.end(), start.words.begin(), start.words.end());
  message.insert(message.end(), start.environment.begin(), start.environment.end());
  return message;
}

Start read_start(const Message& message) {
  const auto words = message.begin() + 2;
  const auto environment = words + std::stol(message.at(1));
  return {.words = {words, environment}, .environment = {environment, message.end()}};
}

}  // namespace nas::test
