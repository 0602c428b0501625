#include "gui/language.h"

#include <QCoreApplication>
#include <QDir>
#include <QLibraryInfo>
#include <QTranslator>

// The macro declares a function of the library in the namespace that it stands in.
static void load_resources() {
  Q_INIT_RESOURCE(translations);
}

namespace nas {

namespace {

const QString kFolder = QStringLiteral(":/translations");

/// Installs what a file says, in place of what was installed before.
bool install(QTranslator& translator, const QLocale& locale, const QString& name,
             const QString& folder) {
  QCoreApplication::removeTranslator(&translator);
  return translator.load(locale, name, QStringLiteral("_"), folder) &&
         QCoreApplication::installTranslator(&translator);
}

}  // namespace

bool use_language(const QLocale& locale) {
  load_resources();
  static QTranslator english;  // knows its plurals
  static QTranslator ours;
  static QTranslator of_qt;  // buttons and file dialogs
  // Numbers are written as nasctl and the filters have them.
  QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedStates));
  install(english, QLocale(QLocale::English), QStringLiteral("searchlight"), kFolder);
  const bool known = install(ours, locale, QStringLiteral("searchlight"), kFolder);
  // Without ours, English throughout is better than a mixture.
  if (known)
    install(of_qt, locale, QStringLiteral("qtbase"),
            QLibraryInfo::path(QLibraryInfo::TranslationsPath));
  else
    QCoreApplication::removeTranslator(&of_qt);
  return known;
}

QStringList languages() {
  load_resources();
  QStringList names;
  for (const QString& file : QDir(kFolder).entryList({"searchlight_*.qm"}, QDir::Files))
    names << file.section('_', 1).section('.', 0, 0);
  return names;
}

}  // namespace nas
