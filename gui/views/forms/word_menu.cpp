#include "gui/views/forms/word_menu.h"

#include <QAction>
#include <QCoreApplication>
#include <QKeySequence>
#include <QLineEdit>
#include <QListWidget>
#include <QMenu>
#include <QStyle>
#include <QWidgetAction>
#include <utility>

namespace nas {

namespace {

QString tr(const char* text) {
  // lupdate files texts outside of classes under their namespace.
  return QCoreApplication::translate("nas", text);
}

}  // namespace

void add_word_menu(QLineEdit* line, const QStringList& words, const QStringList& meanings,
                   std::function<QStringList(const QString&)> parts,
                   std::function<QString(const QString&, const QString&, bool)> with) {
  auto* menu = new QMenu(line);
  auto* list = new QListWidget(menu);
  list->setObjectName("words");
  list->setAccessibleName(tr("Words to choose"));
  list->setMinimumSize(480, 320);
  for (qsizetype i = 0; i < words.size(); ++i) {
    const QString meaning = meanings.value(i);
    auto* item = new QListWidgetItem(meaning.isEmpty() ? words[i] : words[i] + "  –  " + meaning);
    item->setData(Qt::UserRole, words[i]);
    item->setFlags(Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsUserCheckable);
    item->setCheckState(Qt::Unchecked);
    list->addItem(item);
  }
  auto* holder = new QWidgetAction(menu);
  holder->setDefaultWidget(list);
  menu->addAction(holder);
  const auto tick = [line, list, parts = std::move(parts)] {
    QStringList chosen;
    for (const QString& part : parts(line->text())) chosen << part.section(':', 0, 0);
    const QSignalBlocker quiet(list);
    for (int i = 0; i < list->count(); ++i) {
      QListWidgetItem* item = list->item(i);
      item->setCheckState(chosen.contains(item->data(Qt::UserRole).toString()) ? Qt::Checked
                                                                               : Qt::Unchecked);
    }
  };
  QObject::connect(list, &QListWidget::itemChanged, line,
                   [line, with = std::move(with)](QListWidgetItem* item) {
                     line->setText(with(line->text(), item->data(Qt::UserRole).toString(),
                                        item->checkState() == Qt::Checked));
                   });
  auto* open = new QAction(line->style()->standardIcon(QStyle::SP_ArrowDown), tr("Choose…"), line);
  open->setToolTip(tr("Choose from a list (Alt+Down)"));
  open->setShortcut(QKeySequence(Qt::ALT | Qt::Key_Down));
  open->setShortcutContext(Qt::WidgetShortcut);
  QObject::connect(open, &QAction::triggered, line, [line, menu, list, tick] {
    tick();
    menu->popup(line->mapToGlobal(line->rect().bottomLeft()));
    list->setFocus();
  });
  line->addAction(open, QLineEdit::TrailingPosition);
}

}  // namespace nas
