#pragma once

#include <QCoreApplication>
#include <QObject>
#include <QPointer>
#include <QString>
#include <QTimer>
#include <memory>
#include <optional>
#include <stop_token>
#include <type_traits>
#include <utility>
#include <vector>

#include "app/explorer/explorer.h"
#include "core/util/error.h"
#include "gui/jobs/job_thread.h"

namespace nas {

/// What a job found out, or why it could not.
template <class T>
struct Answer {
  std::optional<T> value;
  QString error;
};

/// Who waits for a job.
enum class Lane {
  kUrgent,  ///< a person looking at the screen: overtakes the next
  kNormal,
  kSlow,  ///< long work, in a second thread with connections of its own
};

/// A database as the window sees it: all reading happens in a thread of its own, with
/// connections of its own. Looks for changes by others once a second.
class Database final : public QObject {
  Q_OBJECT

 public:
  explicit Database(StoreAddress address, QObject* parent = nullptr);
  ~Database() override;

  /// As nasctl takes it after --store; never with a password.
  QString address() const { return QString::fromStdString(address_.text()); }
  QString name() const;  ///< of the file, or "nas@db.example.org" of a server
  bool isOpen() const { return open_; }
  /// Why nothing (new) can be read; empty when all is well.
  const QString& problem() const { return problem_; }
  const std::vector<Explorer::Study>& studies() const { return studies_; }
  const std::vector<BenchmarkRow>& benchmarks() const { return benchmarks_; }
  const Explorer::Study* findStudy(std::int64_t id) const;

  /// For long jobs: requested when the database is closed, which waits for what runs.
  std::stop_token closing() const { return closing_.get_token(); }

  /// Another way to say the same place, with a password perhaps: tries again unless it is open.
  void retry(const StoreAddress& address);
  /// Reads now, also when nothing seems to have changed.
  void refresh();

  /// Runs `work(Explorer&)` in a thread, then `done(Answer<result>)` on this one, unless
  /// `receiver` has gone.
  template <class Work, class Done>
  void ask(QObject* receiver, Lane lane, Work work, Done done) {
    using Result = std::invoke_result_t<Work, Explorer&>;
    const Lanes& lanes = lane == Lane::kSlow ? slow_ : fast_;
    auto job = [explorer = lanes.explorer, address = address_, guard = QPointer<QObject>(receiver),
                work = std::move(work), done = std::move(done)]() mutable {
      Answer<Result> answer;
      try {
        if (!*explorer) *explorer = std::make_unique<Explorer>(address);
        answer.value = work(**explorer);
      } catch (const std::exception& error) {
        answer.error = QString::fromUtf8(error.what());
      }
      // The application outlives every receiver, which may go while the answer is on its way.
      QMetaObject::invokeMethod(
          QCoreApplication::instance(),
          [guard, done = std::move(done), answer = std::move(answer)]() mutable {
            if (guard) done(std::move(answer));
          },
          Qt::QueuedConnection);
    };
    // std::function wants to copy what it holds.
    lanes.thread->post([shared = std::make_shared<decltype(job)>(std::move(job))] { (*shared)(); },
                       lane == Lane::kUrgent);
  }

 Q_SIGNALS:
  void listChanged();     ///< studies, benchmarks or their states
  void rowsChanged();     ///< another process has committed something
  void problemChanged();  ///< something went wrong, or is well again

 private:
  struct Lists {
    std::int64_t version = 0;
    std::vector<Explorer::Study> studies;
    std::vector<BenchmarkRow> benchmarks;
  };
  void reopen();
  void poll();
  void read();
  void take(Answer<Lists> answer);
  void setProblem(const QString& problem);

  StoreAddress address_;
  QString problem_;
  std::stop_source closing_;
  bool open_ = false;
  bool polling_ = false;
  std::int64_t version_ = -1;
  std::vector<Explorer::Study> studies_;
  std::vector<BenchmarkRow> benchmarks_;
  QTimer timer_;
  /// A thread, and what is made and used in it only.
  struct Lanes {
    std::shared_ptr<std::unique_ptr<Explorer>> explorer =
        std::make_shared<std::unique_ptr<Explorer>>();
    std::unique_ptr<JobThread> thread = std::make_unique<JobThread>();
  };
  Lanes fast_;
  Lanes slow_;
};

}  // namespace nas
