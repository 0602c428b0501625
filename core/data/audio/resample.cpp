#include "core/data/audio/resample.h"

#include <samplerate.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "core/util/error.h"

namespace nas {

Waveform resampled(const Waveform& waveform, int sample_rate) {
  if (waveform.sample_rate == sample_rate) return waveform;
  const double ratio = static_cast<double>(sample_rate) / waveform.sample_rate;
  if (::src_is_valid_ratio(ratio) == 0) {
    throw Error(ErrorKind::kUnsupported, "a recording of " + std::to_string(waveform.sample_rate) +
                                             " Hz cannot become one of " +
                                             std::to_string(sample_rate) +
                                             " Hz, more than 256 times apart");
  }
  const double exact = static_cast<double>(waveform.samples.size()) * ratio;
  const auto size = static_cast<std::size_t>(std::max(1L, std::lround(exact)));
  Waveform result{sample_rate, std::vector<float>(size, 0.0F)};
  SRC_DATA work{};
  work.data_in = waveform.samples.data();
  work.input_frames = static_cast<long>(waveform.samples.size());
  work.data_out = result.samples.data();
  work.output_frames = static_cast<long>(size);
  work.src_ratio = ratio;
  const int code = ::src_simple(&work, SRC_SINC_MEDIUM_QUALITY, 1);
  NAS_CHECK(code == 0, ::src_strerror(code));
  return result;
}

}  // namespace nas
