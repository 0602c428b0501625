#include "gui/jobs/command_record.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/util/error.h"

namespace nas {

namespace {

using Json = nlohmann::json;

QString text_of(const Json& object, const char* key) {
  return QString::fromStdString(object.at(key).get<std::string>());
}

CommandField field_of(const Json& object, bool positional) {
  CommandField field{.name = text_of(object, "name"),
                     .value = {},
                     .help = text_of(object, "help"),
                     .choices = {},
                     .completes = text_of(object, "completes"),
                     .positional = positional,
                     .repeated = object.at("repeated").get<bool>(),
                     .required = object.at("required").get<bool>()};
  if (positional) return field;
  field.value = text_of(object, "value");
  field.shared = object.at("shared").get<bool>();
  for (const Json& choice : object.at("choices"))
    field.choices << QString::fromStdString(choice.get<std::string>());
  return field;
}

/// An option that stands for an argument (`--file STUDY.toml`) needs no field of its own.
bool spells_argument(const Json& option, const CommandRecord& record) {
  const CommandField* argument = record.find(text_of(option, "value"));
  if (argument == nullptr || !argument->positional) return false;
  const Json& excluded = option.at("excludes");
  return std::find(excluded.begin(), excluded.end(), option.at("value")) != excluded.end();
}

}  // namespace

const CommandField* CommandRecord::find(const QString& name) const {
  const auto found = std::find_if(fields.begin(), fields.end(), [&name](const CommandField& field) {
    return field.name == name;
  });
  return found == fields.end() ? nullptr : &*found;
}

CommandRecord parse_command_record(const QByteArray& json) {
  try {
    const Json object = Json::parse(json.toStdString());
    if (object.at("schema") != "searchlight.command" || object.at("version") != 1)
      throw Error(ErrorKind::kData, "nasctl's description of a command: schema " +
                                        object.at("schema").dump() + ", version " +
                                        object.at("version").dump() +
                                        "; expected searchlight.command, version 1: nasctl and "
                                        "the explorer are of different releases");
    CommandRecord record{.command = text_of(object, "command"),
                         .summary = text_of(object, "summary"),
                         .description = text_of(object, "description"),
                         .fields = {}};
    for (const Json& argument : object.at("arguments"))
      record.fields.push_back(field_of(argument, true));
    for (const Json& option : object.at("options")) {
      if (!spells_argument(option, record)) record.fields.push_back(field_of(option, false));
    }
    return record;
  } catch (const Json::exception&) {
    throw Error(ErrorKind::kData,
                "nasctl's description of a command cannot be read; is it of this release?");
  }
}

}  // namespace nas
