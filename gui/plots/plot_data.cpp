#include "gui/plots/plot_data.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

#include "app/presentation/plot.h"
#include "app/presentation/plot_axis.h"
#include "core/util/text.h"

namespace nas {

PlotColumn make_column(QString title, std::vector<double> values, bool maximize, bool logarithmic) {
  return {std::move(title), logarithmic, maximize,
          std::make_shared<const std::vector<double>>(std::move(values))};
}

std::size_t RowKeys::row(RowKey key, std::size_t count) const {
  if (!keys_)
    return key >= 0 && static_cast<std::size_t>(key) < count ? static_cast<std::size_t>(key)
                                                             : count;
  const auto end = keys_->begin() + static_cast<std::ptrdiff_t>(std::min(count, keys_->size()));
  const auto place = std::lower_bound(keys_->begin(), end, key);
  return place != end && *place == key ? static_cast<std::size_t>(place - keys_->begin()) : count;
}

std::vector<std::uint8_t> selected_rows(const Selection* selection, const RowKeys& keys,
                                        std::size_t count) {
  std::vector<std::uint8_t> rows;
  if (selection == nullptr) return rows;
  for (const RowKey key : selection->keys()) {
    const std::size_t row = keys.row(key, count);
    if (row == count) continue;
    if (rows.empty()) rows.resize(count, 0);
    rows[row] = 1;
  }
  return rows;
}

namespace {

/// Rows that may be on the front when both costs are to be minimised, in their order: what a row of
/// a bin further left is at least as good as is left out. A million rows leave some hundreds.
class FrontFilter {
 public:
  FrontFilter(std::span<const double> x, double sign_x, std::span<const double> y, double sign_y)
      : best_(kBins, kInfinity), sign_x_(sign_x), sign_y_(sign_y) {
    double high = -kInfinity;
    low_ = kInfinity;
    for (std::size_t row = 0; row < std::min(x.size(), y.size()); ++row) {
      if (!std::isfinite(x[row]) || !std::isfinite(y[row])) continue;
      low_ = std::min(low_, sign_x * x[row]);
      high = std::max(high, sign_x * x[row]);
    }
    // Infinite for values that are all the same, or too far apart to be divided: one bin.
    const double scale = static_cast<double>(kBins - 1) / (high - low_);
    scale_ = std::isfinite(scale) && scale > 0 ? scale : 0;
    for (std::size_t row = 0; row < std::min(x.size(), y.size()); ++row) {
      if (!std::isfinite(x[row]) || !std::isfinite(y[row])) continue;
      double& best = best_[bin(x[row])];
      best = std::min(best, sign_y * y[row]);
    }
    // From here on the best of all bins further left.
    double left = kInfinity;
    for (double& best : best_) left = std::min(left, std::exchange(best, left));
  }
  bool passes(double x, double y) const {
    return std::isfinite(x) && std::isfinite(y) && sign_y_ * y < best_[bin(x)];
  }

 private:
  static constexpr std::size_t kBins = 4096;
  static constexpr double kInfinity = std::numeric_limits<double>::infinity();

  std::size_t bin(double x) const {
    return static_cast<std::size_t>((sign_x_ * x - low_) * scale_);
  }

  std::vector<double> best_;
  double sign_x_, sign_y_, low_, scale_ = 0;
};

}  // namespace

std::vector<std::size_t> front_of(std::span<const double> x, bool maximize_x,
                                  std::span<const double> y, bool maximize_y) {
  // Both to be minimised: the front is a map of rising x with falling y.
  const double sign_x = maximize_x ? -1 : 1, sign_y = maximize_y ? -1 : 1;
  const FrontFilter filter(x, sign_x, y, sign_y);
  std::map<double, std::pair<double, std::size_t>> front;
  for (std::size_t row = 0; row < std::min(x.size(), y.size()); ++row) {
    if (!filter.passes(x[row], y[row])) continue;
    const double cost_x = sign_x * x[row], cost_y = sign_y * y[row];
    auto next = front.upper_bound(cost_x);
    if (next != front.begin() && std::prev(next)->second.first <= cost_y) continue;
    if (next != front.begin() && std::prev(next)->first == cost_x) next = std::prev(next);
    while (next != front.end() && next->second.first >= cost_y) next = front.erase(next);
    front.emplace_hint(next, cost_x, std::pair(cost_y, row));
  }
  std::vector<std::size_t> rows;
  for (const auto& [cost, entry] : front) rows.push_back(entry.second);
  if (maximize_x) std::reverse(rows.begin(), rows.end());
  return rows;
}

bool spans_magnitudes(std::span<const double> values) {
  constexpr double kFar = 1e4;
  double low = std::numeric_limits<double>::infinity(), high = 0;
  for (const double value : values) {
    if (!std::isfinite(value)) continue;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  return low > 0 && high / low >= kFar;
}

void start_logarithmic(PlotColumn& x, PlotColumn& y) {
  std::vector<double> drawn_x, drawn_y;
  for (std::size_t row = 0; row < std::min(x.size(), y.size()); ++row) {
    const double a = x.span()[row], b = y.span()[row];
    if (!std::isfinite(a) || !std::isfinite(b)) continue;
    drawn_x.push_back(a);
    drawn_y.push_back(b);
  }
  x.logarithmic = spans_magnitudes(drawn_x);
  y.logarithmic = spans_magnitudes(drawn_y);
}

QStringList short_titles(const QStringList& titles) {
  // Qualifiers that every qualified name has say nothing.
  QStringList shared;
  bool first = true;
  for (const QString& title : titles) {
    const qsizetype colon = title.indexOf(':');
    if (colon < 0) continue;
    const QStringList own = title.mid(colon + 1).split(',');
    if (first) shared = own;
    shared.removeIf([&own](const QString& part) { return !own.contains(part); });
    first = false;
  }
  QStringList result;
  for (const QString& title : titles) {
    const qsizetype colon = title.indexOf(':');
    QString text = title.left(colon < 0 ? title.size() : colon);
    if (colon >= 0) {
      for (const QString& part : title.mid(colon + 1).split(',')) {
        if (!shared.contains(part)) text += ' ' + part.mid(part.indexOf('=') + 1);
      }
    }
    result.append(text);
  }
  // Never two columns under one name.
  for (qsizetype i = 0; i < result.size(); ++i) {
    if (result.count(result[i]) > 1) return titles;
  }
  return result;
}

QString counted(std::size_t count) {
  return QString::fromStdString(format_count(static_cast<std::int64_t>(count)));
}

QString number_text(double value) {
  if (std::isnan(value)) return QStringLiteral("–");
  if (std::abs(value) >= 1e12) return QString::number(value, 'g', 6);
  return QString::fromStdString(std::abs(value) >= 1e5 ? tick_label(value)
                                                       : format_short(value, 5));
}

QString tick_text(double value) {
  return QString::fromStdString(tick_label(value));
}

}  // namespace nas
