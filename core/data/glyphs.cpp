#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <numbers>
#include <string>
#include <string_view>

#include "core/data/dataset_kind.h"
#include "core/data/glyph_renderer.h"
#include "core/util/rng.h"

namespace nas {
namespace {

// Ten capitals that are easily taken for each other: B-P-R-D, C-G-O-Q, E-F.
constexpr std::string_view kLetters = "BCDEFGOPQR";
constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::size_t kTrainImages = 6000;
constexpr std::size_t kTestImages = 1500;
constexpr std::size_t kChannels = 3;  // as CIFAR, so that every network for colour images fits
constexpr std::size_t kPlane = std::size_t{kGlyphSide} * kGlyphSide;

using Color = std::array<double, kChannels>;

enum class Part : std::uint64_t { kTrain = 1, kTest = 2 };

// The test set is set in a type family that training never saw, so the accuracy is that on new type
// faces.
std::vector<std::filesystem::path> font_files(Part part) {
  const std::filesystem::path root = "/usr/share/fonts/truetype";
  std::vector<std::filesystem::path> files;
  const auto add = [&](const std::string& family, std::initializer_list<const char*> styles) {
    for (const char* style : styles) files.push_back(root / (family + style + ".ttf"));
  };
  if (part == Part::kTest) {
    add("dejavu/DejaVuSans", {"", "-Bold"});
    add("dejavu/DejaVuSerif", {"", "-Bold"});
    add("dejavu/DejaVuSansMono", {"", "-Bold"});
    return files;
  }
  for (const char* family : {"Sans", "Serif", "Mono", "SansNarrow"}) {
    add(std::string("liberation/Liberation") + family,
        {"-Regular", "-Bold", "-Italic", "-BoldItalic"});
  }
  add("freefont/FreeSans", {"", "Bold", "Oblique", "BoldOblique"});
  add("freefont/FreeSerif", {"", "Bold", "Italic", "BoldItalic"});
  add("freefont/FreeMono", {"", "Bold", "Oblique", "BoldOblique"});
  return files;
}

// The ranges are chosen so that a small convolutional network is past its first plateau within 400
// steps: with half as much distortion a linear classifier nearly does, with twice as much few
// networks do.
GlyphPlacement draw_placement(Rng& rng) {
  GlyphPlacement placement;
  placement.height = rng.uniform(15, 24);
  placement.stretch = rng.uniform(0.8, 1.25);
  placement.rotation = rng.uniform(-15, 15) * std::numbers::pi / 180;
  placement.slant = rng.uniform(-0.15, 0.15);
  placement.center_x = rng.uniform(13.5, 18.5);
  placement.center_y = rng.uniform(13.5, 18.5);
  return placement;
}

/// The letter in the middle and perhaps a neighbour that the border cuts.
GlyphMask draw_mask(GlyphRenderer& renderer, std::size_t fonts, char letter, Rng& rng) {
  GlyphMask mask{};
  const std::size_t font = rng.below(fonts);
  const GlyphPlacement placement = draw_placement(rng);
  renderer.draw(font, letter, placement, mask);
  if (rng.bernoulli(0.5)) {
    GlyphPlacement beside = placement;
    const double angle = rng.uniform(0, 2 * std::numbers::pi);
    const double distance = placement.height * rng.uniform(1.0, 1.3);
    beside.center_x += distance * std::cos(angle);
    beside.center_y += distance * std::sin(angle);
    renderer.draw(font, kAlphabet[rng.below(kAlphabet.size())], beside, mask);
  }
  return mask;
}

double luminance(const Color& color) {  // ITU-R BT.601
  return 0.299 * color[0] + 0.587 * color[1] + 0.114 * color[2];
}

/// A grey level with some tint.
Color draw_color(Rng& rng) {
  constexpr double kSaturation = 0.5;
  const double grey = rng.uniform(0, 255);
  Color color;
  for (double& channel : color) {
    channel = (1 - kSaturation) * grey + kSaturation * rng.uniform(0, 255);
  }
  return color;
}

/// Dark paper and light ink. Were both orders drawn, small networks would take many epochs to learn
/// anything, and a search of some minutes could not tell good cells from bad ones.
std::array<Color, 2> draw_colors(Rng& rng) {
  constexpr double kLeastContrast = 50;
  std::array<Color, 2> colors = {draw_color(rng), draw_color(rng)};
  while (std::abs(luminance(colors[0]) - luminance(colors[1])) < kLeastContrast) {
    colors = {draw_color(rng), draw_color(rng)};
  }
  if (luminance(colors[0]) > luminance(colors[1])) std::swap(colors[0], colors[1]);
  return colors;
}

/// About N(0, 1) from one word: the sum of four bytes (mean 510, deviation 147.8). Box-Muller would
/// take half of the time that the data set is given.
double cheap_normal(Rng& rng) {
  const std::uint32_t word = rng();
  const std::uint32_t sum = (word & 0xff) + (word >> 8 & 0xff) + (word >> 16 & 0xff) + (word >> 24);
  return (static_cast<double>(sum) - 510.0) / 147.8;
}

/// out: [3, 32, 32]
void paint(const GlyphMask& mask, Rng& rng, std::uint8_t* out) {
  const auto [paper, ink] = draw_colors(rng);
  const double noise = rng.uniform(4, 20);
  const double slope_x = rng.uniform(-1.5, 1.5);  // uneven light, grey levels for each pixel
  const double slope_y = rng.uniform(-1.5, 1.5);
  for (std::size_t i = 0; i < kPlane; ++i) {
    const double x = static_cast<double>(i % kGlyphSide) - kGlyphSide / 2.0;
    const double y = static_cast<double>(i / kGlyphSide) - kGlyphSide / 2.0;
    const double light = slope_x * x + slope_y * y;
    const double coverage = mask[i] / 255.0;
    for (std::size_t c = 0; c < kChannels; ++c) {
      const double value =
          paper[c] + coverage * (ink[c] - paper[c]) + light + noise * cheap_normal(rng);
      out[c * kPlane + i] = static_cast<std::uint8_t>(std::clamp(value, 0.0, 255.0) + 0.5);
    }
  }
}

ImageSet draw_set(Part part, std::size_t images) {
  const std::vector<std::filesystem::path> fonts = font_files(part);
  GlyphRenderer renderer(fonts);
  const Rng rng({.study = stable_hash("glyphs"),
                 .trial = static_cast<std::uint64_t>(part),
                 .purpose = Purpose::kData});
  ImageSet set;
  set.shape = Shape{kChannels, kGlyphSide, kGlyphSide};
  set.pixels.resize(images * kChannels * kPlane);
  for (std::size_t i = 0; i < images; ++i) {
    Rng stream = rng.stream(i);
    const std::size_t label = i % kLetters.size();
    const GlyphMask mask = draw_mask(renderer, fonts.size(), kLetters[label], stream);
    paint(mask, stream, set.pixels.data() + i * kChannels * kPlane);
    set.labels.push_back(static_cast<std::uint16_t>(label));
  }
  return set;
}

LoadedImages draw_glyphs(const std::filesystem::path&) {
  LoadedImages data;
  for (const char letter : kLetters) data.classes.emplace_back(1, letter);
  data.train = draw_set(Part::kTrain, kTrainImages);
  data.test = draw_set(Part::kTest, kTestImages);
  return data;
}

}  // namespace

const DatasetKind& glyphs_kind() {
  static const DatasetKind kind = {
      {"glyphs",
       "nothing: the images are drawn from the fonts of the packages fonts-dejavu-core, "
       "fonts-liberation and fonts-freefont-ttf",
       "built-in: ten capital letters, 32 x 32 in colour, tested on type faces unseen in training",
       false,
       // Letters have no mirror images and stand in the middle; a small set wants many small steps.
       {{"batch", "32"}, {"crop_padding", "0"}, {"flip", "false"}}},
      draw_glyphs};
  return kind;
}

}  // namespace nas
