#include "app/reports/study_curves.h"

#include <algorithm>
#include <ctime>
#include <limits>
#include <map>
#include <set>

#include "app/presentation/heat_map.h"
#include "app/presentation/plot.h"
#include "core/api/alpha_name.h"
#include "core/util/file_name.h"
#include "core/util/text.h"

namespace nas {
namespace {

using Series = std::map<std::string, std::vector<CurvePoint>>;

/// "loss" of "train_loss": curves of one kind share an axis.
std::string kind_of(const std::string& name) {
  const std::size_t line = name.rfind('_');
  return line == std::string::npos || line + 1 == name.size() ? name : name.substr(line + 1);
}

/// "2026-11-29 08:42:09", UTC.
std::string utc_text(std::int64_t at_us) {
  const auto seconds = static_cast<std::time_t>(at_us / 1'000'000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &parts);
  return text;
}

StudyCurveDrawing draw_kind(const std::string& kind, const Series& series,
                            const std::string& study) {
  constexpr std::size_t kMostDots = 40;
  Plot plot;
  plot.title = study + ": " + kind;
  plot.x = {.title = "epoch", .whole = true};
  plot.y.title = kind;
  for (const auto& [name, points] : series) {
    PlotSeries drawn{.name = name,
                     .points = {},
                     .mark = points.size() > kMostDots ? PlotMark::kLine : PlotMark::kLineAndDots};
    for (const CurvePoint& point : points) {
      drawn.points.push_back({static_cast<double>(point.epoch), point.value, ""});
    }
    plot.series.push_back(std::move(drawn));
  }
  return {"study_" + file_stem(kind) + ".svg", kind + " while the study prepared",
          render_svg(plot)};
}

StudyCurveDrawing draw_alphas(const Series& alphas, const std::string& study) {
  std::set<std::int64_t> epochs;
  for (const auto& [name, points] : alphas) {
    for (const CurvePoint& point : points) epochs.insert(point.epoch);
  }
  HeatMap map{.title = study + ": weights of alternatives",
              .across = "epoch",
              .rows = {},
              .steps = {epochs.begin(), epochs.end()},
              .note = {}};
  for (const auto& [name, points] : alphas) {
    const AlphaName alpha = parse_alpha_name(name).value();
    HeatMap::Row row{alpha.selector, alpha.alternative,
                     std::vector<double>(epochs.size(), std::numeric_limits<double>::quiet_NaN())};
    for (const CurvePoint& point : points) {
      const auto place = std::distance(epochs.begin(), epochs.find(point.epoch));
      row.values[static_cast<std::size_t>(place)] = point.value;
    }
    map.rows.push_back(std::move(row));
  }
  return {"study_alphas.svg", "weights of alternatives over epochs", render_svg(map)};
}

}  // namespace

std::vector<StudyCurveDrawing> study_curve_drawings(const std::vector<CurvePoint>& curve,
                                                    const std::string& study) {
  std::map<std::string, Series> kinds;
  Series alphas;
  for (const CurvePoint& point : curve) {
    const bool alpha = parse_alpha_name(point.name).has_value();
    (alpha ? alphas : kinds[kind_of(point.name)])[point.name].push_back(point);
  }
  std::vector<StudyCurveDrawing> drawings;
  for (const auto& [kind, series] : kinds) drawings.push_back(draw_kind(kind, series, study));
  if (!alphas.empty()) drawings.push_back(draw_alphas(alphas, study));
  return drawings;
}

Table study_curve_table(const std::vector<CurvePoint>& curve) {
  Table table{.kind = "study_curve", .columns = {{"name", "", true}, {"epoch"}, {"value"}}};
  for (const CurvePoint& point : curve) {
    table.rows.push_back({point.name, point.epoch, point.value});
  }
  return table;
}

Table events_table(const std::vector<EventRow>& newest_first) {
  Table table{.kind = "events",
              .columns = {{"at_us", "", false, false, false, true},
                          {"at", "at (UTC)"},
                          {"kind"},
                          {"text", "", true, false, false, false, true}}};
  for (auto event = newest_first.rbegin(); event != newest_first.rend(); ++event) {
    table.rows.push_back({event->at_us, utc_text(event->at_us), event->kind, event->text});
  }
  return table;
}

}  // namespace nas
