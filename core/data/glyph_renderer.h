#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <vector>

namespace nas {

inline constexpr int kGlyphSide = 32;

/// Coverage by ink, 0..255, row-major from the top left.
using GlyphMask = std::array<std::uint8_t, kGlyphSide * kGlyphSide>;

/// How a letter lies on the square: lengths in pixels, the origin at the top left.
struct GlyphPlacement {
  double height = 20;   ///< of a capital letter
  double stretch = 1;   ///< width over the font's own
  double rotation = 0;  ///< radians, anticlockwise
  double slant = 0;     ///< dx for each dy upwards
  double center_x = 16;
  double center_y = 16;
};

/// TrueType fonts, opened once; draws single letters. Not thread-safe.
class GlyphRenderer {
 public:
  /// Throws Error(kIo) that names the Debian packages when a font is missing.
  explicit GlyphRenderer(std::span<const std::filesystem::path> fonts);
  ~GlyphRenderer();

  /// Adds the letter's coverage to `mask`, saturating. What lies outside the square is cut off.
  void draw(std::size_t font, char letter, const GlyphPlacement& placement, GlyphMask& mask);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace nas
