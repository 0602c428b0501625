#pragma once

#include <span>

namespace nas {

/// The gain in dB for a level in dB below full scale (0: 32768): +3 up to -9 dB, then falling to 0
/// at full scale along -level / 2, joined by a parabola between -9 and -3 dB (the soft knee of 6 dB
/// around the point -6, -3). EfficientTDNN, section 2.2: sox's `compand 0,0.5 6:-6,-3`.
double compand_gain_db(double level_db);

/// Makes quiet speech louder, in place: the level follows the samples upwards at once and falls
/// with a time constant of 0.5 s, from full scale at the beginning. An own implementation of what
/// sox's manual says: its knee is another curve, and samples differ by fractions of a dB there.
void compand(std::span<float> samples, int sample_rate);

}  // namespace nas
