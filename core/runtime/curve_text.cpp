#include "core/runtime/curve_text.h"

#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {

std::string curve_text(const std::vector<CurvePoint>& curve) {
  std::string text;
  for (const CurvePoint& point : curve) {
    text +=
        std::to_string(point.epoch) + " " + point.name + " " + format_double(point.value) + "\n";
  }
  return text;
}

std::vector<CurvePoint> parse_curve(const std::string& text, const std::string& file) {
  std::vector<CurvePoint> curve;
  for (const std::string& line : split(text, '\n')) {
    if (line.empty()) continue;
    const std::vector<std::string> words = split_words(line);
    const auto epoch = words.size() == 3 ? parse_int(words[0]) : std::nullopt;
    const auto value = words.size() == 3 ? parse_double(words[2]) : std::nullopt;
    if (!epoch || !value) {
      throw Error(ErrorKind::kData,
                  file + ": bad line in the learning curve: '" + printable(line) + "'");
    }
    curve.push_back({*epoch, words[1], *value});
  }
  return curve;
}

}  // namespace nas
