#include <algorithm>
#include <optional>

#include "app/scoring/proxy_evaluator.h"
#include "app/study/metric_origin.h"
#include "app/study/named_preset.h"
#include "app/study/study_config.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/text.h"
#include "core/util/toml_reader.h"
#include "db/store_address.h"
#include "searchers/registry.h"
#include "searchspaces/registry.h"

namespace nas {
namespace {

constexpr std::size_t kLargestFile = std::size_t{1} << 20;

class Reader {
 public:
  explicit Reader(std::string_view source) : toml_(source) {}

  StudyConfig read(std::string_view content) const {
    const toml::table root = toml_.parse(content);
    toml_.check_keys(
        root, {"name", "data", "objectives", "constraints", "origins", "workers", "seed", "budget",
               "latency", "scores", "space", "searcher", "recipe", "final"});
    StudyConfig config;
    toml_.text(root, "name", config.name);
    toml_.text(root, "data", config.data);
    toml_.texts(root, "objectives", config.objectives,
                [](const std::string& text) { parse_objective(text); });
    toml_.texts(root, "constraints", config.constraints,
                [](const std::string& text) { parse_constraint(text); });
    toml_.texts(root, "origins", config.origins,
                [](const std::string& text) { parse_origin(text); });
    toml_.whole(root, "workers", config.workers);
    std::int64_t seed = 0;
    if (const toml::node* node = toml_.whole(root, "seed", seed); node != nullptr && seed < 0) {
      toml_.fail(*node, "seed = " + std::to_string(seed) + ", must be >= 0");
    }
    config.seed = static_cast<std::uint64_t>(seed);
    if (const toml::table* budget = toml_.table(root, "budget")) {
      toml_.check_keys(*budget, {"trials", "seconds", "trial_seconds"});
      toml_.whole(*budget, "trials", config.budget_trials);
      toml_.real(*budget, "seconds", config.budget_seconds);
      toml_.real(*budget, "trial_seconds", config.trial_seconds);
    }
    if (const toml::table* latency = toml_.table(root, "latency")) {
      toml_.check_keys(*latency, {"batch", "threads"});
      toml_.whole(*latency, "batch", config.latency_batch);
      toml_.whole(*latency, "threads", config.latency_threads);
    }
    read_scores(root, config.scores);
    read_plugins(root, config);
    read_recipes(root, config);
    return config;
  }

 private:
  /// All keys of a table but the `reserved` ones, which must be among `fields`.
  OptionMap options(const toml::table& table, const std::vector<std::string>& reserved,
                    const std::vector<FieldDoc>& fields) const {
    std::vector<std::string> known = reserved;
    for (const FieldDoc& field : fields) known.push_back(field.name);
    toml_.check_keys(table, known);
    OptionMap result;
    for (const auto& [key, node] : table) {
      if (std::find(reserved.begin(), reserved.end(), key.str()) != reserved.end()) continue;
      const std::optional<std::string> value = toml_option_text(node);
      if (!value) toml_.fail(node, "an option must be a number, a text, true or false");
      result[std::string(key.str())] = *value;
    }
    return result;
  }

  template <class Interface>
  void read_plugin(const toml::table& root, std::string_view what,
                   std::span<const Plugin<Interface>* const> plugins, PluginChoice& target) const {
    const toml::table* section = toml_.table(root, what);
    if (section == nullptr) return;
    toml_.text(*section, "name", target.name);
    const Plugin<Interface>* plugin = nullptr;
    const toml::node* name = section->get("name");
    toml_.at(name != nullptr ? *name : *section,
             [&] { plugin = &find_plugin(plugins, what, target.name); });
    target.options = options(*section, {"name"}, plugin->fields());
    toml_.at(*section, [&] { plugin->resolve(target.options); });
  }

  void read_scores(const toml::table& root, StudyScoring& scores) const {
    const toml::table* section = toml_.table(root, "scores");
    if (section == nullptr) return;
    toml_.check_keys(*section, {"data", "batch", "proxies"});
    toml_.text(*section, "data", scores.data);
    toml_.whole(*section, "batch", scores.batch);
    toml_.texts(*section, "proxies", scores.proxies,
                [](const std::string& text) { parse_proxy(text); });
  }

  void read_plugins(const toml::table& root, StudyConfig& config) const {
    read_plugin(root, "space", space_plugins(), config.space);
    read_plugin(root, "searcher", searcher_plugins(), config.searcher);
  }

  void read_recipes(const toml::table& root, StudyConfig& config) const {
    const auto read_recipe = [&](std::string_view key, const std::vector<std::string>& reserved,
                                 RecipeChoice& target) {
      const toml::table* section = toml_.table(root, key);
      if (section == nullptr) return;
      toml_.text(*section, "preset", target.preset);
      target.options = options(*section, reserved, all_recipe_fields());
      toml_.at(*section, [&] {
        make_recipe(target, key);
        // Of another preset `inherit_recipe` knows that it was named.
        const bool usual = target.preset == RecipeChoice{}.preset;
        if (key == "final" && usual && section->contains("preset")) {
          name_preset(target, target.preset);
        }
      });
      toml_.flag(*section, "enabled", config.train_winner);
    };
    read_recipe("recipe", {"preset"}, config.recipe);
    read_recipe("final", {"preset", "enabled"}, config.final_recipe);
  }

  TomlReader toml_;
};

/// What a study is made of is stored and shown.
void refuse_password(std::string_view text, std::string_view source_name) {
  std::size_t line = 0;
  for (const std::string& words : split(text, '\n')) {
    ++line;
    if (hide_passwords(words) == words) continue;
    throw Error(ErrorKind::kData,
                std::string(source_name) + ":" + std::to_string(line) +
                    ": holds an address with a password, which a study would store and show; "
                    "name the server with --store, and give the password by ~/.pgpass or "
                    "PGPASSWORD");
  }
}

}  // namespace

StudyConfig parse_study_config(std::string_view text, std::string_view source_name) {
  refuse_password(text, source_name);
  return Reader(source_name).read(text);
}

StudyConfig read_study_config(const std::filesystem::path& path) {
  return parse_study_config(read_file(path, kLargestFile), path.string());
}

}  // namespace nas
