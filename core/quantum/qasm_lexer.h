#pragma once

#include <string>
#include <string_view>

namespace nas {

/// Cuts OpenQASM into words, numbers, strings and marks; comments and blanks fall away.
class QasmLexer {
 public:
  enum class Kind { kWord, kNumber, kString, kMark, kEnd };
  struct Token {
    Kind kind = Kind::kEnd;
    std::string_view
        text;  ///< of a string without its quotes; of a mark "->", "==" or one character
    int line = 1;
  };

  /// Both must outlive the lexer.
  QasmLexer(std::string_view text, std::string_view source);

  const Token& peek() const { return token_; }
  Token next();
  bool at(std::string_view mark) const {
    return token_.kind != Kind::kString && token_.text == mark;
  }
  bool accept(std::string_view mark);         ///< takes it if it is there
  Token expect(std::string_view mark);        ///< throws where it is not
  Token expect(Kind kind, const char* what);  ///< throws where another kind stands
  void skip_past(std::string_view mark);      ///< throws where it never comes

  /// "FILE, line 3: why" as Error(kData), or (kUnsupported).
  [[noreturn]] void fail(int line, const std::string& why) const;
  [[noreturn]] void lack(int line, const std::string& why) const;
  const std::string& source() const { return source_; }

 private:
  void read();
  void skip_blanks();

  std::string_view text_;
  std::string source_;
  std::size_t at_ = 0;
  int line_ = 1;
  Token token_;
};

/// An angle: numbers, pi, tau, euler, + - * / ^ ** and brackets, sin cos tan exp ln sqrt.
double read_qasm_angle(QasmLexer& lexer);

}  // namespace nas
