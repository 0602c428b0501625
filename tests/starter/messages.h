#pragma once

#include <optional>
#include <string>
#include <vector>

namespace nas::test {

// What a test and the starter of its programs say to each other through a stream socket: texts
// without a zero byte. Each question has one answer.
//   question: "start", number of words, words, environment
//   answer:   number of the process
//   question: "reap", number of a process that has ended
//   answer:   its status, as waitpid gives it
using Message = std::vector<std::string>;

/// The starter's end of the socket.
inline constexpr int kStarterSocket = 3;

/// Throw Error(kIo) where the other side is gone.
void send(int socket, const Message& message);
Message receive(int socket);
/// The same, but nothing where the other side has closed the socket.
std::optional<Message> receive_next(int socket);

/// A process that is to be started.
struct Start {
  std::vector<std::string> words;        ///< without the program's name
  std::vector<std::string> environment;  ///< "NAME=value"
};
Message start_message(const Start& start);
Start read_start(const Message& message);

}  // namespace nas::test
