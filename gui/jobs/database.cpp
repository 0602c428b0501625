#include "gui/jobs/database.h"

#include <QFileInfo>
#include <chrono>

#include "core/util/error.h"

namespace nas {

namespace {

constexpr std::chrono::milliseconds kPollEvery{1000};

}  // namespace

Database::Database(QString path, QObject* parent)
    : QObject(parent),
      path_(std::move(path)),
      explorer_(std::make_shared<std::unique_ptr<Explorer>>()),
      thread_(std::make_unique<JobThread>()) {
  openFile();
  connect(&timer_, &QTimer::timeout, this, &Database::poll);
  timer_.start(kPollEvery);
}

Database::~Database() {
  // The connections were made in the thread; they go when it has ended.
  thread_.reset();
}

QString Database::name() const {
  return QFileInfo(path_).fileName();
}

const Explorer::Study* Database::findStudy(std::int64_t id) const {
  for (const Explorer::Study& study : studies_) {
    if (study.row.id == id) return &study;
  }
  return nullptr;
}

void Database::openFile() {
  const QPointer<Database> self(this);
  thread_->post(
      [explorer = explorer_, path = path_.toStdString(), self] {
        QString problem;
        try {
          *explorer = std::make_unique<Explorer>(path);
        } catch (const std::exception& error) {
          problem = QString::fromUtf8(error.what());
        }
        QMetaObject::invokeMethod(
            QCoreApplication::instance(),
            [self, problem] {
              if (!self) return;
              self->open_ = problem.isEmpty();
              self->setProblem(problem);
              if (self->open_) {
                self->read();
              } else {
                Q_EMIT self->listChanged();
              }
            },
            Qt::QueuedConnection);
      },
      true);
}

void Database::refresh() {
  if (!open_ || !problem_.isEmpty()) {
    // The file may be a sound one by now.
    version_ = -1;
    openFile();
    return;
  }
  read();
}

void Database::poll() {
  if (!open_ || polling_) return;
  polling_ = true;
  ask(
      this, true, [](Explorer& explorer) { return explorer.version(); },
      [this](Answer<std::int64_t> answer) {
        polling_ = false;
        setProblem(answer.error);
        if (answer.value && *answer.value != version_) read();
      });
}

void Database::read() {
  ask(
      this, true,
      [](Explorer& explorer) {
        // First the version: what changes while reading is read again.
        Lists lists;
        lists.version = explorer.version();
        lists.studies = explorer.studies();
        lists.benchmarks = explorer.benchmarks();
        return lists;
      },
      [this](Answer<Lists> answer) { take(std::move(answer)); });
}

void Database::take(Answer<Lists> answer) {
  setProblem(answer.error);
  if (!answer.value) return;
  const bool first = version_ < 0;
  const bool changed = version_ != answer.value->version;
  version_ = answer.value->version;
  studies_ = std::move(answer.value->studies);
  benchmarks_ = std::move(answer.value->benchmarks);
  Q_EMIT listChanged();
  if (changed && !first) Q_EMIT rowsChanged();
}

void Database::setProblem(const QString& problem) {
  if (problem == problem_) return;
  problem_ = problem;
  Q_EMIT problemChanged();
}

}  // namespace nas
