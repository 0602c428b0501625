#include "gui/models/jobs_model.h"

#include <QCoreApplication>
#include <QLocale>

#include "core/util/text.h"
#include "gui/jobs/nasctl_process.h"

namespace nas {

namespace {

constexpr qsizetype kMostShown = 200;

QString time_text(const NasctlJob& job) {
  if (!job.started.isValid()) return {};
  const QString start = QLocale::c().toString(job.started, "hh:mm:ss");
  if (!job.isOver()) return start;
  const double seconds = static_cast<double>(job.started.msecsTo(job.ended)) / 1000;
  return JobsModel::tr("%1, took %2").arg(start, QString::fromStdString(format_seconds(seconds)));
}

}  // namespace

QString state_text(const NasctlJob& job) {
  switch (job.state) {
    case NasctlJob::State::kWaiting:
      return JobsModel::tr("waiting");
    case NasctlJob::State::kRunning:
      return JobsModel::tr("running");
    case NasctlJob::State::kStopping:
      return JobsModel::tr("stopping");
    case NasctlJob::State::kStopped:
      return JobsModel::tr("stopped");
    case NasctlJob::State::kFailed:
      return JobsModel::tr("failed (%1): %2").arg(job.exit_code).arg(job.last_line);
    case NasctlJob::State::kDone:
      break;
  }
  return job.exit_code == 0 ? JobsModel::tr("done") : JobsModel::tr("done (%1)").arg(job.exit_code);
}

JobsModel::JobsModel(const NasctlQueue* queue, QObject* parent)
    : QAbstractTableModel(parent), queue_(queue) {
  connect(queue_, &NasctlQueue::adding, this, [this] { beginInsertRows({}, 0, 0); });
  connect(queue_, &NasctlQueue::added, this, [this] { endInsertRows(); });
  connect(queue_, &NasctlQueue::forgetting, this,
          [this] { beginRemoveRows({}, rowCount() - 1, rowCount() - 1); });
  connect(queue_, &NasctlQueue::forgot, this, [this] { endRemoveRows(); });
  connect(queue_, &NasctlQueue::changed, this, [this](int id) {
    const int row = rowOf(id);
    if (row >= 0) Q_EMIT dataChanged(index(row, 0), index(row, kColumns - 1));
  });
}

int JobsModel::idAt(int row) const {
  return row < 0 || row >= rowCount() ? 0 : queue_->jobs()[static_cast<std::size_t>(row)].id;
}

int JobsModel::rowOf(int id) const {
  for (int row = 0; row < rowCount(); ++row) {
    if (idAt(row) == id) return row;
  }
  return -1;
}

int JobsModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(queue_->jobs().size());
}

int JobsModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : kColumns;
}

QVariant JobsModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid() || index.row() >= rowCount()) return {};
  const NasctlJob& job = queue_->jobs()[static_cast<std::size_t>(index.row())];
  if (role == Qt::ToolTipRole) {
    const QString text = shell_text("nasctl", job.arguments) + "\n" + state_text(job);
    return "<p>" + text.left(2000).toHtmlEscaped().replace("\n", "<br>") + "</p>";
  }
  if (role != Qt::DisplayRole) return {};
  switch (index.column()) {
    case kCommand:
      return job.command();
    case kState:
      return state_text(job).left(kMostShown);
    case kSubject:
      return QString::fromStdString(printable(job.subject.left(kMostShown).toStdString()));
    default:
      return time_text(job);
  }
}

QVariant JobsModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || role != Qt::DisplayRole) return {};
  const QString names[] = {tr("Command"), tr("State"), tr("Architecture"), tr("Started")};
  return section >= 0 && section < kColumns ? names[section] : QString();
}

}  // namespace nas
