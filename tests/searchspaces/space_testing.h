#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "core/api/search_space.h"
#include "searchspaces/registry.h"

namespace nas::test {

inline std::unique_ptr<SearchSpace> make_space(std::string_view name,
                                               const OptionMap& options = {}) {
  return find_plugin(space_plugins(), "space", name).make(options);
}

/// The text of the usage error that `action` throws; "" if it throws none.
inline std::string usage_error(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.kind() == ErrorKind::kUsage ? error.what() : "wrong kind";
  }
  return "";
}

/// Calls body(i) for i in [0, count) from two threads, each with a share of neighbouring indices.
/// The body must not use doctest assertions: it writes results by index.
inline void on_two_threads(std::size_t count, const std::function<void(std::size_t)>& body) {
  const auto share = [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) body(i);
  };
  std::thread second(share, count / 2, count);
  share(0, count / 2);
  second.join();
}

class Stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

inline Task task_of(const Shape& input, std::int64_t classes) {
  Task task;
  task.input = input;
  task.classes = classes;
  return task;
}

}  // namespace nas::test
