#include "gui/graph/graph_view.h"

#include <QMenu>
#include <QPainter>
#include <algorithm>
#include <set>
#include <utility>

#include "gui/plots/plot_paint.h"

namespace nas {
namespace {

constexpr double kLeast = 0.02, kMost = 4, kMargin = 24;
constexpr double kComfortable = 0.7;  ///< the zoom at which boxes are easily read
constexpr double kReadable = 0.6;     ///< and still read
constexpr double kLegendSide = 14;

}  // namespace

GraphView::GraphView(QWidget* parent) : Canvas(parent) {
  setAccessibleName(tr("Architecture"));
  setAccessibleDescription(
      tr("N and P walk through the operations, D through differences; arrows pan, plus and minus "
         "zoom, 0 fits, Enter opens a group, Shift+Enter folds the one around a box, Backspace "
         "folds all"));
  connect(&job_, &LayoutJob::finished, this, &GraphView::takeLayout);
  connect(&job_, &LayoutJob::cancelled, this, [this] {
    cancelled_ = true;
    update();
  });
}

void GraphView::setGraph(const ArchGraph& graph) {
  graph_ = graph;
  fitting_ = false;
  differences_.clear();
  options_.opened.clear();
  options_.folded.clear();
  fitted_ = true;
  startLayout();
}

void GraphView::setFoldDepth(int depth) {
  fitting_ = false;
  options_.fold_depth = depth;
  options_.opened.clear();
  options_.folded.clear();
  fitted_ = true;
  startLayout();
}

void GraphView::startLayout() {
  cancelled_ = false;
  marks_ = {};
  Q_EMIT currentChanged(-1);
  job_.start(graph_, options_);
  update();
}

void GraphView::takeLayout() {
  families_ = layout() ? families_of(graph_, *layout()) : std::vector<const FamilyColours*>();
  updateMarks();
  if (std::exchange(fitting_, false)) {
    fit();
  } else if (fitted_) {
    showStart();
  }
  update();
  Q_EMIT layoutChanged();
  if (const auto node = std::exchange(stay_, std::nullopt)) showNode(*node);
}

void GraphView::setDifferences(std::vector<std::uint8_t> by_node) {
  differences_ = std::move(by_node);
  updateMarks();
  update();
}

bool GraphView::says(const LayoutBox& box, const QString& text) const {
  return QString::fromStdString(box.label).contains(text, Qt::CaseInsensitive) ||
         QString::fromStdString(box.detail).contains(text, Qt::CaseInsensitive);
}

bool GraphView::lies(const LayoutBox& box, const QString& text) const {
  return std::any_of(box.members.begin(), box.members.end(), [&](NodeId node) {
    return QString::fromStdString(graph_.path(node)).contains(text, Qt::CaseInsensitive);
  });
}

void GraphView::updateMarks() {
  const int current = marks_.current;
  marks_ = {};
  const std::shared_ptr<const Layout> drawn = layout();
  if (!drawn || job_.running()) return;
  marks_.current = current;
  const std::vector<LayoutBox>& boxes = drawn->boxes;
  const auto collect = [&](auto&& test) {
    std::vector<std::uint8_t> marks(boxes.size());
    for (std::size_t i = 0; i < boxes.size(); ++i) marks[i] = test(boxes[i]) ? 1 : 0;
    return marks;
  };
  const auto any_member = [](const LayoutBox& box, auto&& test) {
    return std::any_of(box.members.begin(), box.members.end(), test);
  };
  if (!differences_.empty()) {
    for (const LayoutBox& box : boxes) {
      std::uint8_t mark = kAlike;
      for (const NodeId node : box.members) mark = std::max(mark, differences_[node]);
      marks_.differs.push_back(mark);
    }
  }
  if (!wanted_.isEmpty()) {
    marks_.found = collect([&](const LayoutBox& box) { return says(box, wanted_); });
    if (std::find(marks_.found.begin(), marks_.found.end(), 1) == marks_.found.end()) {
      marks_.found = collect([&](const LayoutBox& box) { return lies(box, wanted_); });
    }
  }
  if (!operators_.isEmpty()) {
    marks_.faded = collect([&](const LayoutBox& box) {
      return !any_member(box, [&](NodeId node) {
        const std::string_view name = graph_.op(node).name;
        return operators_.contains(
            QString::fromUtf8(name.data(), static_cast<qsizetype>(name.size())));
      });
    });
  }
}

int GraphView::find(const QString& text) {
  wanted_ = text.trimmed();
  updateMarks();
  update();
  return static_cast<int>(std::count(marks_.found.begin(), marks_.found.end(), std::uint8_t{1}));
}

void GraphView::findNext(int step) {
  showNext(marks_.found, step);
}

void GraphView::showDifference(int step) {
  showNext(marks_.differs, step);
}

void GraphView::showNext(const std::vector<std::uint8_t>& among, int step) {
  const int count = static_cast<int>(among.size());
  const int start = marks_.current < 0 && step < 0 ? 0 : marks_.current;
  for (int i = 1; i <= count; ++i) {
    const int box = ((start + i * step) % count + count) % count;
    if (among[static_cast<std::size_t>(box)] == 0) continue;
    setCurrentBox(box);
    return;
  }
}

void GraphView::setOperators(const QStringList& operators) {
  operators_ = operators;
  updateMarks();
  update();
}

QStringList GraphView::operators() const {
  std::set<std::string> names;
  for (NodeId node = 0; node < graph_.size(); ++node) names.emplace(graph_.op(node).name);
  QStringList list;
  for (const std::string& name : names) list.append(QString::fromStdString(name));
  return list;
}

QSize GraphView::exportSize() const {
  const std::shared_ptr<const Layout> drawn = layout();
  if (!drawn) return size();
  return QSizeF(std::max(drawn->width + 2 * kMargin, 420.0),
                drawn->height + 2 * kMargin + legendHeight(std::max(drawn->width, 420.0)))
      .toSize();
}

void GraphView::draw(QPainter& painter, QSize size, const Theme& theme) {
  painter.save();
  painter.fillRect(QRectF(QPointF(), QSizeF(size)), theme.background);
  painter.setRenderHint(QPainter::Antialiasing);
  const QRectF page(0, 0, size.width(), size.height());
  const double above = legendHeight(size.width());
  const std::shared_ptr<const Layout> drawn = layout();
  if (job_.running()) {
    draw_message(painter, page, tr("Arranging %1 operations… Escape cancels").arg(graph_.size()),
                 theme);
  } else if (cancelled_) {
    draw_message(painter, page, tr("Cancelled. Enter starts again"), theme);
  } else if (!drawn || graph_.empty()) {
    draw_message(painter, page, tr("No architecture is open"), theme);
  } else {
    double zoom = zoom_;
    QPointF center = center_;
    if (size != this->size()) {  // a file: the whole graph
      const QSizeF room = QSizeF(size) - QSizeF(2 * kMargin, 2 * kMargin + above);
      zoom = std::min({room.width() / drawn->width, room.height() / drawn->height, 1.0});
      center = {drawn->width / 2, drawn->height / 2 - above / 2 / zoom};
    }
    painter.save();
    painter.translate(page.center());
    painter.scale(zoom, zoom);
    painter.translate(-center);
    const QSizeF shown = page.size() / zoom;
    const QRectF visible(center - QPointF(shown.width(), shown.height()) / 2, shown);
    draw_graph(painter, graph_, *drawn, theme, marks_, visible, zoom);
    painter.restore();
    QColor back = theme.background;
    back.setAlpha(225);
    painter.fillRect(QRectF(0, 0, size.width(), above), back);
    legend(size.width(), theme).draw(painter, {kLegendSide, 20}, theme);
  }
  painter.restore();
}

Legend GraphView::legend(double width, const Theme& theme) const {
  constexpr int kMostRows = 20;  // as many as there are families
  return {legend_of(families_, theme), QFontMetricsF(font()), width - 2 * kLegendSide, kMostRows};
}

double GraphView::legendHeight(double width) const {
  const Legend own = legend(width, Theme::of(palette()));
  return 12 + std::max(1, own.rows()) * own.rowHeight();
}

void GraphView::fit() {
  showWhole();
  if (zoom_ >= kReadable) return;
  if (!foldFurther()) return showStart();  // nothing is left to fold: the rest is a scroll away
  fitting_ = true;
  startLayout();
  Q_EMIT foldChanged(options_.fold_depth);
}

bool GraphView::foldFurther() {
  if (!layout() || job_.running()) return false;
  const int depth = automatic_fold_depth(graph_, options_);
  if (depth == 0 && options_.opened.empty()) return false;
  // What was opened by hand goes first.
  options_.fold_depth = options_.opened.empty() ? depth - 1 : depth;
  options_.opened.clear();
  options_.folded.clear();
  return true;
}

void GraphView::showWhole() {
  fitted_ = true;
  const std::shared_ptr<const Layout> drawn = layout();
  if (!drawn || drawn->width <= 0 || drawn->height <= 0) return;
  zoom_ = fittingZoom();
  center_ = {drawn->width / 2, drawn->height / 2 - legendHeight(width()) / 2 / zoom_};
  update();
  Q_EMIT viewChanged();
}

double GraphView::fittingZoom() const {
  const std::shared_ptr<const Layout> drawn = layout();
  const double across = (width() - 2 * kMargin) / drawn->width;
  const double down = (height() - 2 * kMargin - legendHeight(width())) / drawn->height;
  return std::clamp(std::min(across, down), kLeast, 1.0);
}

void GraphView::showStart() {
  showWhole();
  const std::shared_ptr<const Layout> drawn = layout();
  if (!drawn || drawn->height <= 0 || zoom_ >= kComfortable) return;
  const double across = (width() - 2 * kMargin) / drawn->width;
  zoom_ = std::max(zoom_, std::clamp(across, 0.5, kComfortable));
  center_ = {drawn->width / 2, (height() / 2.0 - kMargin - legendHeight(width())) / zoom_};
  update();
  Q_EMIT viewChanged();
}

void GraphView::drawOverlay(QPainter& painter, const Theme& theme) {
  if (layout() && !job_.running()) {
    const QRectF page(0, legendHeight(width()), width(), height() - legendHeight(width()));
    draw_scroll_marks(painter, page, *layout(), center_, zoom_, theme);
  }
  Canvas::drawOverlay(painter, theme);
}

void GraphView::setView(double zoom, QPointF center) {
  zoom = std::clamp(zoom, kLeast, kMost);
  if (zoom == zoom_ && center == center_) return;
  zoom_ = zoom;
  center_ = center;
  fitted_ = false;
  update();
  Q_EMIT viewChanged();
}

void GraphView::zoomBy(double factor) {
  zoomAt(factor, QRectF(rect()).center());
}

void GraphView::zoomAt(double factor, QPointF at) {
  const QPointF fixed = toGraph(at);
  const double zoom = std::clamp(zoom_ * factor, kLeast, kMost);
  setView(zoom, fixed - (at - QRectF(rect()).center()) / zoom);
}

void GraphView::panBy(QPointF pixels) {
  setView(zoom_, center_ + pixels / zoom_);
}

QPointF GraphView::toGraph(QPointF at) const {
  return center_ + (at - QRectF(rect()).center()) / zoom_;
}

int GraphView::boxAt(QPointF at) const {
  const std::shared_ptr<const Layout> drawn = layout();
  if (!drawn || job_.running()) return -1;
  const QPointF place = toGraph(at);
  for (std::size_t i = 0; i < drawn->boxes.size(); ++i) {
    if (rect_of(drawn->boxes[i]).contains(place)) return static_cast<int>(i);
  }
  return -1;
}

void GraphView::setCurrentBox(int box) {
  const std::shared_ptr<const Layout> drawn = layout();
  if (!drawn || job_.running() || box >= static_cast<int>(drawn->boxes.size())) return;
  marks_.current = box;
  if (box >= 0) showBox(box);
  update();
  Q_EMIT currentChanged(box);
}

void GraphView::showNode(NodeId node) {
  const std::shared_ptr<const Layout> drawn = layout();
  if (!drawn) return;
  for (std::size_t i = 0; i < drawn->boxes.size(); ++i) {
    const std::vector<NodeId>& members = drawn->boxes[i].members;
    if (std::binary_search(members.begin(), members.end(), node)) {
      return setCurrentBox(static_cast<int>(i));
    }
  }
}

void GraphView::showBox(int box) {
  const QRectF place = rect_of(layout()->boxes[static_cast<std::size_t>(box)]);
  const QSizeF shown = QSizeF(size()) / zoom_;
  const QRectF visible(center_ - QPointF(shown.width(), shown.height()) / 2, shown);
  if (!visible.contains(place) || zoom_ < 0.5) {
    QPointF center = place.center();
    const double zoom = std::max(zoom_, kComfortable);
    // Not above the drawing, where there is nothing.
    center.setY(std::max(center.y(), (height() / 2.0 - kMargin - legendHeight(width())) / zoom));
    setView(zoom, center);
  }
}

void GraphView::openGroup(int box) {
  const std::shared_ptr<const Layout> drawn = layout();
  if (!drawn || box < 0 || box >= static_cast<int>(drawn->boxes.size())) return;
  const LayoutBox& group = drawn->boxes[static_cast<std::size_t>(box)];
  if (!group.group) return;
  // An automatic depth would fold something else to make room: it is fixed at what is shown.
  if (options_.fold_depth < 0) {
    options_.fold_depth = static_cast<int>(std::count(group.scope.begin(), group.scope.end(), '/'));
  }
  std::erase(options_.folded, group.scope);
  options_.opened.push_back(group.scope);
  stay_ = group.members.front();
  startLayout();
}

void GraphView::closeGroup(int box) {
  const std::shared_ptr<const Layout> drawn = layout();
  if (!drawn || box < 0 || box >= static_cast<int>(drawn->boxes.size())) return;
  const LayoutBox& inner = drawn->boxes[static_cast<std::size_t>(box)];
  // The scope of a node holds it; that of a group is the group itself.
  const std::size_t end = inner.group ? inner.scope.rfind('/') : inner.scope.size();
  if (end == std::string::npos || end == 0) return;
  const std::string scope = inner.scope.substr(0, end);
  const auto inside = [&scope](const std::string& own) {
    return own == scope || own.starts_with(scope + "/");
  };
  if (options_.fold_depth < 0) options_.fold_depth = automatic_fold_depth(graph_, options_);
  std::erase_if(options_.opened, inside);
  std::erase_if(options_.folded, inside);
  options_.folded.push_back(scope);
  stay_ = inner.members.front();
  startLayout();
}

void GraphView::foldAll() {
  options_.opened.clear();
  options_.folded.clear();
  options_.fold_depth = -1;
  fitted_ = true;
  startLayout();
}

}  // namespace nas
