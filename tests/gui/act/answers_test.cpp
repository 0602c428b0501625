#include <doctest/doctest.h>

#include <QAbstractItemModelTester>
#include <QFile>
#include <QStatusBar>

#include "core/util/error.h"
#include "gui/jobs/result_table.h"
#include "tests/gui/act/fixture.h"

using namespace nas;
using namespace nas::testing;
using State = NasctlJob::State;

namespace {

/// A search that goes on until it is stopped.
QStringList endless(const QString& store, const QString& name) {
  return {"search",      "run",        "--store",  store,    "--name",     name,       "--space",
          "nasbench201", "--searcher", "random",   "--data", "glyphs",     "--preset", "smoke",
          "--maximize",  "accuracy",   "--budget", "100000", "--no-winner"};
}

const NasctlJob& job_of(const NasctlQueue& queue, int id) {
  const NasctlJob* job = queue.find(id);
  REQUIRE(job != nullptr);
  return *job;
}

}  // namespace

TEST_CASE("models of commands and results keep the laws of item models") {
  ActFixture sample;
  NasctlQueue queue;
  JobsModel jobs(&queue);
  const QAbstractItemModelTester test_jobs(&jobs,
                                           QAbstractItemModelTester::FailureReportingMode::Fatal);
  ResultModel result;
  const QAbstractItemModelTester test_result(&result,
                                             QAbstractItemModelTester::FailureReportingMode::Fatal);
  const int id = queue.add({"proxy", "list", "--json"}, "a <b>", CommandOutput::kKept);
  CHECK(jobs.rowOf(id) == 0);
  queue.add({"no", "command"});
  CHECK(jobs.rowOf(id) == 1);
  REQUIRE(wait_for([&] { return !queue.isRunning(); }));
  CHECK(job_of(queue, id).state == State::kDone);
  CHECK(jobs.data(jobs.index(1, JobsModel::kSubject), Qt::DisplayRole) == "a <b>");
  result.setTable(parse_result(job_of(queue, id).output));
  CHECK(result.rowCount() > 10);
  result.setTable({});
  CHECK(result.rowCount() == 0);
}

TEST_CASE("a command that fails says why in one line") {
  ActFixture sample;
  sample.window.runNasctl({"arch", "score", "nonsense", "--space", "nasbench201", "--json"},
                          "nonsense", CommandOutput::kKept);
  REQUIRE(wait_for([&] { return !sample.window.nasctl()->isRunning(); }));
  const NasctlJob& job = sample.window.nasctl()->jobs().front();
  CHECK(job.state == State::kFailed);
  CHECK(job.exit_code == 2);
  CHECK(state_text(job).startsWith("failed (2): nasctl: "));
  CHECK_FALSE(state_text(job).contains('\n'));
  CHECK(sample.window.statusBar()->currentMessage().startsWith("nasctl arch score: failed (2)"));
  CHECK(sample.window.results()->result().rowCount() == 0);
}

TEST_CASE("without nasctl a command fails at once and the next one is tried") {
  ActFixture sample;
  const QByteArray path = qgetenv("PATH");
  qputenv("PATH", "");
  NasctlQueue queue;
  const int first = queue.add({"arch", "score"});
  const int second = queue.add({"arch", "score"});
  const bool over = wait_for([&] { return !queue.isRunning(); });
  qputenv("PATH", path);
  REQUIRE(over);
  for (const int id : {first, second}) {
    CHECK(job_of(queue, id).state == State::kFailed);
    CHECK(job_of(queue, id).last_line.contains("nasctl"));
  }
}

TEST_CASE("answers that are not tables are refused") {
  for (const char* text :
       {"", "{}", "[]", "{\"schema\":\"other.x\",\"version\":1,\"rows\":[]}",
        "{\"schema\":\"searchlight.x\",\"version\":1,\"rows\":[{\"a\":1},{}]}"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(parse_result(text), Error);
  }
  const Table table = parse_result(
      "{\"schema\":\"searchlight.x\",\"version\":1,\"rows\":[{\"b\":1,\"a\":null,\"c\":\"nan\"}]}");
  REQUIRE(table.columns.size() == 3);
  CHECK(table.columns[0].name == "b");
  CHECK(result_text(table.rows[0][0]) == "1");
  CHECK(result_text(table.rows[0][1]).isEmpty());
  const Table one =
      parse_result("{\"schema\":\"searchlight.x\",\"version\":1,\"name\":\"a\",\"rows\":1234}");
  REQUIRE(one.rows.size() == 2);
  CHECK(result_text(one.rows[1][0]) == "rows");
  CHECK(result_text(one.rows[1][1]) == "1,234");
}

TEST_CASE("acceptance: searches wait for each other, scores do not, and all can be stopped") {
  ActFixture sample;
  NasctlQueue& queue = *sample.window.nasctl();
  const QString store = sample.file("results.db");
  sample.window.runNasctl(endless(store, "one"));
  const int one = queue.jobs().front().id;
  sample.window.runNasctl(endless(store, "two"));
  const int two = queue.jobs().front().id;
  CHECK(job_of(queue, one).state == State::kRunning);
  CHECK(job_of(queue, two).state == State::kWaiting);
  CHECK(sample.window.statusBar()->currentMessage().contains("waits"));
  CHECK(queue.isSearching());
  const int quick = queue.add({"space", "list", "--json"}, {}, CommandOutput::kKept);
  REQUIRE(wait_for([&] { return job_of(queue, quick).isOver(); }));
  CHECK(job_of(queue, one).state == State::kRunning);

  // Its first trial is under way: Ctrl+C leaves a study that can go on.
  REQUIRE(wait_for([&] { return QFile::exists(store); }));
  Database* database = sample.window.openStore(store);
  REQUIRE(wait_for([&] { return !database->studies().empty(); }));
  sample.window.results()->showJob(one);
  sample.window.results()->stopShown();
  CHECK(job_of(queue, one).state == State::kStopping);
  REQUIRE(wait_for([&] { return job_of(queue, one).isOver(); }));
  CHECK(job_of(queue, one).state == State::kStopped);
  CHECK(job_of(queue, one).exit_code == 130);
  // The next one starts by itself; asked twice, it is killed.
  CHECK(job_of(queue, two).state == State::kRunning);
  const int three = queue.add(endless(store, "three"));
  queue.stop(three);
  CHECK(job_of(queue, three).neverRan());
  queue.stop(two);
  queue.stop(two);
  REQUIRE(wait_for([&] { return job_of(queue, two).isOver(); }));
  CHECK(job_of(queue, two).state == State::kStopped);
  CHECK_FALSE(queue.isRunning());
}
