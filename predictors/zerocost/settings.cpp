#include <array>
#include <utility>

#include "core/util/error.h"
#include "core/util/text.h"
#include "predictors/zerocost/engine.h"
#include "predictors/zerocost/proxy.h"

namespace nas {
namespace {

struct SettingFields {
  std::int64_t batch = ScoreSettings{}.batch;
  std::int64_t batches = ScoreSettings{}.batches;
  std::int64_t repeats = ScoreSettings{}.repeats;
  std::string init = ScoreSettings{}.init;
  bool augment = ScoreSettings{}.augment;
  std::string normalisation = ScoreSettings{}.normalisation;
};

constexpr std::array kFields = {
    Field<SettingFields>{"batch", &SettingFields::batch, "samples in a batch", "", 1, 4096,
                         "NAS-Bench-Suite-Zero"},
    Field<SettingFields>{"batches", &SettingFields::batches,
                         "batches that proxies of one batch average over", "", 1, 64},
    Field<SettingFields>{"repeats", &SettingFields::repeats, "initialisations averaged", "", 1,
                         1000},
    Field<SettingFields>{"init", &SettingFields::init, "initial weights", "",
                         -std::numeric_limits<double>::infinity(),
                         std::numeric_limits<double>::infinity(), "", "default|kaiming|normal"},
    Field<SettingFields>{"augment", &SettingFields::augment,
                         "real samples as in training: images cropped and flipped"},
    Field<SettingFields>{"normalisation", &SettingFields::normalisation,
                         "of real images: by the data set's statistics, or 0.5 and 0.5", "",
                         -std::numeric_limits<double>::infinity(),
                         std::numeric_limits<double>::infinity(), "", "dataset|half"},
};

SettingFields fields_of(const ScoreSettings& settings) {
  return {settings.batch, settings.batches, settings.repeats,
          settings.init,  settings.augment, settings.normalisation};
}

constexpr const char* kReference[] = {"grad_norm", "snip",  "grasp",  "fisher",
                                      "jacov",     "plain", "synflow"};

}  // namespace

std::vector<FieldDoc> score_setting_fields() {
  return describe_fields<SettingFields>(kFields);
}

void validate(const ScoreSettings& settings) {
  const std::vector<std::string> wrong =
      validate_fields<SettingFields>(kFields, fields_of(settings));
  if (!wrong.empty()) {
    throw Error(ErrorKind::kUsage, "settings of the proxies: " + join(wrong, "; "));
  }
}

std::string settings_text(const ScoreSettings& settings, std::string_view data_id) {
  std::string text = "engine=" + std::to_string(kProxyEngineVersion) +
                     ",data=" + std::string(data_id) + ",seed=" + std::to_string(settings.seed);
  for (const auto& [name, value] : fields_to_map<SettingFields>(kFields, fields_of(settings))) {
    if (data_id == kNoiseData && (name == "augment" || name == "normalisation")) continue;
    text += "," + name + "=" + value;
  }
  return text;
}

std::vector<ProxyChoice> parse_proxies(std::string_view text) {
  std::vector<ProxyChoice> choices;
  for (PluginChoice& choice : parse_plugin_choices(text)) {
    if (choice.name == "all") {
      for (const Plugin<Proxy>* plugin : proxy_plugins()) {
        // What measures with networks of its own does not fit every graph: to be named.
        if ((plugin->make({})->needs() & kNeedsOwnPass) != 0) continue;
        choices.push_back({std::string(plugin->name)});
      }
    } else if (choice.name == "reference") {
      for (const char* name : kReference) choices.push_back({name});
    } else {
      find_plugin(proxy_plugins(), "proxy", choice.name);  // names first
      choices.push_back(std::move(choice));
    }
  }
  return choices;
}

}  // namespace nas
