#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nas {

/// A value as Python prints it, or JSON. Lists, tuples, sets and arrays are one kind, numpy's
/// arrays without commas too; `range(2, 6)`, `array(...)`, `np.int64(3)`, `OrderedDict(...)` are
/// what they hold. Names without quotes are texts.
struct PythonLiteral {
  enum class Kind : std::uint8_t { kNone, kNumber, kText, kList, kDict, kCall };
  Kind kind = Kind::kNone;
  double number = 0;                 ///< True is 1
  std::string text;                  ///< of a text; the name of a call: "Genotype"
  std::vector<PythonLiteral> items;  ///< of a list; the arguments of a call that have no name
  /// Of a dictionary; the named arguments of a call.
  std::vector<std::pair<std::string, PythonLiteral>> members;
  std::size_t position = 0;  ///< in the text, from 0

  bool is_list() const { return kind == Kind::kList; }
  bool is_text() const { return kind == Kind::kText; }
  bool is_number() const { return kind == Kind::kNumber; }
  /// The first member that has one of these names, in any case; nullptr.
  const PythonLiteral* member(std::span<const std::string_view> names) const;
  const PythonLiteral* member(std::string_view name) const { return member({&name, 1}); }
};

/// A text of one literal, also `NAME = literal`; `a=..., b=...` is a dictionary, and several
/// literals with commas or blanks between them are a list.
class PythonText {
 public:
  /// Both views must outlive it. Throws Error(kUsage) as `NotationReader` does.
  PythonText(std::string_view space, std::string_view text);

  const PythonLiteral& root() const { return root_; }
  /// Throws Error(kUsage): what was expected at the place of a literal.
  [[noreturn]] void fail(const PythonLiteral& at, std::string_view expected) const;
  /// The same with a reason of its own.
  [[noreturn]] void refuse(const PythonLiteral& at, const std::string& reason) const;

  /// All whole numbers of a literal, however it nests; those of the text "5-7-5" too.
  std::vector<std::int64_t> whole_numbers(const PythonLiteral& literal) const;
  /// A whole number in [low, high]; `what` names it in the error.
  std::int64_t whole_number(const PythonLiteral& literal, std::string_view what, std::int64_t low,
                            std::int64_t high) const;

 private:
  void add_numbers(const PythonLiteral& literal, std::vector<std::int64_t>& numbers) const;

  std::string_view space_;
  std::string_view text_;
  PythonLiteral root_;
};

/// What a text seems to be, from its first characters and from whether names are in it.
enum class PythonShape : std::uint8_t { kOther, kNumbers, kNames, kDict, kCall };
PythonShape python_shape(std::string_view text);

}  // namespace nas
