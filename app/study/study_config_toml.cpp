#include <toml++/toml.h>

#include <algorithm>
#include <functional>
#include <optional>

#include "app/scoring/proxy_evaluator.h"
#include "app/study/metric_origin.h"
#include "app/study/study_config.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/nesting.h"
#include "core/util/quantity.h"
#include "core/util/text.h"
#include "searchers/registry.h"
#include "searchspaces/registry.h"

namespace nas {
namespace {

constexpr std::size_t kLargestFile = std::size_t{1} << 20;

/// Reads one file; every complaint starts with file and line.
class Reader {
 public:
  explicit Reader(std::string_view source) : source_(printable(source)) {}

  StudyConfig read(const toml::table& root) {
    check_keys(root, {"name", "data", "objectives", "constraints", "origins", "workers", "seed",
                      "budget", "latency", "scores", "space", "searcher", "recipe", "final"});
    StudyConfig config;
    read_text(root, "name", config.name);
    read_text(root, "data", config.data);
    read_texts(root, "objectives", config.objectives,
               [](const std::string& text) { parse_objective(text); });
    read_texts(root, "constraints", config.constraints,
               [](const std::string& text) { parse_constraint(text); });
    read_texts(root, "origins", config.origins,
               [](const std::string& text) { parse_origin(text); });
    read_int(root, "workers", config.workers);
    std::int64_t seed = 0;
    if (const toml::node* node = read_int(root, "seed", seed); node != nullptr && seed < 0) {
      fail(*node, "seed = " + std::to_string(seed) + ", must be >= 0");
    }
    config.seed = static_cast<std::uint64_t>(seed);
    if (const toml::table* budget = table(root, "budget")) {
      check_keys(*budget, {"trials", "seconds", "trial_seconds"});
      read_int(*budget, "trials", config.budget_trials);
      read_real(*budget, "seconds", config.budget_seconds);
      read_real(*budget, "trial_seconds", config.trial_seconds);
    }
    if (const toml::table* latency = table(root, "latency")) {
      check_keys(*latency, {"batch", "threads"});
      read_int(*latency, "batch", config.latency_batch);
      read_int(*latency, "threads", config.latency_threads);
    }
    read_scores(root, config.scores);
    read_plugins(root, config);
    read_recipes(root, config);
    return config;
  }

 private:
  [[noreturn]] void fail(const toml::node& node, const std::string& text) const {
    fail(node.source().begin.line, text);
  }
  [[noreturn]] void fail(std::size_t line, const std::string& text) const {
    throw Error(ErrorKind::kData, source_ + ":" + std::to_string(line) + ": " + text);
  }

  /// Puts file and line before what `action` complains about.
  void at(const toml::node& node, const std::function<void()>& action) const {
    try {
      action();
    } catch (const Error& error) {
      fail(node, error.what());
    }
  }

  void check_keys(const toml::table& table, const std::vector<std::string>& known) const {
    for (const auto& [key, node] : table) {
      if (std::find(known.begin(), known.end(), key.str()) != known.end()) continue;
      fail(key.source().begin.line, unknown_name("key", key.str(), known));
    }
  }

  const toml::table* table(const toml::table& parent, std::string_view key) const {
    const toml::node* node = parent.get(key);
    if (node == nullptr) return nullptr;
    if (node->as_table() == nullptr) {
      fail(*node, "'" + std::string(key) + "' must be a table: write [" + std::string(key) + "]");
    }
    return node->as_table();
  }

  void read_text(const toml::table& parent, std::string_view key, std::string& target) const {
    const toml::node* node = parent.get(key);
    if (node == nullptr) return;
    const auto* text = node->as_string();
    if (text == nullptr) fail(*node, "'" + std::string(key) + "' must be a text in quotes");
    target = text->get();
  }

  const toml::node* read_int(const toml::table& parent, std::string_view key,
                             std::int64_t& target) const {
    const toml::node* node = parent.get(key);
    if (node == nullptr) return nullptr;
    const auto* text = node->as_string();  // "2k"
    const std::optional<std::int64_t> value =
        text != nullptr ? parse_whole(text->get()) : node->value_exact<std::int64_t>();
    if (!value) fail(*node, "'" + std::string(key) + "' must be a whole number");
    target = *value;
    return node;
  }

  void read_real(const toml::table& parent, std::string_view key, double& target) const {
    const toml::node* node = parent.get(key);
    if (node == nullptr) return;
    const auto* text = node->as_string();
    const std::optional<double> value =
        text != nullptr ? parse_real(text->get()) : node->value<double>();
    if (!value || !(text != nullptr || node->is_number())) {
      fail(*node, "'" + std::string(key) + "' must be a number");
    }
    target = *value;
  }

  void read_texts(const toml::table& parent, std::string_view key, std::vector<std::string>& target,
                  const std::function<void(const std::string&)>& check) const {
    const toml::node* node = parent.get(key);
    if (node == nullptr) return;
    const toml::array* array = node->as_array();
    if (array == nullptr) {
      fail(*node, "'" + std::string(key) + "' must be a list of texts: [\"...\", \"...\"]");
    }
    for (const toml::node& item : *array) {
      const auto* text = item.as_string();
      if (text == nullptr) fail(item, "'" + std::string(key) + "' must hold texts in quotes");
      at(item, [&] { check(text->get()); });
      target.push_back(text->get());
    }
  }

  std::string option_text(const toml::node& node) const {
    if (const auto* text = node.as_string()) return text->get();
    if (const auto* integer = node.as_integer()) return std::to_string(integer->get());
    if (const auto* real = node.as_floating_point()) return format_double(real->get());
    if (const auto* flag = node.as_boolean()) return flag->get() ? "true" : "false";
    fail(node, "an option must be a number, a text, true or false");
  }

  /// All keys of a table but the `reserved` ones, which must be among `fields`.
  OptionMap options(const toml::table& table, const std::vector<std::string>& reserved,
                    const std::vector<FieldDoc>& fields) const {
    std::vector<std::string> known = reserved;
    for (const FieldDoc& field : fields) known.push_back(field.name);
    check_keys(table, known);
    OptionMap result;
    for (const auto& [key, node] : table) {
      if (std::find(reserved.begin(), reserved.end(), key.str()) != reserved.end()) continue;
      result[std::string(key.str())] = option_text(node);
    }
    return result;
  }

  template <class Interface>
  void read_plugin(const toml::table& root, std::string_view what,
                   std::span<const Plugin<Interface>* const> plugins, PluginChoice& target) const {
    const toml::table* section = table(root, what);
    if (section == nullptr) return;
    read_text(*section, "name", target.name);
    const Plugin<Interface>* plugin = nullptr;
    const toml::node* name = section->get("name");
    at(name != nullptr ? *name : *section,
       [&] { plugin = &find_plugin(plugins, what, target.name); });
    target.options = options(*section, {"name"}, plugin->fields());
    at(*section, [&] { plugin->resolve(target.options); });
  }

  void read_scores(const toml::table& root, ScoreChoice& scores) const {
    const toml::table* section = table(root, "scores");
    if (section == nullptr) return;
    check_keys(*section, {"data", "batch", "proxies"});
    read_text(*section, "data", scores.data);
    read_int(*section, "batch", scores.batch);
    read_texts(*section, "proxies", scores.proxies,
               [](const std::string& text) { parse_proxy(text); });
  }

  void read_plugins(const toml::table& root, StudyConfig& config) const {
    read_plugin(root, "space", space_plugins(), config.space);
    read_plugin(root, "searcher", searcher_plugins(), config.searcher);
  }

  void read_recipes(const toml::table& root, StudyConfig& config) const {
    const auto read_recipe = [&](std::string_view key, const std::vector<std::string>& reserved,
                                 RecipeChoice& target) {
      const toml::table* section = table(root, key);
      if (section == nullptr) return;
      read_text(*section, "preset", target.preset);
      target.options = options(*section, reserved, all_recipe_fields());
      at(*section, [&] { make_recipe(target, key); });
      if (const toml::node* node = section->get("enabled")) {
        const auto* flag = node->as_boolean();
        if (flag == nullptr) fail(*node, "'enabled' must be true or false");
        config.train_winner = flag->get();
      }
    };
    read_recipe("recipe", {"preset"}, config.recipe);
    read_recipe("final", {"preset", "enabled"}, config.final_recipe);
  }

  std::string source_;
};

}  // namespace

StudyConfig parse_study_config(std::string_view text, std::string_view source_name) {
  check_toml_nesting(text, printable(source_name));
  toml::table root;
  try {
    root = toml::parse(text);
  } catch (const toml::parse_error& error) {
    throw Error(ErrorKind::kData, printable(source_name) + ":" +
                                      std::to_string(error.source().begin.line) +
                                      ": not valid TOML: " + printable(error.description()));
  }
  return Reader(source_name).read(root);
}

StudyConfig read_study_config(const std::filesystem::path& path) {
  return parse_study_config(read_file(path, kLargestFile), path.string());
}

}  // namespace nas
