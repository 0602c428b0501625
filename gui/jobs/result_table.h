#pragma once

#include <QByteArray>
#include <QString>

#include "app/presentation/table.h"

namespace nas {

/// The table that a command has printed with --json, columns in its order. Throws Error(kData).
Table parse_result(const QByteArray& json);

/// A cell for people.
QString result_text(const Cell& cell);

}  // namespace nas
