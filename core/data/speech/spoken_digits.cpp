#include <algorithm>
#include <set>

#include "core/data/speech/recordings.h"
#include "core/util/csv.h"
#include "core/util/directory.h"
#include "core/util/encoding.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/text.h"

namespace nas {
namespace {

namespace fs = std::filesystem;

constexpr int kSampleRate = 8000;
constexpr std::int64_t kFirstTrainingTake = 5;
constexpr char kPcmName[] = "fsdd_8k_int16le.pcm";

fs::path find_pcm(const fs::path& directory) {
  fs::path path = find_plain_or_gzip(directory, kPcmName);
  if (!path.empty()) return path;
  std::error_code ignored;
  const bool there = fs::is_directory(directory, ignored);
  throw Error(ErrorKind::kIo, printable(directory.native()) + ": " +
                                  (there ? std::string(kPcmName) + "[.gz] is missing"
                                         : std::string("no such directory")) +
                                  "; fsdd:DIR needs " + kPcmName + "[.gz] and index.csv");
}

/// The file, decompressed, unless it is a Git LFS pointer or a web page.
std::string read_content(const fs::path& path) {
  std::string bytes = read_file(path);
  refuse_foreign_content(std::string_view(bytes).substr(0, 4096), printable(path.native()));
  return bytes;
}

std::vector<std::int16_t> read_pcm(const fs::path& path) {
  const std::string bytes = read_content(path);
  if (bytes.size() % 2 != 0) {
    throw Error(ErrorKind::kData,
                printable(path.native()) + ": " +
                    format_count(static_cast<std::int64_t>(bytes.size())) +
                    " bytes are no number of 16-bit samples: it is truncated; fetch it again");
  }
  std::vector<std::int16_t> samples;
  samples.reserve(bytes.size() / 2);
  for (std::size_t at = 0; at < bytes.size(); at += 2) {  // little-endian
    const auto low = static_cast<std::uint8_t>(bytes[at]);
    const auto high = static_cast<std::uint8_t>(bytes[at + 1]);
    samples.push_back(static_cast<std::int16_t>(static_cast<std::uint16_t>(low | high << 8)));
  }
  return samples;
}

/// The rows of index.csv, with errors that name the line.
class Index {
 public:
  explicit Index(const fs::path& path)
      : name_(printable(path.native())), table_(CsvTable::parse(read_content(path), name_)) {
    if (table_.rows() == 0) throw Error(ErrorKind::kData, name_ + ": no recordings");
  }

  std::size_t rows() const { return table_.rows(); }
  std::string text(std::size_t row, std::string_view column) const {
    return std::string(table_.at(row, table_.column(column)));
  }
  std::int64_t number(std::size_t row, std::string_view column) const {
    const auto value = parse_int(text(row, column));
    if (value && *value >= 0) return *value;
    fail(row, std::string(column) + " '" + printable(text(row, column)) +
                  "', a number that is not negative expected");
  }
  [[noreturn]] void fail(std::size_t row, const std::string& what) const {
    throw Error(ErrorKind::kData,
                name_ + ", line " + std::to_string(table_.line(row)) + ": " + what);
  }

 private:
  std::string name_;
  CsvTable table_;
};

}  // namespace

std::shared_ptr<const RecordingDataset> load_spoken_digits(const fs::path& directory,
                                                           SpokenDigitClass what) {
  const fs::path pcm = find_pcm(directory);
  const Index index(directory / "index.csv");
  const std::vector<std::int16_t> samples = read_pcm(pcm);
  const std::string column = what == SpokenDigitClass::kSpeaker ? "speaker" : "digit";
  std::set<std::string> classes;
  for (std::size_t row = 0; row < index.rows(); ++row) classes.insert(index.text(row, column));

  auto dataset = std::make_shared<RecordingDataset>();
  dataset->classes.assign(classes.begin(), classes.end());
  RecordingStore& store = dataset->recordings;
  store.sample_rate = kSampleRate;
  for (std::size_t row = 0; row < index.rows(); ++row) {
    const auto offset = static_cast<std::size_t>(index.number(row, "offset_samples"));
    const auto length = static_cast<std::size_t>(index.number(row, "n_samples"));
    if (length == 0) index.fail(row, "a recording without samples");
    if (offset != store.samples.size()) {
      index.fail(row, "offset_samples " + std::to_string(offset) +
                          ", but the recording before ends at " +
                          std::to_string(store.samples.size()) + "; a line is missing");
    }
    if (length > samples.size() - offset) {
      index.fail(row, "samples " + std::to_string(offset) + " to " +
                          std::to_string(offset + length) + ", but " + pcm.filename().string() +
                          " has " + std::to_string(samples.size()) + "; fetch both again");
    }
    const auto label = static_cast<std::uint32_t>(
        std::distance(classes.begin(), classes.find(index.text(row, column))));
    const bool train = index.number(row, "take") >= kFirstTrainingTake;
    (train ? dataset->split.train : dataset->split.test)
        .push_back(static_cast<std::uint32_t>(store.size()));
    store.add(std::span(samples).subspan(offset, length), label, index.text(row, "file"));
  }
  if (store.samples.size() != samples.size()) {
    throw Error(ErrorKind::kData, printable(directory.native()) + ": index.csv ends at sample " +
                                      std::to_string(store.samples.size()) + ", " +
                                      pcm.filename().string() + " has " +
                                      std::to_string(samples.size()) + "; fetch both again");
  }
  if (dataset->split.train.empty() || dataset->split.test.empty()) {
    throw Error(ErrorKind::kData, printable(directory.native()) +
                                      ": takes 0 to 4 are the test part, later ones the training "
                                      "part; one of them is empty");
  }
  const bool speakers = what == SpokenDigitClass::kSpeaker;
  dataset->source = (speakers ? "fsdd:" : "fsdd_digits:") + directory.string();
  // Stored results have this identity, which is older than the name of the kind.
  dataset->id = recording_identity(speakers ? "fsdd" : "fsdd-digits", *dataset);
  return dataset;
}

}  // namespace nas
