#include "gui/views/forms/option_words.h"

#include <map>
#include <vector>

#include "app/study/metric_catalogue.h"
#include "app/study/recipe_choice.h"
#include "core/util/error.h"
#include "searchers/registry.h"
#include "searchspaces/registry.h"

namespace nas {

namespace {

/// Where the options of a field come from.
struct Source {
  const char* field;
  const char* chosen_by;
};
constexpr Source kSources[] = {{"space-option", "space"},
                               {"searcher-option", "searcher"},
                               {"recipe", "preset"},
                               {"final-recipe", "final-preset"}};

QString chooser_of(const QString& field) {
  for (const Source& source : kSources) {
    if (field == source.field) return source.chosen_by;
  }
  return {};
}

OfferedWords assignments(const std::vector<FieldDoc>& fields, const OptionMap& values) {
  OfferedWords offered;
  for (const FieldDoc& field : fields) {
    const auto own = values.find(field.name);
    const std::string& value = own == values.end() ? field.default_value : own->second;
    QString meaning = QString::fromStdString(field.meaning);
    if (!field.range.empty()) meaning += ", " + QString::fromStdString(field.range);
    if (!field.unit.empty()) meaning += " (" + QString::fromStdString(field.unit) + ")";
    offered.words << QString::fromStdString(field.name + "=" + value);
    offered.meanings << meaning;
  }
  return offered;
}

OfferedWords options_of(const QString& chooser, const std::string& chosen) {
  if (chooser == "space") {
    return assignments(find_plugin<SearchSpace>(space_plugins(), "space", chosen).fields(), {});
  }
  if (chooser == "searcher") {
    return assignments(find_plugin<Searcher>(searcher_plugins(), "searcher", chosen).fields(), {});
  }
  const Recipe preset = chosen.empty() ? Recipe{} : recipe_preset(chosen);
  return assignments(all_recipe_fields(), recipe_options(preset));
}

OfferedWords metrics() {
  OfferedWords offered;
  for (const MetricInfo& metric : metric_catalogue()) {
    QString name =
        QString::fromUtf8(metric.name.data(), static_cast<qsizetype>(metric.name.size()));
    if (metric.per_device) name += "@host";
    offered.words << name;
    offered.meanings << QString::fromUtf8(metric.meaning.data(),
                                          static_cast<qsizetype>(metric.meaning.size()));
  }
  return offered;
}

/// The start of a constraint on each of them.
OfferedWords bounds() {
  OfferedWords offered = metrics();
  for (qsizetype i = 0; i < offered.words.size(); ++i) {
    const bool maximize = metric_catalogue()[static_cast<std::size_t>(i)].maximize;
    offered.words[i] = offered.words[i].section('@', 0, 0) + (maximize ? ">" : "<");
  }
  return offered;
}

}  // namespace

QStringList fields_after(const QString& field) {
  QStringList fields;
  for (const Source& source : kSources) {
    if (field == source.chosen_by) fields << source.field;
  }
  return fields;
}

OfferedWords words_of(const CommandField& field, const ValueOf& value_of) {
  if (field.value == "METRIC") return metrics();
  if (field.name == "constraint") return bounds();
  const QString chooser = chooser_of(field.name);
  if (chooser.isEmpty()) return {};
  try {
    return options_of(chooser, value_of(chooser).toStdString());
  } catch (const Error&) {  // nothing is chosen yet, or something that this release does not know
    return {};
  }
}

QStringList proxy_parts(const QString& list) {
  QStringList parts;
  for (const QString& word : list.split(',', Qt::SkipEmptyParts)) {
    const bool option = !parts.isEmpty() && word.contains('=') && !word.contains(':');
    if (option) {
      parts.back() += "," + word.trimmed();
    } else {
      parts << word.trimmed();
    }
  }
  return parts;
}

QString with_proxy(const QString& list, const QString& name, bool wanted) {
  QStringList parts;
  bool there = false;
  for (const QString& part : proxy_parts(list)) {
    const bool same = part.section(':', 0, 0) == name;
    there = there || same;
    if (!same || wanted) parts << part;
  }
  if (wanted && !there) parts << name;
  return parts.join(',');
}

}  // namespace nas
