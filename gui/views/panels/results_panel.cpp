#include "gui/views/panels/results_panel.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QSplitter>
#include <QTableView>
#include <QVBoxLayout>

#include "core/util/error.h"
#include "core/util/text.h"
#include "gui/base/theme.h"
#include "gui/graph/elided_label.h"
#include "gui/jobs/result_table.h"

namespace nas {

namespace {

void dress(QTableView& view) {
  view.setSelectionBehavior(QAbstractItemView::SelectRows);
  view.setShowGrid(false);
  view.setWordWrap(false);
  view.setTabKeyNavigation(false);
  view.verticalHeader()->hide();
  view.verticalHeader()->setDefaultSectionSize(view.fontMetrics().height() + 6);
  view.horizontalHeader()->setStretchLastSection(true);
  view.horizontalHeader()->setHighlightSections(false);
}

}  // namespace

ResultsPanel::ResultsPanel(NasctlQueue* queue, QWidget* parent)
    : QWidget(parent),
      queue_(queue),
      jobs_(new JobsModel(queue, this)),
      result_(new ResultModel(this)) {
  build();
  connect(queue_, &NasctlQueue::added, this, &ResultsPanel::showJob);
  connect(queue_, &NasctlQueue::changed, this, [this](int id) {
    if (id == shown_) fill();
  });
  fill();
}

void ResultsPanel::build() {
  auto* splitter = new QSplitter(Qt::Horizontal, this);
  splitter->setChildrenCollapsible(false);
  jobs_view_ = new QTableView(splitter);
  jobs_view_->setModel(jobs_);
  jobs_view_->setAccessibleName(tr("Commands of nasctl"));
  jobs_view_->setSelectionMode(QAbstractItemView::SingleSelection);
  dress(*jobs_view_);
  jobs_view_->setColumnWidth(JobsModel::kCommand, 110);
  jobs_view_->setColumnWidth(JobsModel::kState, 110);
  jobs_view_->setColumnWidth(JobsModel::kSubject, 170);
  connect(jobs_view_->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
          [this](const QModelIndex& index) {
            shown_ = jobs_->idAt(index.row());
            fill();
          });
  splitter->addWidget(jobs_view_);
  splitter->addWidget(buildAnswer());
  splitter->setSizes({460, 640});
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(6, 4, 6, 6);
  layout->addWidget(splitter);
}

QWidget* ResultsPanel::buildAnswer() {
  auto* answer = new QWidget(this);
  subject_ = new ElidedLabel(answer);
  QFont bold = subject_->font();
  bold.setBold(true);
  subject_->setFont(bold);
  command_ = new ElidedLabel(answer);
  state_ = new QLabel(answer);
  state_->setTextFormat(Qt::PlainText);
  state_->setWordWrap(true);
  state_->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
  state_->setAccessibleName(tr("State of the command"));
  result_view_ = new QTableView(answer);
  result_view_->setModel(result_);
  result_view_->setAccessibleName(tr("Result of the command"));
  result_view_->setAlternatingRowColors(true);
  dress(*result_view_);
  copy_ = new QPushButton(tr("Copy the &result"), answer);
  connect(copy_, &QPushButton::clicked, this,
          [this] { QGuiApplication::clipboard()->setText(resultText()); });
  copy_command_ = new QPushButton(tr("Copy co&mmand"), answer);
  connect(copy_command_, &QPushButton::clicked, this, [this] {
    const NasctlJob* job = queue_->find(shown_);
    if (job != nullptr) QGuiApplication::clipboard()->setText(shell_text("nasctl", job->arguments));
  });
  stop_ = new QPushButton(tr("Stop &it"), answer);
  connect(stop_, &QPushButton::clicked, this, &ResultsPanel::stopShown);
  auto* buttons = new QHBoxLayout;
  buttons->addWidget(state_, 1);
  buttons->addWidget(stop_);
  buttons->addWidget(copy_command_);
  buttons->addWidget(copy_);
  auto* layout = new QVBoxLayout(answer);
  layout->setContentsMargins(6, 0, 0, 0);
  layout->setSpacing(3);
  layout->addWidget(subject_);
  layout->addWidget(command_);
  layout->addWidget(result_view_, 1);
  layout->addLayout(buttons);
  return answer;
}

void ResultsPanel::showJob(int id) {
  const int row = jobs_->rowOf(id);
  if (row < 0) return;
  jobs_view_->selectRow(row);
  shown_ = id;
  fill();
}

void ResultsPanel::stopShown() {
  queue_->stop(shown_);
}

QString ResultsPanel::resultText() const {
  return QString::fromStdString(nas::render(result_->table(), Format::kCsv));
}

void ResultsPanel::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::PaletteChange && state_ != nullptr) tint();
}

void ResultsPanel::tint() {
  const NasctlJob* job = queue_->find(shown_);
  const bool failed = job != nullptr && job->state == NasctlJob::State::kFailed;
  const Theme theme = Theme::of(palette());
  QPalette colours = palette();
  colours.setColor(QPalette::WindowText, failed ? theme.warning : theme.muted);
  state_->setPalette(colours);
}

void ResultsPanel::fill() {
  const NasctlJob* job = queue_->find(shown_);
  const bool there = job != nullptr;
  QString state = there ? state_text(*job) : tr("no command has run yet");
  Table table;
  if (there && job->wanted == CommandOutput::kKept && job->isOver() && !job->output.isEmpty()) {
    try {
      table = parse_result(job->output);
    } catch (const Error& error) {
      state += ": " + QString::fromUtf8(error.what());
    }
  }
  tint();
  subject_->setWhole(there ? QString::fromStdString(printable(job->subject.toStdString())) : "");
  command_->setWhole(
      there ? QString::fromStdString(printable(shell_text("nasctl", job->arguments).toStdString()))
            : "");
  state_->setText(state.simplified().left(600));
  stop_->setEnabled(there && !job->isOver());
  stop_->setText(there && job->state == NasctlJob::State::kStopping ? tr("&Kill it")
                                                                    : tr("Stop &it"));
  copy_->setEnabled(!table.rows.empty());
  copy_command_->setEnabled(there);
  result_->setTable(std::move(table));
  result_view_->resizeColumnsToContents();
}

}  // namespace nas
