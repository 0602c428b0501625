#include "gui/views/window/welcome_page.h"

#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>
#include <QLabel>
#include <QListWidget>
#include <QPushButton>
#include <QVBoxLayout>

namespace nas {

QString example_database() {
  for (const QString& start : {QDir::currentPath(), QCoreApplication::applicationDirPath()}) {
    QDir directory(start);
    // build/release/gui is three below the checkout.
    for (int level = 0; level < 4; ++level) {
      const QString file = directory.filePath(QStringLiteral("results/quickstart.db"));
      if (QFileInfo::exists(file)) return file;
      if (!directory.cdUp()) break;
    }
  }
  return {};
}

WelcomePage::WelcomePage(QWidget* parent)
    : QWidget(parent), recent_(new QListWidget(this)), example_(new QPushButton(this)) {
  auto* title = new QLabel(tr("Searchlight explorer"), this);
  QFont large = title->font();
  large.setPointSizeF(large.pointSizeF() * 1.9);
  large.setWeight(QFont::DemiBold);
  title->setFont(large);
  auto* lead = new QLabel(tr("See every architecture that a search has tried: sort and filter a "
                             "million of them, brush them in plots, draw and compare their graphs. "
                             "Databases are only read, also while searches write to them."),
                          this);
  lead->setWordWrap(true);
  auto* open = new QPushButton(tr("&Open a database…"), this);
  open->setDefault(true);
  auto* help = new QPushButton(tr("Ho&w it works"), this);
  heading_ = new QLabel(tr("&Recent files"), this);
  heading_->setBuddy(recent_);
  recent_->setAccessibleName(tr("Recent files"));
  recent_->setTextElideMode(Qt::ElideMiddle);
  recent_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  auto* hint = new QLabel(tr("or drop a file anywhere into this window"), this);

  auto* column = new QWidget(this);
  column->setMaximumWidth(620);
  auto* layout = new QVBoxLayout(column);
  layout->setSpacing(10);
  layout->addStretch(2);
  layout->addWidget(title);
  layout->addWidget(lead);
  layout->addSpacing(8);
  auto* buttons = new QHBoxLayout;
  buttons->addWidget(open);
  buttons->addWidget(example_);
  buttons->addWidget(help);
  buttons->addStretch(1);
  layout->addLayout(buttons);
  layout->addWidget(hint);
  layout->addSpacing(8);
  layout->addWidget(heading_);
  layout->addWidget(recent_, 3);
  layout->addStretch(2);
  auto* outer = new QHBoxLayout(this);
  outer->addStretch(1);
  outer->addWidget(column, 6);
  outer->addStretch(1);

  connect(open, &QPushButton::clicked, this, &WelcomePage::openRequested);
  connect(help, &QPushButton::clicked, this, &WelcomePage::helpRequested);
  connect(example_, &QPushButton::clicked, this, [this] { Q_EMIT fileChosen(example_database()); });
  connect(recent_, &QListWidget::itemActivated, this,
          [this](const QListWidgetItem* item) { Q_EMIT fileChosen(item->text()); });
}

void WelcomePage::setRecent(const QStringList& files) {
  recent_->clear();
  recent_->addItems(files);
  recent_->setVisible(!files.isEmpty());
  heading_->setVisible(!files.isEmpty());
}

void WelcomePage::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  const bool made = !example_database().isEmpty();
  example_->setEnabled(made);
  example_->setText(made ? tr("Open the e&xample") : tr("No e&xample yet"));
  example_->setToolTip(made ? example_database()
                            : tr("scripts/quickstart makes it: a small search on built-in data"));
}

}  // namespace nas
