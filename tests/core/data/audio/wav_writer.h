#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <string>
#include <vector>

namespace nas::test {

struct WavFormat {
  int sample_rate = 8000;
  int channels = 1;
  int bits = 16;  ///< 8, 16, 24, 32
  bool real = false;
};

inline std::string little_endian(std::uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i) & 0xff);
  return text;
}

inline std::string wav_chunk(const std::string& name, const std::string& content) {
  return name + little_endian(content.size(), 4) + content + (content.size() % 2 == 1 ? "\0" : "");
}

/// A WAV file of interleaved values in [-1, 1].
inline std::string encode_wav(const std::vector<double>& values, const WavFormat& format = {}) {
  const int bytes = format.bits / 8;
  const auto rate = static_cast<std::uint64_t>(format.sample_rate);
  const auto channels = static_cast<std::uint64_t>(format.channels);
  const auto frame = channels * static_cast<std::uint64_t>(bytes);
  const std::string header = little_endian(format.real ? 3 : 1, 2) + little_endian(channels, 2) +
                             little_endian(rate, 4) + little_endian(rate * frame, 4) +
                             little_endian(frame, 2) +
                             little_endian(static_cast<std::uint64_t>(format.bits), 2);
  std::string data;
  for (const double value : values) {
    if (format.real) {
      data += little_endian(std::bit_cast<std::uint32_t>(static_cast<float>(value)), 4);
      continue;
    }
    const double scale = std::ldexp(1.0, format.bits - 1);
    const auto whole =
        static_cast<std::int64_t>(std::clamp(std::round(value * scale), -scale, scale - 1));
    const std::int64_t shifted = format.bits == 8 ? whole + 128 : whole;  // 8 bits are unsigned
    data += little_endian(static_cast<std::uint64_t>(shifted), bytes);
  }
  std::string content = "WAVE" + wav_chunk("fmt ", header) + wav_chunk("data", data);
  return "RIFF" + little_endian(content.size(), 4) + content;
}

/// A sine of half the full scale.
inline std::vector<double> sine(double hz, int sample_rate, std::size_t samples) {
  std::vector<double> values;
  for (std::size_t t = 0; t < samples; ++t) {
    values.push_back(0.5 *
                     std::sin(2 * std::numbers::pi * hz * static_cast<double>(t) / sample_rate));
  }
  return values;
}

}  // namespace nas::test
