#pragma once

#include <toml++/toml.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nas {

/// Reads one TOML file whose keys are all known; every complaint is Error(kData) that starts with
/// file and line. What is absent leaves its target as it is. A heavy header, for .cpp files alone.
class TomlReader {
 public:
  explicit TomlReader(std::string_view source);

  toml::table parse(std::string_view text) const;

  const std::string& source() const { return source_; }  ///< printable
  [[noreturn]] void fail(const toml::node& node, const std::string& text) const;
  [[noreturn]] void fail(std::size_t line, const std::string& text) const;
  /// Puts file and line before what `action` complains about.
  void at(const toml::node& node, const std::function<void()>& action) const;
  /// "unknown key 'nmae'; did you mean 'name'?".
  void check_keys(const toml::table& table, const std::vector<std::string>& known) const;

  const toml::table* table(const toml::table& parent, std::string_view key) const;
  std::vector<const toml::table*> tables(const toml::table& parent, std::string_view key) const;

  void text(const toml::table& parent, std::string_view key, std::string& target) const;
  void flag(const toml::table& parent, std::string_view key, bool& target) const;
  /// A number, or a text such as "2k". Returns its node, null where there is none.
  const toml::node* whole(const toml::table& parent, std::string_view key,
                          std::int64_t& target) const;
  void real(const toml::table& parent, std::string_view key, double& target) const;

  /// A text, or a list of them; `check` may complain about each.
  using TextCheck = std::function<void(const std::string&)>;
  void texts(const toml::table& parent, std::string_view key, std::vector<std::string>& target,
             const TextCheck& check = {}) const;
  std::vector<std::string> texts_of(const toml::node& node, std::string_view key,
                                    const TextCheck& check = {}) const;

 private:
  std::string source_;
};

/// The value of an option of a plug-in, as it would be typed; nullopt for a table, list or date.
std::optional<std::string> toml_option_text(const toml::node& node);

}  // namespace nas
