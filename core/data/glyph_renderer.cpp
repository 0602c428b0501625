#include "core/data/glyph_renderer.h"

#include <ft2build.h>
// FreeType's headers are reached through macros of the one above.
#include FT_FREETYPE_H
#include FT_OUTLINE_H

#include <algorithm>
#include <cmath>
#include <string>

#include "core/util/error.h"

namespace nas {
namespace {

// Of the em square; all fonts used here have capitals of 0.66 to 0.73 em.
constexpr double kCapitalHeight = 0.7;

void require(FT_Error error, const std::string& what) {
  if (error == 0) return;
  throw Error(ErrorKind::kIo, what + ": FreeType error " + std::to_string(error));
}

FT_Fixed to_fixed(double value) {
  return static_cast<FT_Fixed>(std::lround(value * 65536.0));
}
FT_Pos to_26_6(double pixels) {
  return static_cast<FT_Pos>(std::lround(pixels * 64.0));
}

/// Font units to 26.6 pixels: scale, then slant, then rotate. FreeType's y axis points up.
FT_Matrix matrix_of(const GlyphPlacement& placement, double units_per_em) {
  const double y_scale = 64.0 * placement.height / (kCapitalHeight * units_per_em);
  const double x_scale = y_scale * placement.stretch;
  const double c = std::cos(placement.rotation);
  const double s = std::sin(placement.rotation);
  FT_Matrix matrix;
  matrix.xx = to_fixed(c * x_scale);
  matrix.xy = to_fixed((c * placement.slant - s) * y_scale);
  matrix.yx = to_fixed(s * x_scale);
  matrix.yy = to_fixed((s * placement.slant + c) * y_scale);
  return matrix;
}

}  // namespace

struct GlyphRenderer::State {
  FT_Library library = nullptr;
  std::vector<FT_Face> faces;

  State() { require(FT_Init_FreeType(&library), "cannot start FreeType"); }
  ~State() { FT_Done_FreeType(library); }  // closes the faces too
  State(const State&) = delete;
  State& operator=(const State&) = delete;
};

GlyphRenderer::GlyphRenderer(std::span<const std::filesystem::path> fonts)
    : state_(std::make_unique<State>()) {
  for (const std::filesystem::path& path : fonts) {
    FT_Face face = nullptr;
    if (FT_New_Face(state_->library, path.c_str(), 0, &face) != 0) {
      throw Error(ErrorKind::kIo,
                  "glyphs: cannot open the font " + path.string() +
                      "; install the packages fonts-dejavu-core, fonts-liberation and "
                      "fonts-freefont-ttf");
    }
    state_->faces.push_back(face);
  }
}

GlyphRenderer::~GlyphRenderer() = default;

void GlyphRenderer::draw(std::size_t font, char letter, const GlyphPlacement& placement,
                         GlyphMask& mask) {
  NAS_CHECK(font < state_->faces.size(), "font number");
  FT_Face face = state_->faces[font];
  require(FT_Load_Char(face, static_cast<FT_ULong>(letter), FT_LOAD_NO_SCALE),
          std::string("cannot load the letter ") + letter);
  FT_Outline* outline = &face->glyph->outline;
  const FT_Matrix matrix = matrix_of(placement, face->units_per_EM);
  FT_Outline_Transform(outline, &matrix);
  FT_BBox box;
  FT_Outline_Get_CBox(outline, &box);
  FT_Outline_Translate(outline, to_26_6(placement.center_x) - (box.xMin + box.xMax) / 2,
                       to_26_6(kGlyphSide - placement.center_y) - (box.yMin + box.yMax) / 2);

  GlyphMask drawn{};
  FT_Bitmap bitmap{};
  bitmap.rows = bitmap.width = kGlyphSide;
  bitmap.pitch = kGlyphSide;  // positive: the first row is the top one
  bitmap.buffer = drawn.data();
  bitmap.num_grays = 256;
  bitmap.pixel_mode = FT_PIXEL_MODE_GRAY;
  require(FT_Outline_Get_Bitmap(state_->library, outline, &bitmap),
          std::string("cannot draw the letter ") + letter);
  for (std::size_t i = 0; i < mask.size(); ++i) {
    mask[i] = static_cast<std::uint8_t>(std::min(255, mask[i] + drawn[i]));
  }
}

}  // namespace nas
