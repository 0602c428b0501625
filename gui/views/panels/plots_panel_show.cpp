#include <QComboBox>
#include <utility>

#include "app/explorer/explorer_columns.h"
#include "core/util/text.h"
#include "gui/plots/axis_plot.h"
#include "gui/views/panels/plots_panel.h"

namespace nas {

std::optional<std::int64_t> PlotsPanel::studyId() const {
  const auto* id = std::get_if<std::int64_t>(&page_->model()->table());
  return id == nullptr ? std::nullopt : std::optional(*id);
}

const Explorer::Study* PlotsPanel::study() const {
  const auto id = studyId();
  return id ? page_->database()->findStudy(*id) : nullptr;
}

PlotRequest PlotsPanel::request() const {
  const RowsModel* model = page_->model();
  PlotRequest request{.table = model->source()};
  request.keys = model->filterText().isEmpty() ? nullptr : model->keys();
  request.study = studyId();
  current().ask(request);
  return request;
}

void PlotsPanel::read() {
  RowsModel* model = page_->model();
  if (model->isBusy() || !model->source() || x_->count() == 0 || !isVisibleTo(window())) return;
  stop_.request_stop();
  stop_ = std::stop_source();
  const PlotRequest wanted = request();
  page_->database()->ask(
      this, Lane::kNormal,
      [wanted, stop = stop_.get_token()](Explorer& explorer) {
        return read_plot(explorer, wanted, stop);
      },
      [this, wanted, life = ++life_](Answer<std::optional<PlotAnswer>> answer) {
        if (life != life_) return;
        if (!answer.value) {
          Q_EMIT message(answer.error);
        } else if (*answer.value) {
          show(wanted, std::move(**answer.value));
        }
      });
}

PlotColumn PlotsPanel::plotColumn(const PlotRequest& request, const PlotAnswer& answer,
                                  std::size_t place) const {
  const BrowseColumn& info = page_->model()->columns()[request.columns[place]];
  return {.title = QString::fromStdString(printable(title_with_unit(info))),
          .logarithmic = spans_magnitudes(*answer.values[place]),
          .maximize = larger_is_better(info, page_->objectives()),
          .values = answer.values[place]};
}

void PlotsPanel::show(const PlotRequest& request, PlotAnswer answer) {
  shown_.start();
  PlotDrawing drawing{.request = request,
                      .columns = {},
                      .keys = answer.keys ? RowKeys(answer.keys) : RowKeys(),
                      .answer = {}};
  for (std::size_t i = 0; i < request.columns.size(); ++i)
    drawing.columns.push_back(plotColumn(request, answer, i));
  drawing.answer = std::move(answer);
  canvas()->setEmptyText(emptyReason());
  // The same columns again, with what others have added: the user's zoom stays.
  std::string drawn(view());
  for (const PlotColumn& column : drawing.columns) drawn += "\n" + column.title.toStdString();
  const bool again = std::exchange(drawn_, drawn) == drawn;
  const auto draw = [&] { current().draw(std::move(drawing)); };
  auto* axes = qobject_cast<AxisPlot*>(canvas());
  if (again && axes != nullptr) {
    axes->keepingView(draw);
  } else {
    draw();
  }
  setReady();
}

QString PlotsPanel::emptyReason() const {
  const QString own = current().whyEmpty();
  if (!own.isEmpty()) return own;
  const bool filtered = !page_->model()->filterText().isEmpty();
  if (page_->model()->rowCount() == 0 && filtered) return tr("No row passes the filter.");
  if (page_->model()->rowCount() == 0) return tr("The table has no rows yet.");
  return tr("No row has a finite value in all columns that are drawn here.");
}

}  // namespace nas
