#include "core/problems/speaker.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "core/data/audio/sound_bank.h"
#include "core/data/split.h"
#include "core/problems/class_judge.h"
#include "core/problems/data_kinds.h"
#include "core/problems/recording_reader.h"
#include "core/problems/verification_judge.h"
#include "core/util/error.h"
#include "core/util/hash.h"
#include "core/util/rng.h"
#include "core/util/spread.h"
#include "core/util/text.h"

namespace nas {
namespace {

constexpr std::string_view kTdnn = "EfficientTDNN (arXiv 2103.13581)";

/// What a recipe says of speakers alone.
struct SpeakerRecipe : SpeechRecipe {
  double margin = 0.2;
  double scale = 30;
  std::string held_out = "speakers";  ///< speakers | recordings
  std::int64_t cohort = 0;
  std::int64_t cohort_top = 300;
};

constexpr std::array kFields = {
    Field<SpeakerRecipe>{"crop_seconds", &SpeakerRecipe::crop_seconds,
                         "length of the pieces that a network reads", "s", 0.01, 600, kTdnn},
    Field<SpeakerRecipe>{"test_crops", &SpeakerRecipe::test_crops,
                         "pieces that a recording is judged by: the middle one, or several equally "
                         "spaced ones",
                         "", 1, 100, kTdnn},
    Field<SpeakerRecipe>{.name = "features",
                         .member = &SpeakerRecipe::features,
                         .meaning = "logarithms of mel-filtered power, or cepstra of them",
                         .source = kTdnn,
                         .choices = "log_mel|mfcc"},
    Field<SpeakerRecipe>{.name = "normalise",
                         .member = &SpeakerRecipe::normalise,
                         .meaning = "each channel has mean 0 and variance 1 over the piece",
                         .source = kTdnn,
                         .before = "true"},
    Field<SpeakerRecipe>{.name = "augmentation",
                         .member = &SpeakerRecipe::augmentation,
                         .meaning = "of training pieces; v2+: one of nothing, room, music, babble, "
                                    "noise, faster, slower, compressed",
                         .source = kTdnn,
                         .choices = "none|v2+"},
    Field<SpeakerRecipe>{"sounds", &SpeakerRecipe::sounds,
                         "folder of noise, music, speech and rir for v2+; empty = generated ones"},
    Field<SpeakerRecipe>{"spec_augment", &SpeakerRecipe::spec_augment,
                         "masks over channels and frames of training pieces"},
    Field<SpeakerRecipe>{"margin", &SpeakerRecipe::margin, "angular margin of the loss", "rad", 0,
                         1.5, kTdnn},
    Field<SpeakerRecipe>{"scale", &SpeakerRecipe::scale, "of the cosines in the loss", "", 0.1,
                         1000, kTdnn},
    Field<SpeakerRecipe>{.name = "held_out",
                         .member = &SpeakerRecipe::held_out,
                         .meaning = "what validation_fraction holds out: whole speakers, whom "
                                    "training then does not hear, or recordings of each",
                         .choices = "speakers|recordings"},
    Field<SpeakerRecipe>{
        "cohort", &SpeakerRecipe::cohort,
        "training recordings that scores are normalised by (AS-norm), beside plain "
        "scores; 0 = none",
        "recordings", 0, 1e6, kTdnn},
    Field<SpeakerRecipe>{"cohort_top", &SpeakerRecipe::cohort_top,
                         "of the cohort, those that are nearest to a recording", "recordings", 1,
                         1e6, kTdnn},
};

SpeakerRecipe speaker_recipe(const OptionMap& own) {
  return parse_own<SpeakerRecipe, kFields>(own);
}

class SpeakerProblem final : public Problem {
 public:
  SpeakerProblem(std::shared_ptr<const RecordingDataset> dataset,
                 std::vector<VerificationTrial> trials)
      : dataset_(std::move(dataset)), trials_(std::move(trials)) {
    check_trials();
    number_classes();
    data_.id = dataset_->id;
    if (!trials_.empty()) data_.id += "+trials#" + trials_digest();
    data_.source = dataset_->source;
    if (!dataset_->note.empty()) data_.source += " (" + dataset_->note + ")";
    add_facts();
  }

  const ProblemRecord& record() const override { return speaker_problem; }
  const ProblemData& data() const override { return data_; }

  /// The embedding's length is the network's own business.
  Task poses(const Recipe& recipe) const override {
    Task task;
    task.input = SpeechFrontEnd(rate(), speaker_recipe(recipe.problem)).shape();
    task.classes = 0;
    return task;
  }

  TrainSplit split(const Recipe& recipe) const override {
    const auto seed = static_cast<std::uint64_t>(recipe.seed);
    const std::vector<std::uint16_t>& labels = data_.labels_of(Part::kTraining);
    const bool by_speaker = speaker_recipe(recipe.problem).held_out == "speakers";
    if (!by_speaker || recipe.validation_fraction <= 0) {
      return split_training_set(labels, recipe.validation_fraction, recipe.train_samples,
                                recipe.validation_samples, seed);
    }
    const std::vector<std::uint32_t> held = held_out_speakers(recipe);
    TrainSplit split;
    for (std::uint32_t sample = 0; sample < labels.size(); ++sample) {
      const bool out = std::binary_search(held.begin(), held.end(), labels[sample]);
      (out ? split.validation : split.train).push_back(sample);
    }
    return {shortened(split.train, recipe.train_samples, seed),
            shortened(split.validation, recipe.validation_samples, seed)};
  }

  std::unique_ptr<BatchSource> batches(Part part, std::vector<std::uint32_t> samples,
                                       const Recipe& recipe,
                                       const BatchOptions& options) const override {
    const SpeakerRecipe own = speaker_recipe(recipe.problem);
    auto reader = std::make_unique<RecordingReader>(
        RecordingReader::Setup{.recordings = dataset_->recordings,
                               .chosen = recordings_of(part),
                               .labels = data_.labels_of(part),
                               .recipe = own,
                               .sounds = options.augment ? sounds_for(own) : nullptr,
                               .training = options.augment});
    return std::make_unique<BatchLoader>(std::move(reader), std::move(samples), options);
  }

  std::unique_ptr<Judge> judge(Part part, const Recipe& recipe) const override {
    const SpeakerRecipe own = speaker_recipe(recipe.problem);
    const bool test = part == Part::kTest;
    return judge_verification(
        {.store = dataset_->recordings,
         .recordings = recordings_of(part),
         .trials = test ? trials_ : std::vector<VerificationTrial>{},
         .cohort = test ? spread_indices(data_.samples(Part::kTraining), own.cohort)
                        : std::vector<std::uint32_t>{},
         .cohort_top = static_cast<std::size_t>(own.cohort_top),
         .interval = test,
         .seed = static_cast<std::uint64_t>(recipe.seed)});
  }

  std::unique_ptr<Judge> training_judge(const Recipe&) const override {
    return judge_classes(data_.labels_of(Part::kTraining));
  }

 private:
  int rate() const { return dataset_->recordings.sample_rate; }

  const std::vector<std::uint32_t>& recordings_of(Part part) const {
    return part == Part::kTraining ? dataset_->split.train : dataset_->split.test;
  }

  void check_trials() const {
    const std::vector<std::uint32_t>& test = dataset_->split.test;
    for (const VerificationTrial& trial : trials_) {
      for (const std::uint32_t recording : {trial.enrol, trial.test}) {
        if (std::binary_search(test.begin(), test.end(), recording)) continue;
        throw Error(ErrorKind::kData, "the trial list compares '" +
                                          printable(dataset_->recordings.names[recording]) +
                                          "', which is a training recording");
      }
    }
  }

  /// Speakers that are trained come first, so that a loss numbers them from 0.
  void number_classes() {
    const RecordingStore& store = dataset_->recordings;
    std::map<std::uint32_t, std::uint16_t> numbers;
    for (const Part part : {Part::kTraining, Part::kTest}) {
      for (const std::uint32_t label : classes_of(store, recordings_of(part))) {
        if (numbers.emplace(label, static_cast<std::uint16_t>(numbers.size())).second) {
          data_.classes.push_back(dataset_->classes[label]);
        }
      }
      if (part == Part::kTraining) trained_ = static_cast<std::uint32_t>(numbers.size());
    }
    if (numbers.size() > std::numeric_limits<std::uint16_t>::max()) {
      throw Error(ErrorKind::kUnsupported, dataset_->source + ": more than 65,535 speakers");
    }
    for (const Part part : {Part::kTraining, Part::kTest}) {
      for (const std::uint32_t recording : recordings_of(part)) {
        data_.labels[static_cast<std::size_t>(part)].push_back(numbers.at(store.labels[recording]));
      }
    }
  }

  std::string trials_digest() const {
    std::string text;
    for (const VerificationTrial& trial : trials_) {
      text += std::to_string(trial.enrol) + " " + std::to_string(trial.test) + "\n";
    }
    constexpr std::size_t kDigits = 8;
    return sha256_hex(text).substr(0, kDigits);
  }

  void add_facts() {
    const double seconds = static_cast<double>(dataset_->recordings.samples.size()) / rate();
    data_.facts = {{"sample_rate", static_cast<std::int64_t>(rate()), "sample rate (Hz)"},
                   {"seconds", seconds, "seconds of sound"},
                   {"trained_speakers", static_cast<std::int64_t>(trained_), "trained speakers"}};
    if (!trials_.empty()) {
      data_.facts.push_back({"trials", static_cast<std::int64_t>(trials_.size())});
    }
  }

  std::vector<std::uint32_t> held_out_speakers(const Recipe& recipe) const {
    constexpr std::uint32_t kFewest = 2;  // of each side: one alone cannot be told from others
    if (trained_ < 2 * kFewest) {
      throw Error(ErrorKind::kUsage, "held_out = speakers needs " + std::to_string(2 * kFewest) +
                                         " training speakers, data set '" + data_.id + "' has " +
                                         std::to_string(trained_) + "; use held_out = recordings");
    }
    const auto wanted =
        static_cast<std::uint32_t>(std::lround(recipe.validation_fraction * trained_));
    return draw_held_out(trained_, std::clamp(wanted, kFewest, trained_ - kFewest),
                         static_cast<std::uint64_t>(recipe.seed));
  }

  /// At most `limit` (0: all) of these training samples, in proportion to the speakers.
  std::vector<std::uint32_t> shortened(const std::vector<std::uint32_t>& samples,
                                       std::int64_t limit, std::uint64_t seed) const {
    if (limit == 0) return samples;
    std::vector<std::uint16_t> labels;
    for (const std::uint32_t sample : samples) {
      labels.push_back(data_.labels_of(Part::kTraining)[sample]);
    }
    std::vector<std::uint32_t> kept;
    for (const std::uint32_t i : split_training_set(labels, 0, limit, 0, seed).train) {
      kept.push_back(samples[i]);
    }
    return kept;
  }

  /// Null where nothing is augmented; read once for each folder.
  std::shared_ptr<const SoundBank> sounds_for(const SpeakerRecipe& own) const {
    if (own.augmentation == "none") return nullptr;
    const std::lock_guard lock(mutex_);
    std::shared_ptr<const SoundBank>& bank = sounds_[own.sounds];
    if (bank == nullptr) {
      bank =
          own.sounds.empty() ? generated_sound_bank(rate()) : read_sound_bank(own.sounds, rate());
    }
    return bank;
  }

  std::shared_ptr<const RecordingDataset> dataset_;
  std::vector<VerificationTrial> trials_;
  ProblemData data_;
  std::uint32_t trained_ = 0;                                               ///< speakers
  mutable std::mutex mutex_;                                                ///< guards sounds_
  mutable std::map<std::string, std::shared_ptr<const SoundBank>> sounds_;  ///< by folder
};

DataKind speakers_kind();

/// "fsdd:DIR" or "fsdd:DIR@NAME+NAME", with the speakers that training does not hear.
struct SpeakerSpec {
  std::filesystem::path directory;
  std::vector<std::string> unseen;
};

/// An '@' may as well be a part of the directory's name.
SpeakerSpec read_spec(const DataKind& kind, std::string_view spec) {
  const std::string_view directory = directory_of(kind.info, spec);
  const std::size_t at = directory.rfind('@');
  std::error_code ignored;
  if (at == std::string_view::npos || std::filesystem::exists(directory, ignored)) {
    return {directory, {}};
  }
  return {directory.substr(0, at), split(directory.substr(at + 1), '+')};
}

std::shared_ptr<const RecordingDataset> with_split_of(
    const SpeakerSpec& spec, std::shared_ptr<const RecordingDataset> dataset) {
  if (spec.unseen.empty()) return dataset;
  return std::make_shared<const RecordingDataset>(with_unseen(*dataset, spec.unseen));
}

std::shared_ptr<const Problem> open_speakers(std::string_view text) {
  const SpeakerSpec spec = read_spec(speakers_kind(), text);
  auto dataset = with_split_of(spec, load_speaker_folder(spec.directory));
  std::vector<VerificationTrial> trials;
  const std::filesystem::path list = spec.directory / "trials.txt";
  if (std::filesystem::exists(list)) trials = read_trial_list(list, *dataset);
  return pose_speakers(std::move(dataset), std::move(trials));
}

std::shared_ptr<const Problem> open_digits(const DataKind& kind, std::string_view text,
                                           SpokenDigitClass what) {
  const SpeakerSpec spec = read_spec(kind, text);
  return pose_speakers(with_split_of(spec, load_spoken_digits(spec.directory, what)));
}

/// As EfficientTDNN trains its largest network, but in one cycle.
OptionMap training_recipe() {
  return {{"optimizer", "adam"},
          {"learning_rate", "0.001"},
          {"final_learning_rate", "1e-08"},
          {"weight_decay", "2e-05"},
          {"schedule", "triangular2"}};
}

/// Words of half a second from six speakers: too few to hold speakers out.
OptionMap digits_recipe() {
  OptionMap recipe{{"crop_seconds", "0.5"}, {"test_crops", "1"}, {"held_out", "recordings"}};
  recipe.merge(training_recipe());
  return recipe;
}

constexpr const char* kDigitsLayout =
    "fsdd_8k_int16le.pcm (or .gz), all samples at 8 kHz one after the other, and index.csv with "
    "the columns file, digit, speaker, take, offset_samples, n_samples. DIR@NAME+NAME tests these "
    "speakers (or digits) and trains the others";

DataKind speakers_kind() {
  return {
      {"speakers",
       "SPEAKER/*.wav|flac at any depth, or train/SPEAKER/... and test/SPEAKER/...; and, if you "
       "like, trials.txt with lines such as '1 SPEAKER/a.wav SPEAKER/b.wav'. DIR@NAME+NAME tests "
       "these speakers and trains the others",
       "recordings in a folder for each speaker", true, training_recipe()},
      &speaker_problem,
      open_speakers};
}

DataKind fsdd_kind() {
  return {
      {"fsdd", kDigitsLayout, "Free Spoken Digit Dataset: six speakers; takes 0 to 4 are the test",
       true, digits_recipe()},
      &speaker_problem,
      [](std::string_view spec) {
        return open_digits(fsdd_kind(), spec, SpokenDigitClass::kSpeaker);
      }};
}

DataKind fsdd_digits_kind() {
  return {{"fsdd_digits", kDigitsLayout,
           "Free Spoken Digit Dataset: the ten digits take the place of speakers", true,
           digits_recipe()},
          &speaker_problem,
          [](std::string_view spec) {
            return open_digits(fsdd_digits_kind(), spec, SpokenDigitClass::kDigit);
          }};
}

}  // namespace

constinit const ProblemRecord speaker_problem{
    .name = "speaker",
    .summary = "tell whether two recordings are of one speaker",
    .samples = "recordings",
    .loss = "aam_softmax",
    .metrics = kVerificationMetrics,
    .fields = own_fields<SpeakerRecipe, kFields>(),
};

SpeechRecipe speech_recipe(const Recipe& recipe) {
  return speaker_recipe(recipe.problem);
}

std::shared_ptr<const Problem> pose_speakers(std::shared_ptr<const RecordingDataset> dataset,
                                             std::vector<VerificationTrial> trials) {
  NAS_CHECK(dataset != nullptr, "a problem needs data");
  return std::make_shared<SpeakerProblem>(std::move(dataset), std::move(trials));
}

extern constinit const DataKinds speaker_kinds{[] {
  return std::vector<DataKind>{speakers_kind(), fsdd_kind(), fsdd_digits_kind()};
}};

}  // namespace nas
