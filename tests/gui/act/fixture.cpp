#include "tests/gui/act/fixture.h"

#include <doctest/doctest.h>

#include <QProcess>
#include <QTabWidget>

namespace nas::testing {

Reply nasctl(const QStringList& arguments) {
  QProcess process;
  process.setStandardInputFile(QProcess::nullDevice());
  process.start(QStringLiteral(NAS_NASCTL_DIRECTORY "/nasctl"), arguments);
  REQUIRE(process.waitForFinished(120'000));
  INFO(process.readAllStandardError().toStdString());
  return {process.exitCode(), process.readAllStandardOutput()};
}

ActFixture::ActFixture() {
  qputenv("PATH", QByteArray(NAS_NASCTL_DIRECTORY ":") + qgetenv("PATH"));
  REQUIRE_FALSE(find_nasctl().isEmpty());
  window.resize(1200, 800);
  window.show();
}

QString ActFixture::file(const QString& name) const {
  return QString::fromStdString((directory.path() / name.toStdString()).string());
}

QString ActFixture::searched(const QString& study) {
  const QString store = file("results.db");
  const Reply answer =
      nasctl({"search", "run", "--store", store, "--name", study, "--space", "nasbench201",
              "--searcher", "random", "--minimize", "params", "--budget", "8", "--no-winner"});
  REQUIRE(answer.code == 0);
  return store;
}

TablePage* ActFixture::open(const QString& store) {
  window.openStore(store);
  REQUIRE(wait_for([&] { return window.currentPage() != nullptr; }));
  TablePage* page = window.currentPage();
  REQUIRE(wait_for([&] { return page->model()->countState() == RowsModel::Count::kComplete; }));
  return page;
}

CommandForm* ActFixture::form(const QString& command) {
  if (command == "bench import") {
    window.importBenchmark();
  } else {
    window.act(command);
  }
  CommandForm* form = nullptr;
  REQUIRE(wait_for([&] { return (form = window.findChild<CommandForm*>()) != nullptr; }));
  CHECK(form->record().command == command);
  CHECK_FALSE(form->grab().isNull());
  return form;
}

const NasctlJob& ActFixture::run(CommandForm* form) {
  form->accept();
  REQUIRE(form->result() == QDialog::Accepted);
  const int id = window.nasctl()->jobs().front().id;
  REQUIRE(wait_for([&] { return window.nasctl()->find(id)->isOver(); }));
  // The form goes with the next turn of the event loop.
  REQUIRE(wait_for([&] { return window.findChild<CommandForm*>() == nullptr; }));
  return *window.nasctl()->find(id);
}

}  // namespace nas::testing
