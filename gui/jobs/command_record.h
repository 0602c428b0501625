#pragma once

#include <QByteArray>
#include <QString>
#include <QStringList>
#include <vector>

namespace nas {

/// An argument or option of a nasctl command, as nasctl describes it.
struct CommandField {
  QString name;   ///< "ARCHITECTURE", or of an option without dashes: "proxies"
  QString value;  ///< of an option: what stands for the value, "LIST"; "" = a flag
  QString help;
  QStringList choices;  ///< nothing else is accepted; empty: anything
  QString completes;    ///< "file", "path", "new-file", "dir", "space", "study", "proxies" or ""
  bool positional = false;
  bool repeated = false;
  bool required = false;
  bool shared = false;  ///< every command has it

  bool isFlag() const { return !positional && value.isEmpty(); }
};

/// A nasctl command, as `nasctl help COMMAND --json` describes it.
struct CommandRecord {
  QString command;  ///< "arch score"
  QString summary;
  QString description;
  std::vector<CommandField> fields;  ///< arguments first, then options

  const CommandField* find(const QString& name) const;  ///< null: none
};

/// Throws Error(kData) for anything that is not such a description in version 1.
CommandRecord parse_command_record(const QByteArray& json);

}  // namespace nas
