#include "gui/jobs/database.h"

#include <QFileInfo>
#include <chrono>

#include "core/util/error.h"

namespace nas {

namespace {

constexpr std::chrono::milliseconds kPollEvery{1000};
constexpr std::int64_t kReopened = -2;

}  // namespace

Database::Database(StoreAddress address, QObject* parent)
    : QObject(parent), address_(std::move(address)) {
  reopen();
  connect(&timer_, &QTimer::timeout, this, &Database::poll);
  timer_.start(kPollEvery);
}

Database::~Database() {
  closing_.request_stop();
  // The connections were made in the threads; they go when those have ended.
  fast_.thread.reset();
  slow_.thread.reset();
}

QString Database::name() const {
  if (address_.is_file()) return QFileInfo(address()).fileName();
  if (address_.is_directory()) return address();
  const QString place = address().section("://", 1);
  const QString words = place.section('?', 0, 0);
  const QString host = words.section('/', 0, 0).section('@', -1);
  const QString database = words.section('/', 1);
  if (host.isEmpty() && database.isEmpty()) return place.section('?', 1);  // "service=lab"
  return host.isEmpty() ? database : database + "@" + host;
}

const Explorer::Study* Database::findStudy(std::int64_t id) const {
  for (const Explorer::Study& study : studies_) {
    if (study.row.id == id) return &study;
  }
  return nullptr;
}

void Database::reopen() {
  // A file that was replaced needs new connections, whose versions mean something else.
  if (version_ >= 0) version_ = kReopened;
  for (const Lanes* lanes : {&fast_, &slow_}) {
    lanes->thread->post([explorer = lanes->explorer] { explorer->reset(); }, true);
  }
  read();
}

void Database::retry(const StoreAddress& address) {
  if (open_) return;
  address_ = address;
  reopen();
}

void Database::refresh() {
  // After a problem the file may be a sound one by now.
  if (!open_ || !problem_.isEmpty()) {
    reopen();
  } else {
    read();
  }
}

void Database::poll() {
  if (!open_ || polling_) return;
  polling_ = true;
  ask(
      this, Lane::kUrgent, [](Explorer& explorer) { return explorer.version(); },
      [this](Answer<std::int64_t> answer) {
        polling_ = false;
        setProblem(answer.error);
        if (answer.value && *answer.value != version_) read();
      });
}

void Database::read() {
  ask(
      this, Lane::kUrgent,
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
  if (!answer.value) {
    Q_EMIT listChanged();
    return;
  }
  open_ = true;
  const bool first = version_ == -1;
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
