// Everything can be reached and told apart without a mouse and without seeing.
#include <doctest/doctest.h>

#include <QAbstractButton>
#include <QAccessible>
#include <QLabel>
#include <QMenuBar>
#include <QShortcut>
#include <QTabBar>
#include <QTest>
#include <map>
#include <set>

#include "tests/gui/usable/every_view.h"

using namespace nas;
using namespace nas::testing;

namespace {

const char* const kLanguages[] = {"en", "de"};

/// "Alt+F" of "&File"; empty without one.
QString letter_of(const QString& text) {
  return QKeySequence::mnemonic(text).toString();
}

struct Entry {
  QMenu* menu;
  QAction* action;
};

void collect(QMenu& menu, std::vector<Entry>& entries) {
  for (QAction* action : menu.actions()) {
    if (action->isSeparator()) continue;
    entries.push_back({&menu, action});
    if (action->menu() != nullptr) collect(*action->menu(), entries);
  }
}

std::vector<Entry> entries_of(const MainWindow& window) {
  std::vector<Entry> entries;
  for (QAction* action : window.menuBar()->actions()) {
    entries.push_back({nullptr, action});
    collect(*action->menu(), entries);
  }
  return entries;
}

/// The letters that Alt reaches in what is shown: menus, buttons, labels with a partner, tabs.
std::map<QString, QStringList> letters_of(QWidget& window) {
  std::map<QString, QStringList> owners;
  const auto add = [&](const QString& text) {
    if (!letter_of(text).isEmpty()) owners[letter_of(text)] << text;
  };
  for (const QWidget* widget : seen_widgets(window)) {
    if (const auto* bar = qobject_cast<const QMenuBar*>(widget)) {
      for (const QAction* action : bar->actions()) add(action->text());
    } else if (const auto* button = qobject_cast<const QAbstractButton*>(widget)) {
      add(button->text());
    } else if (const auto* label = qobject_cast<const QLabel*>(widget)) {
      if (label->buddy() != nullptr) add(label->text());
    } else if (const auto* tabs = qobject_cast<const QTabBar*>(widget)) {
      for (int i = 0; i < tabs->count(); ++i) add(tabs->tabText(i));
    }
  }
  return owners;
}

}  // namespace

TEST_CASE("every entry of every menu has a letter of its own, in every language") {
  for (const char* language : kLanguages) {
    CAPTURE(language);
    EveryView views(language);
    views.openTable();
    std::map<std::pair<QMenu*, QString>, QString> owners;
    for (const Entry& entry : entries_of(views.window())) {
      const std::string text = entry.action->text().toStdString();
      const QString letter = letter_of(entry.action->text());
      CHECK_MESSAGE(!letter.isEmpty(), "no letter: ", text);
      const QString& owner =
          owners.emplace(std::pair(entry.menu, letter), entry.action->text()).first->second;
      CHECK_MESSAGE(owner == entry.action->text(), "same letter: ", text, ", ",
                    owner.toStdString());
    }
    CHECK(owners.size() > 30);
  }
}

TEST_CASE("no two keys do two things, in every language") {
  for (const char* language : kLanguages) {
    CAPTURE(language);
    EveryView views(language);
    views.visit([](const QString& name, QWidget& window) {
      INFO(name.toStdString());
      std::map<QString, std::set<QString>> keys;
      for (const QAction* action : window.findChildren<QAction*>()) {
        const bool local = action->shortcutContext() == Qt::WidgetShortcut;
        if (local || !action->isEnabled()) continue;
        for (const QKeySequence& key : action->shortcuts())
          keys[key.toString()].insert(action->text());
      }
      for (const QShortcut* shortcut : window.findChildren<QShortcut*>()) {
        // The panel of a tab that is not shown hears no key.
        if (shortcut->isEnabled() && static_cast<QWidget*>(shortcut->parent())->isVisible())
          keys[shortcut->key().toString()].insert("shortcut");
      }
      for (const auto& [key, owners] : keys) {
        CHECK_MESSAGE(owners.size() == 1, key.toStdString(), ": ",
                      QStringList(owners.begin(), owners.end()).join(", ").toStdString());
      }
    });
  }
}

TEST_CASE("no two things on the screen share a letter, in every language") {
  for (const char* language : kLanguages) {
    CAPTURE(language);
    EveryView views(language);
    views.visit([](const QString& name, QWidget& window) {
      INFO(name.toStdString());
      for (const auto& [letter, owners] : letters_of(window)) {
        CHECK_MESSAGE(owners.size() == 1, letter.toStdString(), ": ",
                      owners.join(", ").toStdString());
      }
    });
  }
}

TEST_CASE("everything that takes the keyboard says what it is") {
  EveryView views;
  int stops = 0;
  views.visit([&](const QString& name, QWidget& window) {
    INFO(name.toStdString());
    for (QWidget* widget : tab_stops(window)) {
      const QAccessibleInterface* spoken = QAccessible::queryAccessibleInterface(widget);
      REQUIRE(spoken != nullptr);
      CHECK_MESSAGE(!spoken->text(QAccessible::Name).isEmpty(), describe(*widget));
      ++stops;
    }
  });
  CHECK(stops > 100);
}

TEST_CASE("the Tab key goes round everything that takes the keyboard") {
  EveryView views;
  views.visit([](const QString& name, QWidget& window) {
    INFO(name.toStdString());
    const QList<QWidget*> stops = tab_stops(window);
    std::set<const QWidget*> visited;
    stops.front()->setFocus(Qt::TabFocusReason);
    for (qsizetype i = 0; i < 2 * stops.size() && window.focusWidget() != nullptr; ++i) {
      visited.insert(window.focusWidget());
      QTest::keyClick(window.focusWidget(), Qt::Key_Tab);
    }
    for (const QWidget* stop : stops) CHECK_MESSAGE(visited.contains(stop), describe(*stop));
  });
}
