#pragma once

#include <QString>
#include <QStringList>
#include <functional>

#include "gui/jobs/command_record.h"

namespace nas {

/// What a field of a command may be, with the meaning of each word.
struct OfferedWords {
  QStringList words, meanings;
};

/// The value of another field of the same form.
using ValueOf = std::function<QString(const QString& field)>;

/// The fields whose words follow from the value of `field`: the options of a space from "space".
QStringList fields_after(const QString& field);

/// Words that no question to nasctl is needed for: "key=default" of the options of the chosen space
/// or searcher and of the chosen recipe, and metrics. Empty for all other fields.
OfferedWords words_of(const CommandField& field, const ValueOf& value_of);

/// The parts of a list of proxies "a,b:x=1,y=2,c": commas before "key=value" belong to the options.
QStringList proxy_parts(const QString& list);
/// The list with this proxy added, or taken away with its options.
QString with_proxy(const QString& list, const QString& name, bool wanted);

}  // namespace nas
