#include <doctest/doctest.h>

#include <QAbstractButton>
#include <QComboBox>
#include <QFile>
#include <QLabel>
#include <QProcess>
#include <QRegularExpression>
#include <QTableWidget>
#include <QXmlStreamReader>
#include <set>

#include "tests/gui/usable/every_view.h"

using namespace nas;
using namespace nas::testing;

namespace {

struct Text {
  QString context, source;
  QStringList translations;  ///< more than one where there are plurals
  bool finished = false;
};

std::vector<Text> texts_of(const QString& path) {
  QFile file(path);
  REQUIRE(file.open(QIODevice::ReadOnly));
  QXmlStreamReader reader(&file);
  std::vector<Text> texts;
  QString context;
  while (!reader.atEnd()) {
    reader.readNext();
    if (!reader.isStartElement()) continue;
    if (reader.name() == u"name") {
      context = reader.readElementText();
    } else if (reader.name() == u"message") {
      texts.push_back({.context = context, .source = {}, .translations = {}});
    } else if (reader.name() == u"source") {
      texts.back().source = reader.readElementText();
    } else if (reader.name() == u"translation") {
      texts.back().finished = reader.attributes().value("type").isEmpty();
      QString whole;
      while (
          !(reader.readNext() == QXmlStreamReader::EndElement && reader.name() == u"translation")) {
        if (reader.isStartElement()) texts.back().translations << reader.readElementText();
        if (reader.isCharacters()) whole += reader.text();
      }
      if (texts.back().translations.isEmpty()) texts.back().translations << whole;
    }
  }
  REQUIRE_FALSE(reader.hasError());
  return texts;
}

/// "%1", "%Ln" and HTML elements of a text.
std::multiset<QString> parts_of(const QString& text) {
  static const QRegularExpression kPart("%L?[0-9n]|</?[a-z0-9]+>");
  std::multiset<QString> parts;
  for (auto match = kPart.globalMatch(text); match.hasNext();)
    parts.insert(match.next().captured());
  return parts;
}

/// What a window says by itself, not out of a database.
QStringList words_of(QWidget& window) {
  QStringList words;
  for (const QWidget* widget : seen_widgets(window)) {
    words << widget->accessibleName() << widget->toolTip() << widget->windowTitle();
    if (const auto* label = qobject_cast<const QLabel*>(widget)) words << label->text();
    if (const auto* button = qobject_cast<const QAbstractButton*>(widget)) words << button->text();
    if (const auto* box = qobject_cast<const QComboBox*>(widget)) words << box->currentText();
    if (const auto* table = qobject_cast<const QTableWidget*>(widget)) {
      for (int row = 0; row < table->rowCount(); ++row) {
        for (int i = 0; i < table->columnCount(); ++i) {
          if (const QTableWidgetItem* item = table->item(row, i)) words << item->text();
        }
      }
    }
  }
  return words;
}

QString source_file(const char* name) {
  return QStringLiteral(NAS_SOURCE_DIR "/") + name;
}

}  // namespace

TEST_CASE("German is whole: each text has a translation with the same places and marks") {
  const std::vector<Text> texts = texts_of(source_file("gui/translations/searchlight_de.ts"));
  CHECK(texts.size() > 350);
  for (const Text& text : texts) {
    INFO(text.context.toStdString(), ": ", text.source.toStdString());
    CHECK(text.finished);
    const bool plural = text.source.contains("%n") || text.source.contains("%Ln");
    if (plural) CHECK(text.translations.size() == 2);
    for (const QString& translation : text.translations) {
      CHECK_FALSE(translation.trimmed().isEmpty());
      CHECK(parts_of(translation) == parts_of(text.source));
      CHECK(translation.endsWith(u'…') == text.source.endsWith(u'…'));
    }
  }
}

TEST_CASE("no text of the sources is unknown to the translations") {
  const TemporaryDirectory directory;
  const QString copy = QString::fromStdString(directory.file("searchlight_de.ts").string());
  REQUIRE(QFile::copy(source_file("gui/translations/searchlight_de.ts"), copy));
  QProcess lupdate;
  lupdate.start(NAS_LUPDATE, {"-silent", "-locations", "none", "-no-obsolete", "-I",
                              source_file(""), source_file("gui"), "-ts", copy});
  REQUIRE(lupdate.waitForFinished(60'000));
  REQUIRE(lupdate.exitCode() == 0);
  // What to do: build the target `translations` and fill in what it left open.
  for (const Text& text : texts_of(copy)) {
    INFO(text.context.toStdString(), ": ", text.source.toStdString());
    CHECK(text.finished);
  }
}

TEST_CASE("a German window has no English text that has a translation") {
  std::set<QString> english;
  for (const Text& text : texts_of(source_file("gui/translations/searchlight_de.ts"))) {
    if (!text.source.isEmpty() && !text.translations.contains(text.source))
      english.insert(text.source);
  }
  // Names of columns are nasctl's, in every language.
  for (const char* column : {"State", "params"}) english.erase(column);
  EveryView views("de");
  int words = 0;
  views.visit([&](const QString& name, QWidget& window) {
    INFO(name.toStdString());
    for (const QString& word : words_of(window)) {
      CHECK_MESSAGE(!english.contains(word), word.toStdString());
      words += word.isEmpty() ? 0 : 1;
    }
  });
  CHECK(words > 500);
}
