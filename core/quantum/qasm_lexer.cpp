#include "core/quantum/qasm_lexer.h"

#include <cctype>
#include <cmath>
#include <numbers>

#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

constexpr int kDeepest = 64;  // brackets and signs within an expression

bool is_letter(char c) {
  // Greek letters of OpenQASM 3 are bytes above 127.
  return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_' || (c & 0x80) != 0;
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

class AngleReader {
 public:
  explicit AngleReader(QasmLexer& lexer) : lexer_(lexer) {}

  double sum(int depth = 0) {
    double value = term(depth);
    for (;;) {
      if (lexer_.accept("+")) {
        value += term(depth);
      } else if (lexer_.accept("-")) {
        value -= term(depth);
      } else {
        return value;
      }
    }
  }

 private:
  double term(int depth) {
    double value = signed_factor(depth);
    for (;;) {
      if (lexer_.accept("*")) {
        value *= signed_factor(depth);
      } else if (lexer_.accept("/")) {
        value /= signed_factor(depth);
      } else {
        return value;
      }
    }
  }

  // A sign binds less than a power: -2^2 = -4.
  double signed_factor(int depth) {
    check(depth);
    if (lexer_.accept("-")) return -signed_factor(depth + 1);
    if (lexer_.accept("+")) return signed_factor(depth + 1);
    const double base = factor(depth);
    if (lexer_.accept("^") || lexer_.accept("**")) return std::pow(base, signed_factor(depth + 1));
    return base;
  }

  double factor(int depth) {
    if (lexer_.accept("(")) {
      const double value = sum(depth + 1);
      lexer_.expect(")");
      return value;
    }
    const QasmLexer::Token token = lexer_.next();
    if (token.kind == QasmLexer::Kind::kNumber) {
      const auto value = parse_double(token.text);
      if (!value) lexer_.fail(token.line, "'" + printable(token.text) + "' is not a number");
      return *value;
    }
    if (token.kind == QasmLexer::Kind::kWord) {
      const std::string name = to_lower(token.text);
      if (name == "pi" || name == "π") return std::numbers::pi;
      if (name == "tau" || name == "τ") return 2 * std::numbers::pi;
      if (name == "euler" || name == "ℇ") return std::numbers::e;
      if (lexer_.at("(")) return call(token, name, depth);
      lexer_.lack(token.line,
                  "'" + printable(token.text) +
                      "' is not an angle: numbers, pi, tau and functions of them are read, "
                      "variables and parameters are not");
    }
    lexer_.fail(token.line, "expected an angle, got '" + printable(token.text) + "'");
  }

  double call(const QasmLexer::Token& token, const std::string& name, int depth) {
    lexer_.expect("(");
    const double x = sum(depth + 1);
    lexer_.expect(")");
    if (name == "sin") return std::sin(x);
    if (name == "cos") return std::cos(x);
    if (name == "tan") return std::tan(x);
    if (name == "exp") return std::exp(x);
    if (name == "ln" || name == "log") return std::log(x);
    if (name == "sqrt") return std::sqrt(x);
    lexer_.lack(token.line, "there is no function '" + printable(token.text) + "'");
  }

  void check(int depth) const {
    if (depth > kDeepest) {
      lexer_.lack(lexer_.peek().line,
                  "the angle nests deeper than " + std::to_string(kDeepest) + " levels");
    }
  }

  QasmLexer& lexer_;
};

}  // namespace

QasmLexer::QasmLexer(std::string_view text, std::string_view source)
    : text_(text), source_(source) {
  read();
}

void QasmLexer::skip_blanks() {
  while (at_ < text_.size()) {
    const std::string_view rest = text_.substr(at_);
    if (rest.starts_with("//")) {
      at_ = std::min(text_.size(), text_.find('\n', at_));
    } else if (rest.starts_with("/*")) {
      const std::size_t end = text_.find("*/", at_ + 2);
      if (end == std::string_view::npos) fail(line_, "the comment /* is never closed");
      for (; at_ < end + 2; ++at_) line_ += text_[at_] == '\n' ? 1 : 0;
    } else if (std::isspace(static_cast<unsigned char>(rest[0])) != 0) {
      line_ += rest[0] == '\n' ? 1 : 0;
      ++at_;
    } else {
      return;
    }
  }
}

void QasmLexer::read() {
  skip_blanks();
  token_ = {Kind::kEnd, "the end of the file", line_};
  if (at_ >= text_.size()) return;
  const std::size_t begin = at_;
  const char first = text_[at_];
  const auto more = [&](auto wanted) {
    while (at_ < text_.size() && wanted(text_[at_])) ++at_;
  };
  if (is_letter(first)) {
    more([](char c) { return is_letter(c) || is_digit(c); });
    token_ = {Kind::kWord, text_.substr(begin, at_ - begin), line_};
  } else if (is_digit(first) ||
             (first == '.' && at_ + 1 < text_.size() && is_digit(text_[at_ + 1]))) {
    const auto number = [](char c) { return is_digit(c) || c == '.'; };
    more(number);
    if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
      ++at_;
      if (at_ < text_.size() && (text_[at_] == '+' || text_[at_] == '-')) ++at_;
      more(is_digit);
    }
    token_ = {Kind::kNumber, text_.substr(begin, at_ - begin), line_};
  } else if (first == '"' || first == '\'') {
    const std::size_t end = text_.find(first, begin + 1);
    if (end == std::string_view::npos ||
        text_.substr(begin, end - begin).find('\n') != std::string_view::npos) {
      fail(line_, "the text in quotes is never closed");
    }
    token_ = {Kind::kString, text_.substr(begin + 1, end - begin - 1), line_};
    at_ = end + 1;
  } else {
    const std::string_view two = text_.substr(at_, 2);
    at_ += two == "->" || two == "==" || two == "**" ? 2 : 1;
    token_ = {Kind::kMark, text_.substr(begin, at_ - begin), line_};
  }
}

QasmLexer::Token QasmLexer::next() {
  const Token token = token_;
  if (token.kind != Kind::kEnd) read();
  return token;
}

bool QasmLexer::accept(std::string_view mark) {
  if (!at(mark)) return false;
  next();
  return true;
}

QasmLexer::Token QasmLexer::expect(std::string_view mark) {
  if (!at(mark)) {
    fail(token_.line, "expected '" + std::string(mark) + "', got " +
                          (token_.kind == Kind::kEnd ? std::string(token_.text)
                                                     : "'" + printable(token_.text) + "'"));
  }
  return next();
}

QasmLexer::Token QasmLexer::expect(Kind kind, const char* what) {
  if (token_.kind != kind) {
    fail(token_.line, std::string("expected ") + what + ", got " +
                          (token_.kind == Kind::kEnd ? std::string(token_.text)
                                                     : "'" + printable(token_.text) + "'"));
  }
  return next();
}

void QasmLexer::skip_past(std::string_view mark) {
  while (!accept(mark)) {
    if (token_.kind == Kind::kEnd) expect(mark);
    next();
  }
}

void QasmLexer::fail(int line, const std::string& why) const {
  throw Error(ErrorKind::kData, source_ + ", line " + std::to_string(line) + ": " + why);
}

void QasmLexer::lack(int line, const std::string& why) const {
  throw Error(ErrorKind::kUnsupported, source_ + ", line " + std::to_string(line) + ": " + why);
}

double read_qasm_angle(QasmLexer& lexer) {
  return AngleReader(lexer).sum();
}

}  // namespace nas
