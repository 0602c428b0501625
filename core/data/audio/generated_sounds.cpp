#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "core/data/audio/sound_bank.h"
#include "core/data/audio/waveform.h"
#include "core/util/rng.h"

namespace nas {
namespace {

constexpr double kTurn = 2 * std::numbers::pi;
constexpr double kSeconds = 4;  // of each sound
constexpr std::size_t kNoises = 16;
constexpr std::size_t kTunes = 16;
constexpr std::size_t kSpeakers = 24;
constexpr std::size_t kRooms = 24;
constexpr float kLoudness = 3000;  // root mean square; noises are scaled again when they are added

std::vector<float> empty_sound(int sample_rate) {
  return std::vector<float>(static_cast<std::size_t>(kSeconds * sample_rate), 0.0F);
}

std::vector<std::int16_t> finished(std::vector<float> sound) {
  double squares = 0;
  for (const float sample : sound) squares += static_cast<double>(sample) * sample;
  const double power = std::max(squares / static_cast<double>(sound.size()), 1e-12);
  for (float& sample : sound) sample *= kLoudness / static_cast<float>(std::sqrt(power));
  return to_int16(sound);
}

/// White to brown noise whose level swells and falls by up to 10 dB in seconds.
std::vector<std::int16_t> noise(int sample_rate, Rng rng) {
  const double pole = rng.uniform(0, 0.98);
  const double swell_db = rng.uniform(0, 10);
  const double swell_hz = rng.uniform(0.2, 2);
  const double phase = rng.uniform(0, kTurn);
  std::vector<float> sound = empty_sound(sample_rate);
  double state = 0;
  for (std::size_t t = 0; t < sound.size(); ++t) {
    state = pole * state + rng.normal();
    const double seconds = static_cast<double>(t) / sample_rate;
    const double level_db = swell_db / 2 * std::sin(kTurn * swell_hz * seconds + phase);
    sound[t] = static_cast<float>(state * std::pow(10, level_db / 20));
  }
  return finished(std::move(sound));
}

/// A filter with two poles: a note that a pulse makes ring, or a formant of the vocal tract.
class Resonance {
 public:
  void tune(double hz, double width_hz, int sample_rate) {
    const double radius = std::exp(-std::numbers::pi * width_hz / sample_rate);
    first_ = 2 * radius * std::cos(kTurn * hz / sample_rate);
    second_ = -radius * radius;
    gain_ = 1 - radius;
  }
  double filter(double sample) {
    const double output = gain_ * sample + first_ * last_ + second_ * before_;
    before_ = last_;
    last_ = output;
    return output;
  }

 private:
  double first_ = 0, second_ = 0, gain_ = 0, last_ = 0, before_ = 0;
};

/// Chords of three notes; each note has eight decaying harmonics.
std::vector<std::int16_t> music(int sample_rate, Rng rng) {
  constexpr std::array<double, 5> kScale = {0, 2, 4, 7, 9};  // semitones of the pentatonic scale
  constexpr int kHarmonics = 8;
  std::vector<float> sound = empty_sound(sample_rate);
  const double chord_seconds = rng.uniform(0.25, 0.6);
  const double base_hz = rng.uniform(90, 260);
  const auto chord = static_cast<std::size_t>(chord_seconds * sample_rate);
  for (std::size_t begin = 0; begin < sound.size(); begin += chord) {
    for (int note = 0; note < 3; ++note) {
      const auto octave = static_cast<double>(rng.below(3));
      const double semitones = kScale[rng.below(kScale.size())] + 12 * octave;
      const double hz = base_hz * std::pow(2, semitones / 12);
      for (int h = 1; h <= kHarmonics && h * hz < sample_rate / 2.0; ++h) {
        Resonance harmonic;
        harmonic.tune(h * hz, h, sample_rate);
        double pulse = 1.0 / h;
        for (std::size_t t = begin; t < std::min(begin + chord, sound.size()); ++t) {
          sound[t] += static_cast<float>(harmonic.filter(pulse));
          pulse = 0;
        }
      }
    }
  }
  return finished(std::move(sound));
}

/// Syllables of 0.12 to 0.3 s: a voice of one pitch through three formants, sometimes a hiss,
/// sometimes a pause.
std::vector<std::int16_t> speech(int sample_rate, Rng rng) {
  std::vector<float> sound = empty_sound(sample_rate);
  const double pitch_hz = rng.uniform(85, 250);
  std::array<Resonance, 3> formants;
  double pulse = 0;  // phase of the voice in periods
  for (std::size_t begin = 0; begin < sound.size();) {
    const auto length = static_cast<std::size_t>(rng.uniform(0.12, 0.3) * sample_rate);
    const bool pause = rng.bernoulli(0.2);
    const double hiss = rng.bernoulli(0.25) ? 1.0 : 0.05;
    const double voice = hiss < 1 ? 1.0 : 0.1;
    const double hz = pitch_hz * rng.uniform(0.9, 1.15);
    formants[0].tune(rng.uniform(300, 850), 80, sample_rate);
    formants[1].tune(rng.uniform(900, 2300), 120, sample_rate);
    formants[2].tune(rng.uniform(2400, 3300), 160, sample_rate);
    const std::size_t end = std::min(begin + length, sound.size());
    for (std::size_t t = begin; t < end; ++t) {
      const double place = static_cast<double>(t - begin) / static_cast<double>(length);
      pulse += hz / sample_rate;
      const bool beat = pulse >= 1;
      if (beat) pulse -= 1;
      const double source = voice * (beat ? 12.0 : 0.0) + hiss * rng.normal();
      double output = 0;
      for (Resonance& formant : formants) output += formant.filter(source);
      const double envelope = pause ? 0.0 : std::sin(std::numbers::pi * place);
      sound[t] = static_cast<float>(envelope * output);
    }
    begin = end;
  }
  return finished(std::move(sound));
}

/// A direct sound and, 2 to 10 ms later, noise that falls by 60 dB within the reverberation time.
std::vector<float> room(int sample_rate, Rng rng) {
  const double reverberation_seconds = rng.uniform(0.1, 0.5);
  const double delay_seconds = rng.uniform(0.002, 0.01);
  const double direct_to_tail_db = rng.uniform(0, 10);
  const auto size = static_cast<std::size_t>(reverberation_seconds * sample_rate);
  const auto delay = static_cast<std::size_t>(delay_seconds * sample_rate);
  std::vector<float> response(size, 0.0F);
  double squares = 0;
  for (std::size_t t = delay; t < size; ++t) {
    const double seconds = static_cast<double>(t) / sample_rate;
    const double decay = std::pow(10, -3 * seconds / reverberation_seconds);  // 60 dB: 10^-3
    response[t] = static_cast<float>(rng.normal() * decay);
    squares += static_cast<double>(response[t]) * response[t];
  }
  response[0] = static_cast<float>(std::sqrt(squares) * std::pow(10, direct_to_tail_db / 20));
  return response;
}

}  // namespace

std::shared_ptr<const SoundBank> generated_sound_bank(int sample_rate) {
  const Rng rng(RngKey{.study = stable_hash("sounds for augmentation"), .purpose = Purpose::kData});
  std::uint64_t number = 0;
  const auto next = [&] { return rng.stream(number++); };
  auto bank = std::make_shared<SoundBank>();
  bank->mode = "v2+generated";
  bank->sample_rate = sample_rate;
  for (std::size_t i = 0; i < kNoises; ++i) bank->noise.push_back(noise(sample_rate, next()));
  for (std::size_t i = 0; i < kTunes; ++i) bank->music.push_back(music(sample_rate, next()));
  for (std::size_t i = 0; i < kSpeakers; ++i) bank->speech.push_back(speech(sample_rate, next()));
  for (std::size_t i = 0; i < kRooms; ++i) bank->rooms.push_back(room(sample_rate, next()));
  bank->id = sound_bank_id(*bank);
  return bank;
}

}  // namespace nas
