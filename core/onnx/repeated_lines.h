#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace nas {

/// What a line of a text reads: an output of an earlier line, or an input of the network.
struct TextOperand {
  std::size_t line = 0;
  bool input = false;    ///< of the network; `port` is its number
  std::size_t port = 0;  ///< which output of the line
};

/// Some nodes in a row, and what the first of them reads.
struct TextLine {
  std::string text;
  std::vector<TextOperand> operands{};
  bool chained = false;  ///< reads the line before alone, which nothing else reads
};

/// Lines as a text in which a block of lines that repeats stands once. Each line, and each block,
/// begins with an end of line; a chained line continues behind the one before. A line is "vN:
/// operands text", N its number within its block, where blocks count too; an operand is "vN", "in"
/// for what stands right before the block (or is the network's first input), "in2" for other
/// inputs, "~D" for D lines before, ".P" behind it for an output other than the first. A block that
/// is met first is "#K count {", its lines, "}", and again "#K count". Two blocks are equal if
/// their texts are and they read what stands equally many lines before.
std::string repeated_lines_text(const std::vector<TextLine>& lines);

}  // namespace nas
