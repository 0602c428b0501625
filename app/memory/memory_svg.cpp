#include "app/memory/memory_svg.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "app/memory/memory_table.h"
#include "core/util/text.h"

namespace nas {
namespace {

constexpr double kLeft = 86, kRight = 24, kTop = 8, kPlotHeight = 420, kBelow = 46;
constexpr double kLeastStep = 12, kUsualWidth = 860, kLetter = 6.2;

OpFamily family_of(MicroOp op) {
  switch (op) {
    case MicroOp::kConv2d:
    case MicroOp::kTransposeConv:
      return OpFamily::kConv;
    case MicroOp::kDepthwiseConv2d:
      return OpFamily::kNorm;  // the paler blue: a convolution of its own kind
    case MicroOp::kFullyConnected:
    case MicroOp::kBatchMatmul:
      return OpFamily::kLinear;
    case MicroOp::kAveragePool2d:
    case MicroOp::kMaxPool2d:
    case MicroOp::kMean:
      return OpFamily::kPool;
    case MicroOp::kAdd:
    case MicroOp::kSub:
    case MicroOp::kMul:
    case MicroOp::kConcatenation:
      return OpFamily::kMerge;
    default:
      return OpFamily::kOther;
  }
}

/// The colours of a timeline under names of its own: who made the buffer.
constexpr FamilyColours with_name(FamilyColours colours, std::string_view name) {
  colours.name = name;
  return colours;
}

class Timeline {
 public:
  Timeline(const NetworkPlan& plan, const McuDevice& device) : plan_(plan), device_(device) {
    const auto steps = static_cast<double>(std::max<std::size_t>(plan.planned().steps.size(), 1));
    step_width_ = std::max(kLeastStep, kUsualWidth / steps);
    width_ = step_width_ * steps;
    const std::int64_t needed = std::max<std::int64_t>(plan.memory.sram_bytes(), 1);
    shows_limit_ = device.sram_bytes < 2 * needed;
    top_bytes_ = static_cast<double>(shows_limit_ ? std::max(needed, device.sram_bytes) : needed);
    maker_.assign(plan.planned().tensors.size(), OpFamily::kPort);
    for (const MicroStep& step : plan.planned().steps) {
      for (const int made : step.outputs) {
        maker_[static_cast<std::size_t>(made)] = family_of(step.op);
      }
    }
  }

  std::string draw() {
    std::string svg = axis();
    for (const PlannedBuffer& buffer : plan_.memory.buffers) svg += box(buffer);
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

  std::string box(const PlannedBuffer& buffer) const {
    const double left = x(buffer.life.first), right = x(buffer.life.last + 1);
    const double high = y(buffer.offset + buffer.life.bytes), low = y(buffer.offset);
    const int tensor = buffer.tensors.front();
    const MicroTensor& shown = plan_.planned().tensors[static_cast<std::size_t>(tensor)];
    const std::string css(colours_of(maker_[static_cast<std::size_t>(tensor)]).css);
    const std::string words = dims_text(shown);
    std::string svg =
        "<g><title>" +
        svg_text(shown.name + ", " + words + ": " + format_count(buffer.life.bytes) + " bytes at " +
                 format_count(buffer.offset) + ", steps " + std::to_string(buffer.life.first) +
                 " to " + std::to_string(buffer.life.last)) +
        "</title>" + svg_rect({left, high, right - left, low - high, 2}, css);
    const bool wide = right - left > kLetter * static_cast<double>(words.size()) + 6;
    if (wide && low - high > 13) {
      svg += text("detail", (left + right) / 2, (high + low) / 2 + 3.8, words);
    }
    return svg + "</g>\n";
  }

  std::string scratch() const {
    const std::int64_t bytes = plan_.memory.sram_bytes() - plan_.memory.arena.bytes;
    if (bytes == 0) return "";
    const double high = y(plan_.memory.sram_bytes()), low = y(plan_.memory.arena.bytes);
    std::string svg = "<g><title>scratch: " + format_count(bytes) + " bytes</title>" +
                      svg_rect({kLeft, high, width_, low - high, 0}, "shap") + "</g>\n";
    return svg;
  }

  std::string limit() const {
    if (!shows_limit_) return "";
    const double at = y(device_.sram_bytes);
    return line(kLeft, at, kLeft + width_, at, true) +
           text("info", kLeft + 4, at + 13,
                "SRAM of " + std::string(device_.name) + ": " + format_count(device_.sram_bytes));
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
    const std::size_t steps = plan_.planned().steps.size();
    const std::size_t every = std::max<std::size_t>(1, (steps + 19) / 20);
    for (std::size_t step = 0; step < steps; step += every) {
      svg += text("detail", x(static_cast<std::int64_t>(step)) + step_width_ / 2, y(0) + 15,
                  std::to_string(step));
    }
    const auto peak = static_cast<std::int64_t>(plan_.memory.peak_step);
    return svg + text("info", kLeft, y(0) + 34,
                      "step; most live bytes in step " + std::to_string(peak) + ": " +
                          format_count(plan_.memory.live_bytes[plan_.memory.peak_step]));
  }

  const NetworkPlan& plan_;
  const McuDevice& device_;
  double step_width_ = 0, width_ = 0, top_bytes_ = 1;
  bool shows_limit_ = false;
  std::vector<OpFamily> maker_;  ///< by tensor: of the step that makes it
};

}  // namespace

std::string memory_svg(const NetworkPlan& plan, const McuDevice& device, SvgHeading heading) {
  static const std::array kColours = {with_name(colours_of(OpFamily::kPort), "network input"),
                                      with_name(colours_of(OpFamily::kConv), "convolution"),
                                      with_name(colours_of(OpFamily::kNorm), "depthwise"),
                                      with_name(colours_of(OpFamily::kLinear), "fully connected"),
                                      with_name(colours_of(OpFamily::kPool), "pooling"),
                                      with_name(colours_of(OpFamily::kMerge), "sum, product"),
                                      with_name(colours_of(OpFamily::kOther), "other"),
                                      with_name(colours_of(OpFamily::kShape), "scratch")};
  std::vector<const FamilyColours*> legend;
  for (const FamilyColours& colours : kColours) legend.push_back(&colours);
  for (const std::string& line : memory_lines(plan, device)) heading.lines.push_back(line);
  Timeline timeline(plan, device);
  const std::string drawing = timeline.draw();
  return svg_page(heading, legend, timeline.width(), timeline.height(), drawing);
}

}  // namespace nas
