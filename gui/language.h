#pragma once

#include <QLocale>
#include <QStringList>

namespace nas {

/// Shows the window in this language from now on, if there is a translation; otherwise in English.
/// Returns whether there is one. Requires an application.
bool use_language(const QLocale& locale);

/// "de", "en" and so on: what the program was built with.
QStringList languages();

}  // namespace nas
