#include <doctest/doctest.h>

#include <QComboBox>
#include <QFile>
#include <QTabWidget>
#include <QTableView>

#include "gui/graph/architecture_panel.h"
#include "gui/graph/memory_plot.h"
#include "gui/jobs/result_table.h"
#include "tests/gui/act/fixture.h"

using namespace nas;
using namespace nas::testing;

namespace {

QComboBox* cost_of_layers(QWidget* drawing) {
  for (QComboBox* box : drawing->findChildren<QComboBox*>()) {
    if (box->accessibleName() == "Cost of the layers") return box;
  }
  return nullptr;
}

}  // namespace

TEST_CASE("the scores of a row are those of nasctl, and one sees of what") {
  ActFixture sample;
  const QString store = sample.searched();
  TablePage* page = sample.open(store);
  page->showRow(3);
  CommandForm* form = sample.form("arch score");
  CHECK(form->value("ARCHITECTURE") == "trial:first/3");
  CHECK(form->value("store") == store);
  form->setValue("proxies", "synflow,nwot");
  form->setValue("batch", "4");
  const NasctlJob job = sample.run(form);
  CHECK(job.state == NasctlJob::State::kDone);
  const Reply direct = nasctl({"arch", "score", "trial:first/3", "--store", store, "--proxies",
                               "synflow,nwot", "--batch", "4", "--json"});
  const Table expected = parse_result(direct.out);
  REQUIRE(expected.rows.size() >= 2);
  const ResultsPanel* results = sample.window.results();
  CHECK(results->shownJob() == job.id);
  CHECK(results->result().table().rows == expected.rows);
  CHECK(results->resultText().startsWith("proxy,score,note"));
  CHECK(job.subject.startsWith("|"));  // the architecture, not only its number
  CHECK(results->isVisible());
  CHECK(sample.window.log().first().startsWith("$ nasctl arch score trial:first/3"));
}

TEST_CASE("names with quotes, dashes and blanks reach nasctl as they are") {
  ActFixture sample;
  const QString name = "-it's \"odd\" $(touch searchlight-touched); `y` \\ & | <b>";
  const QString store = sample.searched(name);
  sample.open(store)->showRow(1);
  CommandForm* form = sample.form("arch score");
  CHECK(form->value("ARCHITECTURE") == "trial:" + name + "/1");
  form->setValue("proxies", "params");
  const NasctlJob job = sample.run(form);
  CHECK(job.last_line.toStdString() == "");
  CHECK(job.state == NasctlJob::State::kDone);
  CHECK_FALSE(QFile::exists("searchlight-touched"));
}

TEST_CASE("measuring a drawing shows the latency of its layers") {
  ActFixture sample;
  sample.open(sample.searched())->showRow(2);
  const int before = sample.window.tabs()->count();
  sample.window.drawCurrent();
  REQUIRE(wait_for([&] { return sample.window.tabs()->count() == before + 1; }));
  QWidget* drawing = sample.window.tabs()->currentWidget();
  REQUIRE(qobject_cast<ArchitecturePanel*>(drawing) != nullptr);
  const QString before_measuring = cost_of_layers(drawing)->currentText();
  CHECK_FALSE(before_measuring.startsWith("Latency"));
  CommandForm* form = sample.form("arch latency");
  CHECK(form->value("layers") == "true");
  const NasctlJob job = sample.run(form);
  CHECK(job.state == NasctlJob::State::kDone);
  CHECK(cost_of_layers(drawing)->currentText() == "Latency by layer");
  const Table table = sample.window.results()->result().table();
  CHECK(table.kind == "layer_latency");
  CHECK_FALSE(table.rows.empty());
}

TEST_CASE("planning the memory of a drawing shows its buffers, also of one that does not fit") {
  ActFixture sample;
  sample.open(sample.searched())->showRow(2);
  const int before = sample.window.tabs()->count();
  sample.window.drawCurrent();
  REQUIRE(wait_for([&] { return sample.window.tabs()->count() == before + 1; }));
  auto* plot = sample.window.tabs()->currentWidget()->findChild<MemoryPlot*>();
  REQUIRE(plot != nullptr);
  CHECK(plot->timeline().boxes.empty());
  CommandForm* form = sample.form("arch memory");
  CHECK(form->value("buffers") == "true");
  CHECK(sample.run(form).state == NasctlJob::State::kDone);
  const MemoryTimeline fitting = plot->timeline();
  REQUIRE_FALSE(fitting.boxes.empty());
  CHECK(fitting.device == "stm32f746");
  CHECK(plot->isVisible());
  CHECK(plot->note().contains("327,680"));
  CHECK(sample.window.results()->result().rowCount() == static_cast<int>(fitting.boxes.size()));

  form = sample.form("arch memory");
  form->setValue("device", "stm32f412");
  CHECK(sample.run(form).state == NasctlJob::State::kDone);
  CHECK(plot->timeline().device == "stm32f412");
  CHECK(plot->timeline().boxes.size() == fitting.boxes.size());
}

TEST_CASE("a benchmark that is imported opens its tab") {
  ActFixture sample;
  const QString store = sample.searched();
  sample.open(store);
  QFile table(sample.file("three.csv"));
  REQUIRE(table.open(QIODevice::WriteOnly));
  table.write(
      "arch,acc\n"
      "|none~0|+|none~0|none~1|+|none~0|none~1|none~2|,10\n"
      "|nor_conv_3x3~0|+|none~0|none~1|+|none~0|none~1|skip_connect~2|,60\n"
      "|skip_connect~0|+|none~0|skip_connect~1|+|none~0|none~1|skip_connect~2|,20\n");
  table.close();
  QFile mapping(sample.file("three.toml"));
  REQUIRE(mapping.open(QIODevice::WriteOnly));
  mapping.write(
      "name = \"three\"\nspace = \"nasbench201\"\nsource = \"a test\"\n[architecture]\n"
      "fields = \"arch\"\n[[column]]\nfield = \"acc\"\nmetric = \"accuracy\"\n"
      "dataset = \"cifar10\"\nunit = \"%\"\n");
  mapping.close();
  CommandForm* form = sample.form("bench import");
  CHECK(form->value("store") == store);
  form->setValue("PATH", table.fileName());
  form->setValue("mapping", mapping.fileName());
  const NasctlJob job = sample.run(form);
  INFO(job.last_line.toStdString());
  CHECK(job.state == NasctlJob::State::kDone);
  REQUIRE(wait_for([&] { return sample.window.currentPage()->title() == "three"; }));
  TablePage* page = sample.window.currentPage();
  REQUIRE(wait_for([&] { return page->model()->rowCount() == 3; }));

  // Rows of a benchmark are named by their text and space.
  page->showRow(1);
  CommandForm* score = sample.form("arch score");
  CHECK(score->value("ARCHITECTURE").startsWith("|nor_conv_3x3~0|"));
  CHECK(score->value("space") == "nasbench201");
  score->setValue("proxies", "params");
  CHECK(sample.run(score).state == NasctlJob::State::kDone);
}
