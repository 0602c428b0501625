#include "core/data/audio/audio_file.h"

#include <doctest/doctest.h>
#include <sndfile.h>
#include <sys/stat.h>

#include <limits>

#include "core/util/file.h"
#include "tests/core/data/audio/wav_writer.h"
#include "tests/core/data/test_files.h"

using namespace nas;
using test::contains;
using test::encode_wav;
using test::error_text;
using test::little_endian;
using test::wav_chunk;
using test::WavFormat;

namespace {

std::string decode_error(const std::string& bytes) {
  return error_text(ErrorKind::kData, [&] { decode_audio(bytes); });
}

std::string encode_flac(const std::filesystem::path& path, std::vector<short> samples) {
  SF_INFO info{};
  info.samplerate = 8000;
  info.channels = 1;
  info.format = SF_FORMAT_FLAC | SF_FORMAT_PCM_16;
  SNDFILE* file = sf_open(path.c_str(), SFM_WRITE, &info);
  REQUIRE(file != nullptr);
  sf_write_short(file, samples.data(), static_cast<sf_count_t>(samples.size()));
  sf_close(file);
  return read_file(path);
}

const std::vector<double> kLadder = {0, 0.5, -0.5, 0.25, -1};
const std::vector<float> kLadderSamples = {0, 16384, -16384, 8192, -32768};

}  // namespace

TEST_CASE("audio file: 8, 16, 24, 32 bits and float give the same 16-bit range") {
  for (const int bits : {8, 16, 24, 32}) {
    CAPTURE(bits);
    const Waveform waveform = decode_audio(encode_wav(kLadder, {.bits = bits}));
    CHECK(waveform.sample_rate == 8000);
    CHECK(waveform.samples == kLadderSamples);
  }
  CHECK(decode_audio(encode_wav(kLadder, {.bits = 32, .real = true})).samples == kLadderSamples);
  // Below one step of 16 bits: 24 bits keep it.
  CHECK(decode_audio(encode_wav({std::ldexp(1.0, -23)}, {.bits = 24})).samples[0] == 1.0F / 256);
}

TEST_CASE("audio file: channels become their mean, two and thirty-two") {
  const WavFormat stereo{.channels = 2};
  CHECK(decode_audio(encode_wav({0.5, 0.25, -0.5, -0.25, 0.5, -0.5}, stereo)).samples ==
        std::vector<float>{12288, -12288, 0});
  std::vector<double> values(32 * 3, 0.0);
  values[32 + 7] = 0.5;  // the eighth channel of the second frame
  const Waveform mixed = decode_audio(encode_wav(values, {.channels = 32}));
  CHECK(mixed.samples == std::vector<float>{0, 512, 0});
}

TEST_CASE("audio file: the rate is that of the file, and must be one of sound") {
  CHECK(decode_audio(encode_wav({0}, {.sample_rate = 44100})).sample_rate == 44100);
  for (const int rate : {1, 999, 768001}) {
    CHECK(contains(decode_error(encode_wav({0}, {.sample_rate = rate})),
                   "must be in [1000, 768000]"));
  }
}

TEST_CASE("audio file: silence and one sample are recordings, no sample is none") {
  CHECK(decode_audio(encode_wav({0, 0, 0})).samples == std::vector<float>{0, 0, 0});
  CHECK(decode_audio(encode_wav({0.5})).samples == std::vector<float>{16384});
  CHECK(contains(decode_error(encode_wav({})), "holds no samples"));
}

TEST_CASE("audio file: a sample that is not finite is located") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  std::vector<double> values(9000, 0.1);
  for (const double bad : {nan, infinity, -infinity, 1e38}) {  // 1e38 overflows the 16-bit range
    values[8000] = bad;
    CHECK(decode_error(encode_wav(values, {.bits = 32, .real = true})) ==
          "sample 8,000, at 1 s, is not a finite number; export the recording again");
  }
}

TEST_CASE("audio file: a WAV file cut at any byte is refused") {
  const std::string whole = encode_wav(test::sine(440, 8000, 50));
  REQUIRE(whole.size() == 44 + 100);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    CHECK_THROWS_AS(decode_audio(std::string_view(whole).substr(0, size)), Error);
  }
  CHECK(contains(decode_error(whole.substr(0, 100)),
                 "100 bytes of samples announced, got 56: the file is truncated"));
}

TEST_CASE("audio file: damaged bytes are read or refused, never a crash") {
  const std::string whole = encode_wav(test::sine(440, 8000, 20), {.bits = 24});
  std::size_t refused = 0;
  for (std::size_t at = 0; at < 60; ++at) {
    for (const int flip : {1, 0x80, 0xff}) {
      std::string damaged = whole;
      damaged[at] = static_cast<char>(damaged[at] ^ flip);
      try {
        const Waveform waveform = decode_audio(damaged);
        CHECK(!waveform.samples.empty());
      } catch (const Error& error) {
        CHECK(error.kind() == ErrorKind::kData);
        ++refused;
      }
    }
  }
  CHECK(refused > 30);
}

TEST_CASE("audio file: other chunks are passed over, and unknown sizes mean the end of the file") {
  const std::string whole = encode_wav(kLadder);
  const std::string format = whole.substr(12, 24);
  const std::string data = whole.substr(36);
  const auto riff = [](const std::string& content) {
    return "RIFF" + little_endian(content.size() + 4, 4) + "WAVE" + content;
  };
  const std::string list = wav_chunk("LIST", std::string(30, 'x'));
  CHECK(decode_audio(riff(format + list + data + list)).samples == kLadderSamples);
  std::string streamed = whole;
  for (const std::size_t at : {4, 40}) streamed.replace(at, 4, "\xff\xff\xff\xff");
  CHECK(decode_audio(streamed).samples == kLadderSamples);
  CHECK(contains(decode_error(riff(format + list)), "without samples (no chunk 'data')"));
  CHECK(contains(decode_error(riff(data)), "damaged"));  // no format
}

TEST_CASE("audio file: RF64 and big-endian files are whole or refused as well") {
  const std::string whole = encode_wav(kLadder);
  std::string large = "RF64" + std::string("\xff\xff\xff\xff", 4) + "WAVE";
  large += wav_chunk("ds64", little_endian(80, 8) + little_endian(10, 8) + little_endian(5, 8) +
                                 little_endian(0, 4));
  large += whole.substr(12, 24) + "data" + std::string("\xff\xff\xff\xff", 4) + whole.substr(44);
  CHECK(decode_audio(large).samples == kLadderSamples);
  CHECK(contains(decode_error(large.substr(0, large.size() - 2)), "truncated"));

  const auto big = [](std::uint32_t value) {
    const std::string little = little_endian(value, 4);
    return std::string(little.rbegin(), little.rend());
  };
  std::string foreign = "RIFX" + big(36 + 4) + "WAVEfmt " + big(16) + std::string("\0\1\0\1", 4) +
                        big(8000) + big(16000) + std::string("\0\2\0\x10", 4) + "data" + big(4) +
                        std::string("\x40\0\xc0\0", 4);
  CHECK(decode_audio(foreign).samples == std::vector<float>{16384, -16384});
  CHECK(contains(decode_error(foreign.substr(0, foreign.size() - 1)), "truncated"));
}

TEST_CASE("audio file: FLAC is read, and refused when it is truncated") {
  const TemporaryDirectory directory;
  std::vector<short> samples;
  for (int t = 0; t < 20000; ++t) samples.push_back(static_cast<short>(t * 7919 % 20011 - 10000));
  const std::string whole = encode_flac(directory.path() / "a.flac", samples);
  CHECK(decode_audio(whole).samples == std::vector<float>(samples.begin(), samples.end()));
  for (std::size_t size = 0; size < whole.size(); size += 997) {
    CAPTURE(size);
    CHECK_THROWS_AS(decode_audio(std::string_view(whole).substr(0, size)), Error);
  }
}

TEST_CASE("audio file: what is no audio says what it is and what to do") {
  CHECK(contains(decode_error("NIST_1A\n   1024\n"), "a NIST SPHERE file, only WAV and FLAC"));
  CHECK(contains(decode_error(std::string("\0\0\0\x20", 4) + "ftypM4A "), "an MP4 (M4A) file"));
  CHECK(contains(decode_error("ID3\x04"), "an MP3 file"));
  CHECK(contains(decode_error("OggS"), "ffmpeg"));
  CHECK(contains(decode_error("something else"), "neither a WAV nor a FLAC file"));
  CHECK(contains(decode_error("RIFF....AVI "), "neither a WAV nor a FLAC file"));

  const TemporaryDirectory directory;
  const auto file_error = [&](const std::string& bytes) {
    test::write_bytes(directory.path() / "a.wav", bytes);
    return error_text(ErrorKind::kData, [&] { read_audio_file(directory.path() / "a.wav"); });
  };
  CHECK(contains(file_error("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n"),
                 "a.wav: it is a Git LFS pointer"));
  CHECK(contains(file_error("<!DOCTYPE html><html></html>"), "web page"));
  CHECK(contains(file_error(""), "a.wav: the file is empty"));
  CHECK(contains(file_error(encode_wav({})), "a.wav: it holds no samples"));
}

TEST_CASE("audio file: pipes, devices, directories and missing files do not block") {
  const TemporaryDirectory directory;
  const auto pipe = directory.path() / "pipe.wav";
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  CHECK(contains(error_text(ErrorKind::kIo, [&] { read_audio_file(pipe); }), "pipe"));
  CHECK(contains(error_text(ErrorKind::kIo, [] { read_audio_file("/dev/zero"); }), "device"));
  CHECK(contains(error_text(ErrorKind::kIo, [&] { read_audio_file(directory.path()); }),
                 "directory"));
  CHECK(contains(error_text(ErrorKind::kIo, [&] { read_audio_file(directory.path() / "no.wav"); }),
                 "no.wav"));
}

TEST_CASE("audio file: files are found at any depth, sorted, and circles are not entered") {
  const TemporaryDirectory directory;
  const auto& root = directory.path();
  for (const char* name : {"b.wav", "a/2.WAV", "a/1.flac", "a/x/y.wav", "a/notes.txt", ".c.wav"}) {
    test::write_bytes(root / name, "x");
  }
  std::filesystem::create_directory_symlink(root, root / "a" / "circle");
  std::filesystem::create_directory_symlink(root / "a" / "x", root / "z");
  std::vector<std::string> found;
  for (const auto& path : audio_files_below(root)) {
    found.push_back(path.lexically_relative(root).string());
  }
  CHECK(found == std::vector<std::string>{"a/1.flac", "a/2.WAV", "a/x/y.wav", "b.wav", "z/y.wav"});
  CHECK(unread_audio_hint(root).empty());
  test::write_bytes(root / "a" / "1.m4a", "x");
  CHECK(contains(unread_audio_hint(root), "its 1 .m4a files are not read"));
}
