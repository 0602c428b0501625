#pragma once

#include <string_view>

#include "core/data/image_file.h"

namespace nas {

/// The EXIF orientation (tag 0x0112) of a JPEG or PNG file in memory: 1 to 8; 1, "as it is", where
/// there is none, or none that can be read. Cameras store the sensor's rows and say by it how the
/// picture is to be held.
int jpeg_orientation(std::string_view bytes);
int png_orientation(std::string_view bytes);

/// The picture turned and mirrored as the tag says: 2 mirrored, 3 upside down, 4 both, 6 turned a
/// quarter clockwise, 8 counter-clockwise, 5 and 7 these two mirrored (EXIF 2.32, section 4.6.4).
DecodedImage oriented(DecodedImage image, int orientation);

/// The picture on a square of `side` pixels: the mean over what a new pixel covers where it
/// shrinks, linear in between where it grows (a triangle filter, as Pillow's BILINEAR).
DecodedImage resized(const DecodedImage& image, std::size_t side);

}  // namespace nas
