#include <QFileInfo>
#include <QTabWidget>
#include <utility>
#include <variant>

#include "core/util/error.h"
#include "gui/views/window/main_window.h"

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
        const std::span<const BrowseColumn> columns = source->source().columns();
        // A benchmark has no such column: its architectures are those of the published network.
        const auto text_in = [&](const BrowseRow& row, std::string_view name) {
          for (std::size_t i = 0; i < columns.size(); ++i) {
            const auto* text = std::get_if<std::string>(&row.cells[i]);
            if (columns[i].name == name && text != nullptr) return *text;
          }
          return std::string();
        };
        std::vector<DrawnArchitecture> drawn;
        for (const BrowseRow& row : source->source().rows(keys)) {
          drawn.push_back({text_in(row, "architecture"), text_in(row, "network")});
        }
        return drawn;
      },
      [this, page, first, space = spaceOf(*page), options = spaceOptionsOf(*page),
       title](Answer<std::vector<DrawnArchitecture>> answer) {
        try {
          if (!answer.value) throw Error(ErrorKind::kIo, answer.error.toStdString());
          const int place = tabs_->addTab(graphs_.make(space, *answer.value, options).release(),
                                          QString(title).replace("&", "&&"));
          tabs_->setCurrentIndex(place);
          if (answer.value->size() == 1)
            rememberSubject(tabs_->widget(place),
                            subjectOf(*page, first, answer.value->front().text));
        } catch (const Error& error) {
          say(QString::fromUtf8(error.what()));
        }
      });
}

void MainWindow::openNetwork(const QString& path) {
  const QString file = QFileInfo(path).absoluteFilePath();
  networks_->read(file, [this, file](const std::shared_ptr<const FileNetwork>& network,
                                     const QString& error) {
    if (network == nullptr) {
      say(error);
      return;
    }
    remember(file);
    const QString name = QFileInfo(file).fileName();
    const int place =
        tabs_->addTab(draw_network(*network).release(), QString(name).replace("&", "&&"));
    tabs_->setTabToolTip(place, file);
    tabs_->setCurrentIndex(place);
    rememberSubject(tabs_->widget(place),
                    {.word = file, .space = {}, .space_options = {}, .store = {}, .title = name});
  });
}

}  // namespace nas
