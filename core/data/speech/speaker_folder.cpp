#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "core/data/audio/audio_file.h"
#include "core/data/audio/resample.h"
#include "core/data/speech/recordings.h"
#include "core/util/directory.h"
#include "core/util/error.h"
#include "core/util/interruption.h"
#include "core/util/rng.h"
#include "core/util/text.h"

namespace nas {
namespace {

namespace fs = std::filesystem;

constexpr double kTestFraction = 0.2;
constexpr char kLayout[] =
    "; speakers:DIR needs DIR/SPEAKER/*.wav (or .flac, also in folders of sessions), one folder "
    "for "
    "each speaker, or the same below DIR/train and DIR/test";

struct FoundRecording {
  fs::path path;
  std::string speaker;
  std::string session;  ///< the folder below the speaker; "" for a file beside it
  bool test = false;
};

std::string shown(const fs::path& path) {
  return printable(path.native());
}

[[noreturn]] void fail(const std::string& text) {
  throw Error(ErrorKind::kData, text);
}

/// The recordings of the speaker folders in `part`.
std::vector<FoundRecording> find_recordings(const fs::path& part, bool test) {
  std::vector<FoundRecording> found;
  for (const fs::path& speaker : visible_directories(part)) {
    const std::vector<fs::path> files = audio_files_below(speaker);
    if (files.empty()) {
      fail(shown(speaker) + ": no .wav or .flac file in it" + unread_audio_hint(speaker) +
           "; remove the folder if it is no speaker");
    }
    for (const fs::path& file : files) {
      const fs::path inside = file.lexically_relative(speaker);
      const bool nested = std::next(inside.begin()) != inside.end();
      found.push_back({file, speaker.filename().string(),
                       nested ? inside.begin()->string() : std::string(), test});
    }
  }
  if (found.empty()) {
    const bool loose = !audio_files_below(part).empty();
    fail(shown(part) + ": no folder of a speaker in it" +
         (loose ? ", the recordings lie side by side" : "") + kLayout);
  }
  return found;
}

/// How many recordings each speaker has in each part.
struct Counts {
  std::size_t train = 0;
  std::size_t test = 0;
};

std::map<std::string, Counts> count_by_speaker(const std::vector<FoundRecording>& found) {
  std::map<std::string, Counts> counts;
  for (const FoundRecording& recording : found) {
    Counts& of_speaker = counts[recording.speaker];
    ++(recording.test ? of_speaker.test : of_speaker.train);
  }
  return counts;
}

/// Names a few of many.
std::string some_of(const std::vector<std::string>& names) {
  constexpr std::size_t kShown = 3;
  const auto first = std::span(names).first(std::min(names.size(), kShown));
  std::string text = printable(join(first, ", "));
  if (names.size() > kShown) text += " and " + std::to_string(names.size() - kShown) + " more";
  return text;
}

/// Test speakers are all known from training (identification and verification of known speakers) or
/// all unknown (verification alone); a mixture is a folder that somebody sorted wrongly.
void check_halves(const fs::path& root, const std::vector<FoundRecording>& found) {
  std::vector<std::string> known;
  std::vector<std::string> unknown;
  std::size_t trained = 0;
  std::size_t pairs = 0;  // test speakers with two recordings
  for (const auto& [speaker, counts] : count_by_speaker(found)) {
    trained += counts.train > 0 ? 1 : 0;
    pairs += counts.test > 1 ? 1 : 0;
    if (counts.test > 0) (counts.train > 0 ? known : unknown).push_back(speaker);
  }
  if (!known.empty() && !unknown.empty()) {
    fail(shown(root) + ": " + some_of(unknown) + " in test/ only, but " + some_of(known) +
         " in both halves; either every test speaker has recordings in train/, or none");
  }
  if (trained < 2 || known.size() + unknown.size() < 2) {
    fail(shown(root) + ": at least two speakers expected in train/ and in test/");
  }
  if (pairs == 0) {
    fail(shown(root) + ": no speaker has two recordings in test/, so that nobody can be verified");
  }
}

/// Moves a fifth of each speaker's sessions, or recordings, to the test part.
void split_off_test(const fs::path& root, std::vector<FoundRecording>& found) {
  const auto counts = count_by_speaker(found);
  if (counts.size() < 2) {
    fail(shown(root) + ": one speaker, at least two expected" + kLayout);
  }
  std::map<std::string, std::map<std::string, std::vector<std::size_t>>> groups;
  for (std::size_t i = 0; i < found.size(); ++i) {
    groups[found[i].speaker][found[i].session].push_back(i);
  }
  const Rng rng(RngKey{.purpose = Purpose::kSplit});
  std::uint64_t number = 0;
  for (const auto& [speaker, sessions] : groups) {
    std::vector<std::vector<std::size_t>> units;  // stay together
    for (const auto& [session, members] : sessions) {
      if (sessions.size() > 1) {
        units.push_back(members);
      } else {
        for (const std::size_t i : members) units.push_back({i});
      }
    }
    if (units.size() < 2) {
      fail(shown(root / speaker) +
           ": one recording, at least two expected, one to train on and one to verify; add one or "
           "remove the folder");
    }
    Rng stream = rng.stream(number++);
    stream.shuffle(std::span(units));
    const double exact = kTestFraction * static_cast<double>(units.size());
    units.resize(static_cast<std::size_t>(std::max(1L, std::lround(exact))));
    for (const auto& unit : units) {
      for (const std::size_t i : unit) found[i].test = true;
    }
  }
}

void check_memory(const fs::path& root, const std::vector<FoundRecording>& found) {
  std::uintmax_t bytes = 0;
  for (const FoundRecording& recording : found) {
    std::error_code ignored;  // said when it is read
    const std::uintmax_t size = fs::file_size(recording.path, ignored);
    if (!ignored) bytes += size;
  }
  const auto memory = static_cast<std::uintmax_t>(::sysconf(_SC_PHYS_PAGES)) *
                      static_cast<std::uintmax_t>(::sysconf(_SC_PAGE_SIZE));
  if (bytes / 4 * 5 <= memory) return;
  throw Error(ErrorKind::kUnsupported, shown(root) + ": recordings of " +
                                           format_bytes(static_cast<std::int64_t>(bytes)) +
                                           " are held in memory, and this machine has " +
                                           format_bytes(static_cast<std::int64_t>(memory)) +
                                           "; use a folder with links to a part of the speakers");
}

/// Reads the files and gives the recordings their numbers, in the order of `found`.
void read_recordings(const fs::path& root, const std::vector<FoundRecording>& found,
                     int sample_rate, RecordingDataset& dataset) {
  RecordingStore& store = dataset.recordings;
  store.sample_rate = sample_rate;
  for (const FoundRecording& recording : found) {
    check_interruption();
    Waveform waveform = read_audio_file(recording.path);
    if (store.sample_rate == 0) store.sample_rate = waveform.sample_rate;
    if (sample_rate == 0 && waveform.sample_rate != store.sample_rate) {
      fail(shown(recording.path) + ": " + std::to_string(waveform.sample_rate) + " Hz, but " +
           shown(found.front().path) + " has " + std::to_string(store.sample_rate) +
           " Hz; all recordings must have one rate");
    }
    waveform = resampled(waveform, store.sample_rate);
    const auto label = static_cast<std::uint32_t>(
        std::lower_bound(dataset.classes.begin(), dataset.classes.end(), recording.speaker) -
        dataset.classes.begin());
    const auto number = static_cast<std::uint32_t>(store.size());
    (recording.test ? dataset.split.test : dataset.split.train).push_back(number);
    store.add(to_int16(waveform.samples), label, recording.path.lexically_relative(root).string());
  }
}

}  // namespace

std::shared_ptr<const RecordingDataset> load_speaker_folder(const fs::path& directory,
                                                            int sample_rate) {
  std::error_code ignored;
  if (!fs::is_directory(directory, ignored)) {
    throw Error(ErrorKind::kIo, shown(directory) + ": no such directory" + kLayout);
  }
  auto dataset = std::make_shared<RecordingDataset>();
  dataset->source = "speakers:" + directory.string();
  const bool train = fs::is_directory(directory / "train", ignored);
  const bool test = fs::is_directory(directory / "test", ignored);
  if (train != test) {
    throw Error(ErrorKind::kIo, shown(directory) + ": the directory '" +
                                    (train ? "test" : "train") + "' is missing" + kLayout);
  }
  std::vector<FoundRecording> found;
  if (train) {
    found = find_recordings(directory / "train", false);
    const auto more = find_recordings(directory / "test", true);
    found.insert(found.end(), more.begin(), more.end());
    check_halves(directory, found);
  } else {
    found = find_recordings(directory, false);
    split_off_test(directory, found);
    dataset->note = "no test/ in it: a fifth of each speaker is the test part, seed 0";
  }
  for (const auto& [speaker, counts] : count_by_speaker(found)) dataset->classes.push_back(speaker);
  check_memory(directory, found);
  read_recordings(directory, found, sample_rate, *dataset);
  dataset->id = recording_identity("speakers", *dataset);
  return dataset;
}

}  // namespace nas
