#include "core/data/speech/trials.h"

#include <string>
#include <unordered_map>

#include "core/util/encoding.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/text.h"

namespace nas {
namespace {

constexpr std::size_t kMostPairs = 50'000'000;

/// Finds recordings by the names that lists give them.
class NameIndex {
 public:
  explicit NameIndex(const RecordingStore& store) : store_(store) {
    for (std::uint32_t i = 0; i < store.size(); ++i) numbers_.emplace(store.names[i], i);
  }

  std::uint32_t find(const std::string& name) const {
    const std::string plain = name.starts_with("./") ? name.substr(2) : name;
    for (const char* half : {"", "test/", "train/"}) {
      const auto at = numbers_.find(half + plain);
      if (at != numbers_.end()) return at->second;
    }
    std::string text = "'" + printable(name) + "' is not among the " +
                       format_count(static_cast<std::int64_t>(store_.size())) +
                       " recordings of the data set";
    const auto near = near_miss(plain, store_.names);
    text += near ? "; did you mean '" + printable(*near) + "'?"
                 : "; their names are like '" + printable(store_.names.front()) + "'";
    throw Error(ErrorKind::kData, text);
  }

 private:
  const RecordingStore& store_;
  std::unordered_map<std::string, std::uint32_t> numbers_;  // looked up only
};

bool parse_label(const std::string& word) {
  if (word == "1" || word == "target") return true;
  if (word == "0" || word == "nontarget") return false;
  throw Error(ErrorKind::kData, "'" + printable(word) +
                                    "' is no label; 1 (target) or 0 (nontarget) expected, then the "
                                    "two recordings");
}

VerificationTrial parse_trial(const std::vector<std::string>& words, const NameIndex& names,
                              const RecordingDataset& dataset) {
  if (words.size() != 3) {
    throw Error(ErrorKind::kData, std::to_string(words.size()) +
                                      " words, expected three: 1 or 0, and two recordings");
  }
  const VerificationTrial trial{names.find(words[1]), names.find(words[2]), parse_label(words[0])};
  const std::uint32_t enrol = dataset.recordings.labels[trial.enrol];
  const std::uint32_t test = dataset.recordings.labels[trial.test];
  if (trial.target == (enrol == test)) return trial;
  const std::string same = enrol == test ? "one speaker, '" + dataset.classes[enrol] + "'"
                                         : "different speakers, '" + dataset.classes[enrol] +
                                               "' and '" + dataset.classes[test] + "'";
  throw Error(ErrorKind::kData,
              "the label says " +
                  std::string(trial.target ? "the same speaker" : "different speakers") +
                  ", but the recordings are of " + printable(same));
}

}  // namespace

std::vector<VerificationTrial> all_pairs(const RecordingStore& store,
                                         std::span<const std::uint32_t> recordings) {
  const std::size_t n = recordings.size();
  if (n > 1 && n * (n - 1) / 2 > kMostPairs) {
    throw Error(ErrorKind::kUnsupported,
                "all pairs of " + format_count(static_cast<std::int64_t>(n)) +
                    " recordings are more than 50 million trials; give a trial list");
  }
  std::vector<VerificationTrial> trials;
  trials.reserve(n * (n > 0 ? n - 1 : 0) / 2);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = i + 1; j < n; ++j) {
      trials.push_back({recordings[i], recordings[j],
                        store.labels[recordings[i]] == store.labels[recordings[j]]});
    }
  }
  return trials;
}

std::vector<VerificationTrial> read_trial_list(const std::filesystem::path& path,
                                               const RecordingDataset& dataset) {
  const std::string name = printable(path.native());
  std::string bytes = read_file(path);
  refuse_foreign_content(std::string_view(bytes).substr(0, 4096), name);
  const std::string text = decode_text(std::move(bytes), name);
  const NameIndex names(dataset.recordings);
  std::vector<VerificationTrial> trials;
  std::size_t number = 0;
  for (std::size_t begin = 0; begin < text.size(); ++number) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const auto words = split_words(std::string_view(text).substr(begin, end - begin));
    begin = end + 1;
    if (words.empty()) continue;
    try {
      trials.push_back(parse_trial(words, names, dataset));
    } catch (const Error& error) {
      throw error.with_context(name + ", line " + std::to_string(number + 1));
    }
  }
  if (trials.empty()) throw Error(ErrorKind::kData, name + ": no trials");
  return trials;
}

std::vector<TrialUnits> recording_units(std::span<const VerificationTrial> trials) {
  std::vector<TrialUnits> units;
  for (const VerificationTrial& trial : trials) units.push_back({trial.enrol, trial.test});
  return units;
}

std::vector<TrialUnits> speaker_units(std::span<const VerificationTrial> trials,
                                      const RecordingStore& store) {
  std::vector<TrialUnits> units;
  for (const VerificationTrial& trial : trials) {
    units.push_back({store.labels[trial.enrol], store.labels[trial.test]});
  }
  return units;
}

}  // namespace nas
