#include "core/problems/recording_reader.h"

namespace nas {

RecordingReader::RecordingReader(const Setup& setup)
    : recordings_(setup.recordings),
      chosen_(setup.chosen),
      labels_(setup.labels),
      front_end_(setup.recordings.sample_rate, setup.recipe, setup.sounds),
      training_(setup.training) {}

std::size_t RecordingReader::elements() const {
  return static_cast<std::size_t>(front_end_.shape().elements());
}

std::size_t RecordingReader::rows_of_sample() const {
  return training_ ? 1 : front_end_.test_pieces();
}

void RecordingReader::read(std::uint32_t sample, Rng& chance, std::span<float> rows) const {
  const auto recording = recordings_.recording(chosen_[sample]);
  if (training_) {
    front_end_.training_piece(recording, chance, rows);
  } else {
    front_end_.test_pieces_of(recording, rows);
  }
}

}  // namespace nas
