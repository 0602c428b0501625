#include "core/util/toml_reader.h"

#include <algorithm>

#include "core/util/error.h"
#include "core/util/nesting.h"
#include "core/util/quantity.h"
#include "core/util/text.h"

namespace nas {
namespace {

std::string quoted(std::string_view key) {
  return "'" + std::string(key) + "'";
}

}  // namespace

TomlReader::TomlReader(std::string_view source) : source_(printable(source)) {}

toml::table TomlReader::parse(std::string_view text) const {
  check_toml_nesting(text, source_);
  try {
    return toml::parse(text);
  } catch (const toml::parse_error& error) {
    fail(error.source().begin.line, "not valid TOML: " + printable(error.description()));
  }
}

void TomlReader::fail(const toml::node& node, const std::string& text) const {
  fail(node.source().begin.line, text);
}

void TomlReader::fail(std::size_t line, const std::string& text) const {
  throw Error(ErrorKind::kData, source_ + ":" + std::to_string(line) + ": " + text);
}

void TomlReader::at(const toml::node& node, const std::function<void()>& action) const {
  try {
    action();
  } catch (const Error& error) {
    fail(node, error.what());
  }
}

void TomlReader::check_keys(const toml::table& table, const std::vector<std::string>& known) const {
  for (const auto& [key, node] : table) {
    if (std::find(known.begin(), known.end(), key.str()) != known.end()) continue;
    fail(key.source().begin.line, unknown_name("key", key.str(), known));
  }
}

const toml::table* TomlReader::table(const toml::table& parent, std::string_view key) const {
  const toml::node* node = parent.get(key);
  if (node == nullptr) return nullptr;
  if (node->as_table() == nullptr) {
    fail(*node, quoted(key) + " must be a table: write [" + std::string(key) + "]");
  }
  return node->as_table();
}

std::vector<const toml::table*> TomlReader::tables(const toml::table& parent,
                                                   std::string_view key) const {
  std::vector<const toml::table*> found;
  const toml::node* node = parent.get(key);
  if (node == nullptr) return found;
  const toml::array* array = node->as_array();
  if (array == nullptr) fail(*node, "[[" + std::string(key) + "]] must be a list of tables");
  for (const toml::node& item : *array) {
    if (item.as_table() == nullptr) fail(item, quoted(key) + " must hold tables");
    found.push_back(item.as_table());
  }
  return found;
}

void TomlReader::text(const toml::table& parent, std::string_view key, std::string& target) const {
  const toml::node* node = parent.get(key);
  if (node == nullptr) return;
  const auto* text = node->as_string();
  if (text == nullptr) fail(*node, quoted(key) + " must be a text in quotes");
  target = text->get();
}

void TomlReader::flag(const toml::table& parent, std::string_view key, bool& target) const {
  const toml::node* node = parent.get(key);
  if (node == nullptr) return;
  const auto* flag = node->as_boolean();
  if (flag == nullptr) fail(*node, quoted(key) + " must be true or false");
  target = flag->get();
}

const toml::node* TomlReader::whole(const toml::table& parent, std::string_view key,
                                    std::int64_t& target) const {
  const toml::node* node = parent.get(key);
  if (node == nullptr) return nullptr;
  const auto* text = node->as_string();
  const std::optional<std::int64_t> value =
      text != nullptr ? parse_whole(text->get()) : node->value_exact<std::int64_t>();
  if (!value) fail(*node, quoted(key) + " must be a whole number");
  target = *value;
  return node;
}

void TomlReader::real(const toml::table& parent, std::string_view key, double& target) const {
  const toml::node* node = parent.get(key);
  if (node == nullptr) return;
  const auto* text = node->as_string();
  const std::optional<double> value =
      text != nullptr ? parse_real(text->get()) : node->value<double>();
  if (!value || !(text != nullptr || node->is_number())) {
    fail(*node, quoted(key) + " must be a number");
  }
  target = *value;
}

void TomlReader::texts(const toml::table& parent, std::string_view key,
                       std::vector<std::string>& target, const TextCheck& check) const {
  const toml::node* node = parent.get(key);
  if (node != nullptr) target = texts_of(*node, key, check);
}

std::vector<std::string> TomlReader::texts_of(const toml::node& node, std::string_view key,
                                              const TextCheck& check) const {
  std::vector<std::string> found;
  const auto add = [&](const toml::node& item) {
    const auto* text = item.as_string();
    if (text == nullptr) {
      fail(item, quoted(key) + " must be a text in quotes, or a list of texts: [\"...\", \"...\"]");
    }
    if (check) at(item, [&] { check(text->get()); });
    found.push_back(text->get());
  };
  if (const toml::array* array = node.as_array()) {
    for (const toml::node& item : *array) add(item);
  } else {
    add(node);
  }
  return found;
}

std::optional<std::string> toml_option_text(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* integer = node.as_integer()) return std::to_string(integer->get());
  if (const auto* real = node.as_floating_point()) return format_double(real->get());
  if (const auto* flag = node.as_boolean()) return flag->get() ? "true" : "false";
  return std::nullopt;
}

}  // namespace nas
