#include "app/memory/memory_svg.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "app/memory/memory_table.h"
#include "app/memory/plan_timeline.h"
#include "core/util/text.h"

namespace nas {
namespace {

constexpr double kLeft = 86, kRight = 24, kTop = 8, kPlotHeight = 420, kBelow = 46;
constexpr double kLeastStep = 12, kUsualWidth = 860, kLetter = 6.2;

std::string_view css_of(std::string_view maker) {
  static const std::vector<FamilyColours> kColours = maker_colours();
  return std::ranges::find(kColours, maker, &FamilyColours::name)->css;
}

class Drawing {
 public:
  explicit Drawing(const MemoryTimeline& timeline)
      : timeline_(timeline), top_bytes_(static_cast<double>(timeline.top_bytes())) {
    const auto steps = static_cast<double>(std::max<std::int64_t>(timeline.steps, 1));
    step_width_ = std::max(kLeastStep, kUsualWidth / steps);
    width_ = step_width_ * steps;
  }

  std::string draw() const {
    std::string svg = axis();
    for (const MemoryTimeline::Box& buffer : timeline_.boxes) svg += box(buffer);
    svg += scratch() + limit();
    return svg;
  }

  double width() const { return kLeft + width_ + kRight; }
  double height() const { return kTop + kPlotHeight + kBelow; }

 private:
  double x(std::int64_t step) const { return kLeft + step_width_ * static_cast<double>(step); }
  double y(std::int64_t bytes) const {
    return kTop + kPlotHeight * (1 - static_cast<double>(bytes) / top_bytes_);
  }

  static std::string text(std::string_view css, double x, double y, const std::string& words,
                          std::string_view more = "") {
    return "<text class=\"" + std::string(css) + "\" x=\"" + svg_px(x) + "\" y=\"" + svg_px(y) +
           "\"" + std::string(more) + ">" + svg_text(words) + "</text>\n";
  }

  static std::string line(double x1, double y1, double x2, double y2, bool dotted = false) {
    return std::string("<path class=\"edge") + (dotted ? " dotted" : "") + "\" d=\"M" + svg_px(x1) +
           " " + svg_px(y1) + "L" + svg_px(x2) + " " + svg_px(y2) + "\"/>\n";
  }

  std::string box(const MemoryTimeline::Box& buffer) const {
    const double left = x(buffer.first_step), right = x(buffer.last_step + 1);
    const double high = y(buffer.offset + buffer.bytes), low = y(buffer.offset);
    std::string svg =
        "<g><title>" +
        svg_text(buffer.name + ", " + buffer.shape + ": " + format_count(buffer.bytes) +
                 " bytes at " + format_count(buffer.offset) + ", steps " +
                 std::to_string(buffer.first_step) + " to " + std::to_string(buffer.last_step)) +
        "</title>" + svg_rect({left, high, right - left, low - high, 2}, css_of(buffer.made_by));
    const bool wide = right - left > kLetter * static_cast<double>(buffer.shape.size()) + 6;
    if (wide && low - high > 13) {
      svg += text("detail", (left + right) / 2, (high + low) / 2 + 3.8, buffer.shape);
    }
    return svg + "</g>\n";
  }

  std::string scratch() const {
    if (timeline_.scratch_bytes() == 0) return "";
    const double high = y(timeline_.sram_bytes), low = y(timeline_.arena_bytes);
    return "<g><title>scratch: " + format_count(timeline_.scratch_bytes()) + " bytes</title>" +
           svg_rect({kLeft, high, width_, low - high, 0}, css_of("scratch")) + "</g>\n";
  }

  std::string limit() const {
    if (!timeline_.shows_limit()) return "";
    const double at = y(timeline_.device_sram_bytes);
    return line(kLeft, at, kLeft + width_, at, true) +
           text("info", kLeft + 4, at + 13,
                "SRAM of " + timeline_.device + ": " + format_count(timeline_.device_sram_bytes));
  }

  std::string axis() const {
    std::string svg = line(kLeft, y(0), kLeft + width_, y(0)) + line(kLeft, y(0), kLeft, kTop);
    constexpr int kTicks = 5;
    const double rough = top_bytes_ / kTicks / 1024;
    const double magnitude = std::pow(10, std::floor(std::log10(std::max(rough, 0.1))));
    double tick = magnitude;
    for (const double factor : {2.0, 5.0, 10.0}) {
      if (tick < rough) tick = factor * magnitude;
    }
    for (double kb = 0; kb * 1024 <= top_bytes_; kb += tick) {
      const double at = y(static_cast<std::int64_t>(kb * 1024));
      svg += line(kLeft - 4, at, kLeft, at) +
             text("info", kLeft - 8, at + 4, format_short(kb) + " KB", " text-anchor=\"end\"");
    }
    const std::int64_t every = std::max<std::int64_t>(1, (timeline_.steps + 19) / 20);
    for (std::int64_t step = 0; step < timeline_.steps; step += every) {
      svg += text("detail", x(step) + step_width_ / 2, y(0) + 15, std::to_string(step));
    }
    return svg + text("info", kLeft, y(0) + 34,
                      "step; most live bytes in step " + std::to_string(timeline_.peak_step) +
                          ": " + format_count(timeline_.peak_bytes));
  }

  const MemoryTimeline& timeline_;
  double step_width_ = 0, width_ = 0, top_bytes_ = 1;
};

}  // namespace

std::string memory_svg(const NetworkPlan& plan, const McuDevice& device, SvgHeading heading) {
  const std::vector<FamilyColours> colours = maker_colours();
  std::vector<const FamilyColours*> legend;
  for (const FamilyColours& one : colours) legend.push_back(&one);
  for (const std::string& line : memory_lines(plan, device)) heading.lines.push_back(line);
  const MemoryTimeline timeline = timeline_of(plan, device);
  const Drawing drawing(timeline);
  return svg_page(heading, legend, drawing.width(), drawing.height(), drawing.draw());
}

}  // namespace nas
