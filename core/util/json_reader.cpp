#include "core/util/json_reader.h"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <nlohmann/json.hpp>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kDeepest = 64;
constexpr std::size_t kMostKeys = 10000;
constexpr std::size_t kFewKeys = 16;  // compared one by one

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::string twice(std::string_view key, const TextPlace& first) {
  return "the key '" + printable(key.substr(0, 80)) + "' is given twice, first in " +
         to_string(first);
}

}  // namespace

/// Counts the open brackets.
class JsonReader::Depth {
 public:
  explicit Depth(JsonReader& reader) : reader_(reader) {
    if (++reader_.depth_ > kDeepest) {
      reader_.fail("JSON nested deeper than " + std::to_string(kDeepest));
    }
  }
  ~Depth() { --reader_.depth_; }
  Depth(const Depth&) = delete;
  Depth& operator=(const Depth&) = delete;

 private:
  JsonReader& reader_;
};

JsonReader::JsonReader(std::string_view text, std::string_view source)
    : text_(text), source_(source) {}

void JsonReader::fail_at(std::size_t offset, const std::string& what) const {
  throw Error(ErrorKind::kData, source_ + ", " + to_string(place_of(text_, offset)) + ": " + what);
}

void JsonReader::fail(const std::string& what) const {
  fail_at(at_, what);
}

TextPlace JsonReader::place() const {
  return place_of(text_, at_);
}

void JsonReader::skip_blanks() {
  while (at_ < text_.size() &&
         (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r' || text_[at_] == '\t')) {
    ++at_;
  }
}

bool JsonReader::at_end() {
  skip_blanks();
  return at_ >= text_.size();
}

char JsonReader::peek() {
  return at_end() ? '\0' : text_[at_];
}

void JsonReader::expect(char c, const char* what) {
  if (peek() != c || at_ >= text_.size()) {
    fail(at_ >= text_.size()
             ? std::string("the text ends too early, expected ") + what + "; was the file cut off?"
             : std::string("expected ") + what + ", got '" + printable(text_.substr(at_, 1)) + "'");
  }
  ++at_;
}

bool JsonReader::take(std::string_view word) {
  if (!text_.substr(at_).starts_with(word)) return false;
  at_ += word.size();
  return true;
}

unsigned JsonReader::hex4() {
  unsigned value = 0;
  const char* begin = text_.data() + at_;
  const char* end = text_.data() + std::min(at_ + 4, text_.size());
  const auto [stop, problem] = std::from_chars(begin, end, value, 16);
  if (problem != std::errc{} || stop - begin != 4)
    fail("expected four hexadecimal digits after \\u");
  at_ += 4;
  return value;
}

void JsonReader::escape(std::string& text) {
  constexpr std::string_view kNames = "\"\\/bfnrt", kValues = "\"\\/\b\f\n\r\t";
  if (at_ >= text_.size()) fail("the text ends inside a string; was the file cut off?");
  const char c = text_[at_];
  const std::size_t known = kNames.find(c);
  if (known != std::string_view::npos) {
    ++at_;
    text += kValues[known];
    return;
  }
  if (c != 'u') fail("unknown escape '\\" + printable(text_.substr(at_, 1)) + "' in a string");
  ++at_;
  std::uint32_t point = hex4();
  if (point >= 0xD800 && point < 0xDC00) {
    const unsigned low = take("\\u") ? hex4() : 0;
    if (low < 0xDC00 || low > 0xDFFF) fail("half of a surrogate pair in a string");
    point = 0x10000 + ((point & 0x3FFU) << 10) + (low & 0x3FFU);
  } else if (point >= 0xDC00 && point < 0xE000) {
    fail("half of a surrogate pair in a string");
  }
  append_utf8(text, point);
}

std::string JsonReader::text() {
  const std::size_t begin = at_;
  expect('"', "a string");
  std::string text;
  while (true) {
    if (at_ >= text_.size()) {
      fail_at(begin, "a string that does not end; was the file cut off?");
    }
    const char c = text_[at_];
    if (c == '"') break;
    if (static_cast<unsigned char>(c) < 0x20) fail("a control character inside a string");
    ++at_;
    if (c == '\\') {
      escape(text);
    } else {
      text += c;
    }
  }
  ++at_;
  return text;
}

void JsonReader::number(Json& value) {
  const std::size_t begin = at_;
  const auto digits = [&] {
    const std::size_t first = at_;
    while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
    if (at_ == first) {
      fail_at(begin, at_ < text_.size() ? "a malformed value"
                                        : "the text ends too early; was the file cut off?");
    }
  };
  take("-");
  const bool zero = at_ < text_.size() && text_[at_] == '0';
  digits();
  if (zero && at_ - begin > (text_[begin] == '-' ? 2U : 1U)) {
    fail_at(begin, "a number with leading zeros");
  }
  bool whole = true;
  if (take(".")) {
    whole = false;
    digits();
  }
  if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
    whole = false;
    ++at_;
    if (!take("+")) take("-");
    digits();
  }
  const std::string_view word = text_.substr(begin, at_ - begin);
  if (whole) {
    if (const auto integer = parse_int(word)) {
      value = *integer;
      return;
    }
    std::uint64_t natural = 0;
    const auto [stop, problem] = std::from_chars(word.data(), word.data() + word.size(), natural);
    if (problem == std::errc{} && stop == word.data() + word.size()) {
      value = natural;
      return;
    }
  }
  if (const auto real = parse_double(word)) {
    value = *real;
    return;
  }
  const double rounded = std::strtod(std::string(word).c_str(), nullptr);
  if (!std::isfinite(rounded)) fail_at(begin, "a number that is too large for a double");
  value = rounded;
}

void JsonReader::scalar(Json& value) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (take("true")) {
    value = true;
  } else if (take("false")) {
    value = false;
  } else if (take("null")) {
    value = nullptr;
  } else if (take("NaN")) {
    value = std::numeric_limits<double>::quiet_NaN();
  } else if (take("Infinity")) {
    value = kInfinity;
  } else if (take("-Infinity")) {
    value = -kInfinity;
  } else if (is_digit(text_[at_]) || text_[at_] == '-') {
    number(value);
  } else {
    fail("expected a value, got '" + printable(text_.substr(at_, 1)) + "'");
  }
}

void JsonReader::read(Json& value) {
  switch (peek()) {
    case '{':
      return read_object(value);
    case '[':
      return read_list(value);
    case '"':
      value = text();
      return;
    case '\0':
      if (at_ >= text_.size()) fail("the text ends too early; was the file cut off?");
      [[fallthrough]];
    default:
      scalar(value);
  }
}

void JsonReader::read_object(Json& value) {
  const Depth depth(*this);
  ++at_;
  value = Json::object();
  // An ordered_json compares every key with all before it; here only few are compared so.
  auto& object = value.get_ref<Json::object_t&>();
  using Members = std::vector<std::pair<const std::string, Json>>;
  auto& members = static_cast<Members&>(object);
  std::vector<std::size_t> places;
  std::unordered_set<std::string> seen;
  for (bool first = true; peek() != '}' || at_ >= text_.size(); first = false) {
    if (!first) {
      expect(',', "',' or '}'");
      skip_blanks();
    }
    const std::size_t place = at_;
    std::string key = peek() == '"' ? text() : (expect('"', "a key in quotes"), std::string());
    std::size_t known = members.size();
    if (members.size() < kFewKeys || !seen.insert(key).second) {
      for (known = 0; known < members.size() && members[known].first != key; ++known) {
      }
    }
    if (known < members.size()) fail_at(place, twice(key, place_of(text_, places[known])));
    if (members.size() == kMostKeys) {
      fail("an object of more than " + std::to_string(kMostKeys) + " keys");
    }
    if (members.size() + 1 == kFewKeys) {
      for (const auto& [earlier, ignored] : members) seen.insert(earlier);
      seen.insert(key);
    }
    places.push_back(place);
    expect(':', "':'");
    members.emplace_back(std::move(key), Json());
    read(members.back().second);
  }
  ++at_;
}

void JsonReader::read_list(Json& value) {
  const Depth depth(*this);
  ++at_;
  value = Json::array();
  auto& items = value.get_ref<Json::array_t&>();
  for (bool first = true; peek() != ']' || at_ >= text_.size(); first = false) {
    if (!first) expect(',', "',' or ']'");
    items.emplace_back();
    read(items.back());
  }
  ++at_;
}

Json JsonReader::value() {
  Json value;
  read(value);
  return value;
}

void JsonReader::members(const std::function<void(const std::string& key)>& member) {
  const char open = peek();
  if (open != '{' && open != '[') fail("expected an object or a list");
  const Depth depth(*this);
  ++at_;
  const char close = open == '{' ? '}' : ']';
  const char* const between = open == '{' ? "',' or '}'" : "',' or ']'";
  std::unordered_map<std::string, std::size_t> places;
  std::size_t position = 0;
  for (bool first = true; peek() != close || at_ >= text_.size(); first = false) {
    if (!first) {
      expect(',', between);
      skip_blanks();
    }
    if (open == '[') {
      member(std::to_string(position++));
      continue;
    }
    const std::size_t place = at_;
    const std::string key = text();
    const auto [known, fresh] = places.emplace(key, place);
    if (!fresh) fail_at(place, twice(key, place_of(text_, known->second)));
    expect(':', "':'");
    skip_blanks();
    member(key);
  }
  ++at_;
}

void JsonReader::finish() {
  if (!at_end()) fail("text after the end of the JSON value");
}

Json parse_json(std::string_view text, std::string_view source) {
  JsonReader reader(text, source);
  Json value = reader.value();
  reader.finish();
  return value;
}

std::string json_text(const Json& value) {
  if (value.is_number_float()) {
    const double number = value.get<double>();
    if (std::isnan(number)) return "NaN";
    if (std::isinf(number)) return number > 0 ? "Infinity" : "-Infinity";
  }
  if (!value.is_structured()) return value.dump(-1, ' ', false, Json::error_handler_t::replace);
  std::string text;
  for (const auto& [key, item] : value.items()) {
    if (!text.empty()) text += ',';
    if (value.is_object()) text += Json(key).dump() + ":";
    text += json_text(item);
  }
  return value.is_object() ? "{" + text + "}" : "[" + text + "]";
}

}  // namespace nas
