#include "core/onnx/repeated_lines.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace nas {
namespace {

constexpr std::size_t kLongest = 64;  // units of a block

/// A line, or a block of units that stands `count` times in a row.
struct Unit {
  std::size_t key = 0;  ///< equal for equal text that reads equally far back
  std::size_t begin = 0, lines = 1;
  std::size_t reach = 0;     ///< lines before `begin` that it reads from, at most
  std::size_t count = 0;     ///< 0: a line
  std::size_t body = 0;      ///< of a block: equal for equal repetitions
  std::vector<Unit> once{};  ///< of a block: the first repetition
};

/// A number for each different text.
class Keys {
 public:
  std::size_t of(const std::string& text) {
    return numbers_.try_emplace(text, numbers_.size()).first->second;
  }
  std::size_t of(const std::vector<Unit>& units, std::size_t begin, std::size_t end) {
    std::string text = "{";
    for (std::size_t i = begin; i < end; ++i) text += std::to_string(units[i].key) + " ";
    return of(text);
  }

 private:
  std::map<std::string, std::size_t> numbers_;
};

Unit line_unit(const TextLine& line, std::size_t at, Keys& keys) {
  std::string key;
  std::size_t reach = 0;
  for (const TextOperand& operand : line.operands) {
    const std::size_t back = operand.input ? 0 : at - operand.line;
    reach = std::max(reach, back);
    key += std::to_string(back) + "." + std::to_string(operand.port) + " ";
  }
  return {.key = keys.of(key + line.text), .begin = at, .reach = reach};
}

using Units = std::vector<Unit>;

bool same(const Units& units, std::size_t a, std::size_t b, std::size_t length) {
  for (std::size_t i = 0; i < length; ++i) {
    if (units[a + i].key != units[b + i].key) return false;
  }
  return true;
}

/// `period` units from `at` on that stand `times` times in a row.
struct Repeat {
  std::size_t at = 0, period = 0, times = 1;
};

std::size_t times_of(const Units& units, const Repeat& first, std::size_t from) {
  std::size_t times = 0;
  for (std::size_t next = from; next + first.period <= units.size(); next += first.period) {
    if (!same(units, first.at, next, first.period)) break;
    ++times;
  }
  return times;
}

/// How far before the block its units read.
std::size_t reach_of(const Units& units, std::size_t begin, std::size_t end) {
  std::size_t reach = 0;
  for (std::size_t i = begin; i < end; ++i) {
    const std::size_t inside = units[i].begin - units[begin].begin;
    if (units[i].reach > inside) reach = std::max(reach, units[i].reach - inside);
  }
  return reach;
}

/// The best block to write once: one that reads nothing but the line before it, then what repeats
/// most often (the innermost), then the longest. A period of 0: nothing is worth it.
Repeat best_repeat(const Units& units) {
  constexpr std::size_t kLeastSaved = 2;
  Repeat best;
  std::tuple<bool, std::size_t, std::size_t> most{};
  for (std::size_t at = 0; at < units.size(); ++at) {
    for (std::size_t period = 1; period <= kLongest && at + 2 * period <= units.size(); ++period) {
      if (units[at].key != units[at + period].key) continue;
      const Repeat repeat{at, period, times_of(units, {at, period, 1}, at)};
      if (repeat.times < 2 || (repeat.times - 1) * period < kLeastSaved) continue;
      const std::tuple rank(reach_of(units, at, at + period) <= 1, repeat.times, period);
      if (rank <= most) continue;
      most = rank;
      best = repeat;
    }
  }
  return best;
}

/// Makes blocks of the repeated units, wherever they stand.
void fold(Units& units, const Repeat& repeat, Keys& keys) {
  const std::size_t body = keys.of(units, repeat.at, repeat.at + repeat.period);
  const std::size_t reach = reach_of(units, repeat.at, repeat.at + repeat.period);
  Units folded;
  for (std::size_t at = 0; at < units.size();) {
    const std::size_t times = times_of(units, repeat, at);
    if (times == 0 || times * repeat.period == 1) {
      folded.push_back(units[at++]);
      continue;
    }
    const std::size_t end = at + times * repeat.period;
    Unit block{.key = keys.of(std::to_string(times) + "x" + std::to_string(body)),
               .begin = units[at].begin,
               .lines = units[end - 1].begin + units[end - 1].lines - units[at].begin,
               .reach = reach,
               .count = times,
               .body = body};
    block.once.assign(units.begin() + static_cast<std::ptrdiff_t>(at),
                      units.begin() + static_cast<std::ptrdiff_t>(at + repeat.period));
    folded.push_back(std::move(block));
    at = end;
  }
  units = std::move(folded);
}

class Printer {
 public:
  explicit Printer(const std::vector<TextLine>& lines) : lines_(lines) {}

  void print(const Units& units) {
    const std::size_t begin = units.empty() ? 0 : units.front().begin;
    Numbers numbers;
    std::size_t number = 0;
    for (std::size_t i = 0; i < units.size(); ++i) {
      const Unit& unit = units[i];
      const TextLine& line = lines_[unit.begin];
      const bool goes_on = i > 0 && unit.count == 0 && units[i - 1].count == 0 && line.chained;
      if (!goes_on) ++number;
      if (unit.count > 0) {
        print_block(unit);
      } else {
        if (!goes_on) begin_line(line, number, unit.begin, begin, numbers);
        text_ += " " + line.text;
      }
      numbers[unit.begin + unit.lines - 1] = number;
    }
  }
  std::string take() { return std::move(text_); }

 private:
  using Numbers = std::map<std::size_t, std::size_t>;  ///< by last line

  void begin_line(const TextLine& line, std::size_t number, std::size_t at, std::size_t begin,
                  const Numbers& numbers) {
    text_ += "\nv" + std::to_string(number) + ":";
    for (const TextOperand& operand : line.operands) {
      text_ += " " + name(operand, at, begin, numbers);
    }
  }

  void print_block(const Unit& unit) {
    const auto [place, fresh] = known_.try_emplace(unit.body, known_.size() + 1);
    text_ += "\n#" + std::to_string(place->second) + " " + std::to_string(unit.count);
    if (!fresh) return;
    text_ += " {";
    print(unit.once);
    text_ += "\n}";
  }

  static std::string name(const TextOperand& operand, std::size_t line, std::size_t begin,
                          const Numbers& numbers) {
    if (operand.input) return operand.port == 0 ? "in" : "in" + std::to_string(operand.port + 1);
    const std::string port = operand.port == 0 ? "" : "." + std::to_string(operand.port);
    const auto found = numbers.find(operand.line);
    if (found != numbers.end()) return "v" + std::to_string(found->second) + port;
    if (operand.line + 1 == begin) return "in" + port;
    return "~" + std::to_string(line - operand.line) + port;
  }

  const std::vector<TextLine>& lines_;
  std::map<std::size_t, std::size_t> known_;  ///< numbers of blocks, by body
  std::string text_;
};

}  // namespace

std::string repeated_lines_text(const std::vector<TextLine>& lines) {
  Keys keys;
  Units units;
  for (std::size_t i = 0; i < lines.size(); ++i) units.push_back(line_unit(lines[i], i, keys));
  for (;;) {
    const Repeat repeat = best_repeat(units);
    if (repeat.period == 0) break;
    fold(units, repeat, keys);
  }
  Printer printer(lines);
  printer.print(units);
  return printer.take();
}

}  // namespace nas
