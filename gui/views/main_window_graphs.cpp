#include <QTabWidget>
#include <utility>
#include <variant>

#include "core/util/error.h"
#include "gui/views/main_window.h"

namespace nas {

namespace {

constexpr std::size_t kMostCompared = 4;

}  // namespace

std::string MainWindow::spaceOf(const TablePage& page) const {
  const auto* name = std::get_if<std::string>(&page.model()->table());
  if (name == nullptr) {
    const Explorer::Study* study = page.model()->studyOf(page.selection()->current().value_or(-1));
    return study == nullptr ? std::string() : study->row.spec.space;
  }
  for (const BenchmarkRow& benchmark : page.database()->benchmarks()) {
    if (benchmark.info.name == *name) return benchmark.info.space;
  }
  return {};
}

OptionMap MainWindow::spaceOptionsOf(const TablePage& page) const {
  const Explorer::Study* study = page.model()->studyOf(page.selection()->current().value_or(-1));
  return study == nullptr ? OptionMap() : study->config.space_options;
}

void MainWindow::drawCurrent() {
  const TablePage* page = currentPage();
  if (page == nullptr) return;
  const auto key = page->selection()->current();
  if (!key) {
    say(tr("Select a row first."));
    return;
  }
  drawRows({*key}, tr("%1 of %2").arg(*key).arg(page->title().left(24)));
}

void MainWindow::compareSelected() {
  const TablePage* page = currentPage();
  if (page == nullptr) return;
  const auto keys = page->selection()->keys();
  if (keys.size() < 2 || keys.size() > kMostCompared) {
    say(tr("Select two to four rows to compare; %n are selected.", "",
           static_cast<int>(keys.size())));
    return;
  }
  QStringList names;
  for (const RowKey key : keys) names << QString::number(key);
  drawRows({keys.begin(), keys.end()}, tr("Compare %1").arg(names.join(", ")));
}

void MainWindow::drawRows(std::vector<RowKey> keys, const QString& title) {
  TablePage* page = currentPage();
  if (!page->model()->source()) return;
  for (const RowKey key : keys) {
    const Explorer::Study* study = page->model()->studyOf(key);
    if (study == nullptr || study->row.spec.space == spaceOf(*page)) continue;
    say(tr("Only architectures of one space can be compared."));
    return;
  }
  const RowKey first = keys.front();
  page->database()->ask(
      page, Lane::kUrgent,
      [source = page->model()->source(), keys = std::move(keys)](Explorer&) {
        std::vector<std::string> texts;
        const std::size_t column = find_column(source->source(), "architecture");
        for (const BrowseRow& row : source->source().rows(keys)) {
          const auto* text = std::get_if<std::string>(&row.cells[column]);
          texts.push_back(text == nullptr ? std::string() : *text);
        }
        return texts;
      },
      [this, page, first, space = spaceOf(*page), options = spaceOptionsOf(*page),
       title](Answer<std::vector<std::string>> answer) {
        try {
          if (!answer.value) throw Error(ErrorKind::kIo, answer.error.toStdString());
          const int place = tabs_->addTab(graphs_.make(space, *answer.value, options).release(),
                                          QString(title).replace("&", "&&"));
          tabs_->setCurrentIndex(place);
          if (answer.value->size() == 1)
            rememberSubject(tabs_->widget(place), subjectOf(*page, first, answer.value->front()));
        } catch (const Error& error) {
          say(QString::fromUtf8(error.what()));
        }
      });
}

}  // namespace nas
