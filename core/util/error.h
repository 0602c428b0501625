#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace nas {

/// What went wrong, from the user's point of view. `cli/` maps every kind to exit code 2.
enum class ErrorKind {
  kUsage,        ///< a wrong option, name or value given by the user
  kData,         ///< a file or record whose content is not what it should be
  kUnsupported,  ///< understood, but not possible here
  kIo,           ///< the operating system refused: missing file, full disk, no permission
  kNumeric,      ///< NaN or infinity where a finite number is needed
  kInternal,     ///< our own bug (raised by NAS_CHECK)
};

/// The one exception type of Searchlight. The text is one line that says what, where, what was
/// expected and what to do; callers add context with `with_context` when they rethrow.
class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& text) : std::runtime_error(text), kind_(kind) {}

  ErrorKind kind() const noexcept { return kind_; }

  /// The same error with "context: " put before its text.
  Error with_context(std::string_view context) const {
    return Error(kind_, std::string(context) + ": " + what());
  }

 private:
  ErrorKind kind_;
};

[[noreturn]] void check_failed(const char* file, int line, const char* condition,
                               const std::string& detail);

}  // namespace nas

/// States an invariant of ours; on in all builds. User input never trips it.
#define NAS_CHECK(condition, detail)                                 \
  do {                                                               \
    if (!(condition)) {                                              \
      ::nas::check_failed(__FILE__, __LINE__, #condition, (detail)); \
    }                                                                \
  } while (false)
