#include "core/runtime/supernet/stages.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "core/runtime/curve_text.h"
#include "core/runtime/supernet/path_draw.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/text.h"

namespace nas {
namespace {

constexpr std::array kNames{"single", "once_for_all", "efficient_tdnn"};

using ChoiceLists = std::vector<std::vector<std::uint16_t>>;

std::vector<std::uint16_t> last_choices(const Decision& decision, std::size_t count) {
  std::vector<std::uint16_t> choices;
  const std::size_t size = decision.choices.size();
  for (std::size_t i = size - std::min(count, size); i < size; ++i) {
    choices.push_back(static_cast<std::uint16_t>(i));
  }
  return choices;
}

bool is_width(DecisionKind kind) {
  return kind == DecisionKind::kExpansion || kind == DecisionKind::kChannels;
}
bool is_elastic(DecisionKind kind) {
  return is_width(kind) || kind == DecisionKind::kKernel || kind == DecisionKind::kDepth;
}

/// How a stage differs from the first one.
struct Pace {
  double epochs = 1;  ///< times the first stage's
  double rate = 1;
  std::int64_t paths = 1;
  double warmup = 0;  ///< share of the epochs
  double teacher = 0;
  bool sorts = false;
};

/// Builds stages whose elastic decisions open one after the other, from the largest choice down.
class StageBuilder {
 public:
  StageBuilder(const PathTraining& training, const Recipe& recipe)
      : space_(training.space), training_(training), recipe_(recipe) {
    choices_ = training.choices;
    choices_.resize(space_.decisions().size());
    given_ = choices_;
    bool elastic = false;
    for_each([](DecisionKind kind) { return is_elastic(kind); },
             [&](std::size_t i) {
               elastic = true;
               choices_[i] = {available(i).back()};
             });
    if (!elastic) {
      throw Error(ErrorKind::kUsage, "space '" + space_.info().name +
                                         "' has no elastic kernel, depth or width to open in "
                                         "stages; use the schedule 'single'");
    }
    add("largest");
  }

  /// Opens decisions of a kind to their `count` largest choices; false where that changes nothing.
  template <class Predicate>
  bool open(const Predicate& kind, std::size_t count) {
    bool changed = false;
    for_each(kind, [&](std::size_t i) {
      const std::vector<std::uint16_t> all = available(i);
      const std::size_t kept = std::min(count, all.size());
      std::vector<std::uint16_t> opened(all.end() - static_cast<std::ptrdiff_t>(kept), all.end());
      changed = changed || opened.size() > choices_[i].size();
      choices_[i] = std::move(opened);
    });
    return changed;
  }

  /// The width choices from `share` of the largest number on.
  bool open_widths_from(double share) {
    bool changed = false;
    for_each(is_width, [&](std::size_t i) {
      const std::vector<std::string>& names = space_.decisions()[i].choices;
      const auto number = [&](std::uint16_t c) { return parse_double(names[c]).value_or(0); };
      std::vector<std::uint16_t> opened;
      for (const std::uint16_t choice : available(i)) {
        if (number(choice) >= share * number(available(i).back())) opened.push_back(choice);
      }
      changed = changed || opened.size() > choices_[i].size();
      choices_[i] = std::move(opened);
    });
    return changed;
  }

  std::size_t most_choices(DecisionKind kind) const {
    std::size_t most = 0;
    for (std::size_t i = 0; i < space_.decisions().size(); ++i) {
      if (space_.decisions()[i].kind == kind) most = std::max(most, available(i).size());
    }
    return most;
  }

  void add(std::string name, const Pace& pace = Pace()) {
    SupernetStage stage{std::move(name), training_, recipe_, pace.sorts, pace.teacher > 0};
    stage.training.choices = choices_;
    if (stages_.empty()) {  // one network: nothing to draw
      stage.training.sampling = PathSampling::kUniform;
      stage.training.paths = 1;
      stage.training.probes = 1;
    } else {
      stage.training.paths = std::max(pace.paths, training_.paths);
    }
    stage.training.teacher_weight = pace.teacher;
    stage.recipe.epochs =
        std::max<std::int64_t>(1, std::llround(static_cast<double>(recipe_.epochs) * pace.epochs));
    stage.recipe.learning_rate *= pace.rate;
    if (!stages_.empty()) {
      stage.recipe.warmup_epochs = pace.warmup * static_cast<double>(stage.recipe.epochs);
    }
    stages_.push_back(std::move(stage));
  }

  std::vector<SupernetStage> take() { return std::move(stages_); }

 private:
  template <class Predicate, class Body>
  void for_each(const Predicate& kind, const Body& body) const {
    for (std::size_t i = 0; i < space_.decisions().size(); ++i) {
      if (kind(space_.decisions()[i].kind)) body(i);
    }
  }

  /// What the user left of a decision, ascending.
  std::vector<std::uint16_t> available(std::size_t decision) const {
    if (!given_[decision].empty()) return given_[decision];
    const Decision& all = space_.decisions()[decision];
    return last_choices(all, all.choices.size());
  }

  const SearchSpace& space_;
  const PathTraining& training_;
  const Recipe& recipe_;
  ChoiceLists given_, choices_;
  std::vector<SupernetStage> stages_;
};

/// The published table: epochs 180 | 125 | 25, 125 | 25, 125; learning rates 2.6 | 0.96 | 0.08,
/// 0.24 | 0.08, 0.24; 1 | 1 | 2, 2 | 4, 4 paths a step.
std::vector<SupernetStage> once_for_all(const PathTraining& training, const Recipe& recipe) {
  StageBuilder stages(training, recipe);
  const auto is = [](DecisionKind kind) { return [kind](DecisionKind k) { return k == kind; }; };
  const auto pace = [](bool last, double rate, std::int64_t paths, bool sorts) {
    return Pace{.epochs = (last ? 125.0 : 25.0) / 180,
                .rate = rate / 2.6,
                .paths = paths,
                .warmup = last ? 5.0 / 125 : 0,
                .teacher = 1,
                .sorts = sorts};
  };
  if (stages.open(is(DecisionKind::kKernel), stages.most_choices(DecisionKind::kKernel))) {
    stages.add("kernel", pace(true, 0.96, 1, false));
  }
  const std::size_t depths = stages.most_choices(DecisionKind::kDepth);
  for (std::size_t count = 2; count <= depths; ++count) {
    if (!stages.open(is(DecisionKind::kDepth), count)) continue;
    const bool last = count == depths;
    stages.add("depth " + std::to_string(count - 1), pace(last, last ? 0.24 : 0.08, 2, false));
  }
  const std::size_t widths = std::max(stages.most_choices(DecisionKind::kExpansion),
                                      stages.most_choices(DecisionKind::kChannels));
  for (std::size_t count = 2; count <= widths; ++count) {
    if (!stages.open(is_width, count)) continue;
    const bool last = count == widths;
    stages.add("width " + std::to_string(count - 1), pace(last, last ? 0.24 : 0.08, 4, true));
  }
  return stages.take();
}

std::vector<SupernetStage> efficient_tdnn(const PathTraining& training, const Recipe& recipe) {
  StageBuilder stages(training, recipe);
  const auto is = [](DecisionKind kind) { return [kind](DecisionKind k) { return k == kind; }; };
  if (stages.open(is(DecisionKind::kKernel), stages.most_choices(DecisionKind::kKernel))) {
    stages.add("kernel");
  }
  if (stages.open(is(DecisionKind::kDepth), stages.most_choices(DecisionKind::kDepth))) {
    stages.add("depth");
  }
  if (stages.open_widths_from(0.5)) stages.add("width 1");
  if (stages.open_widths_from(0)) stages.add("width 2");
  return stages.take();
}

/// What stands between two stages: weights, how far it got, the curve, the teacher's weights.
class StageFile {
 public:
  StageFile(const TrainSetup& setup, std::string text)
      : folder_(setup.checkpoint), text_(std::move(text)) {}

  bool exists() const { return !folder_.empty() && std::filesystem::exists(path("stages")); }
  std::filesystem::path path(const std::string& name) const {
    return folder_.empty() ? std::filesystem::path() : folder_ / (name + ".safetensors");
  }

  void save(const WeightBank& bank, const SupernetReport& report) const {
    if (folder_.empty()) return;
    TensorFile file = bank.weights();
    file.metadata["searchlight.supernet"] = text_;
    file.metadata["searchlight.stages_done"] = std::to_string(report.stages_done);
    file.metadata["searchlight.curve"] = curve_text(report.curve);
    const std::string bytes = format_tensor_file(file);
    if (report.stages_done == 1) write_file_atomically(path("largest"), bytes);
    write_file_atomically(path("stages"), bytes);
  }

  void load(WeightBank& bank, SupernetReport& report) const {
    const TensorFile file = read(path("stages"));
    bank.restore(file, path("stages").string());
    const auto stages = parse_int(metadata(file, "searchlight.stages_done"));
    if (!stages || *stages < 1) damaged("the number of stages");
    report.stages_done = *stages;
    report.curve = parse_curve(metadata(file, "searchlight.curve"), path("stages").string());
  }

  /// The weights that the first stage left.
  TensorFile largest() const { return read(path("largest")); }

 private:
  TensorFile read(const std::filesystem::path& file) const {
    TensorFile content = parse_tensor_file(read_file(file), file.string());
    if (metadata(content, "searchlight.supernet") != text_) {
      throw Error(ErrorKind::kData, file.string() +
                                        ": the checkpoint belongs to another training; use another "
                                        "folder or remove this one");
    }
    return content;
  }
  std::string metadata(const TensorFile& file, const std::string& key) const {
    const auto found = file.metadata.find(key);
    if (found == file.metadata.end()) damaged("'" + key + "'");
    return found->second;
  }
  [[noreturn]] void damaged(const std::string& what) const {
    throw Error(ErrorKind::kData, folder_.string() + ": the checkpoint of a supernet is damaged: " +
                                      what + " is missing or malformed");
  }

  std::filesystem::path folder_;
  std::string text_;
};

std::int64_t epochs_before(const std::vector<SupernetStage>& stages, std::int64_t stage) {
  std::int64_t epochs = 0;
  for (std::int64_t i = 0; i < stage; ++i) {
    epochs += stages[static_cast<std::size_t>(i)].recipe.epochs;
  }
  return epochs;
}

/// The largest subnet as the first stage left it.
Model teacher_of(const WeightBank& bank, const SupernetStage& first, const TensorFile& weights,
                 const std::string& name) {
  WeightBank before(bank.blueprint(), RngKey{});
  before.restore(weights, name);
  return before.extract(largest_subnet(first.training).choices);
}

}  // namespace

std::string to_string(StageSchedule schedule) {
  return kNames[static_cast<std::size_t>(schedule)];
}

StageSchedule parse_stage_schedule(std::string_view text) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == text) return static_cast<StageSchedule>(i);
  }
  const std::vector<std::string> known(kNames.begin(), kNames.end());
  throw Error(ErrorKind::kUsage, unknown_name("schedule of stages", text, known));
}

std::vector<SupernetStage> supernet_stages(StageSchedule schedule, const PathTraining& training,
                                           const Recipe& recipe) {
  switch (schedule) {
    case StageSchedule::kSingle:
      break;
    case StageSchedule::kOnceForAll:
      return once_for_all(training, recipe);
    case StageSchedule::kEfficientTdnn:
      return efficient_tdnn(training, recipe);
  }
  return {{"all", training, recipe}};
}

std::string supernet_text(const Problem& problem, const std::vector<SupernetStage>& stages) {
  std::string text;
  for (const SupernetStage& stage : stages) {
    if (!text.empty()) text += "\n";
    text += stage.name + ": " + training_text(problem, stage.recipe, nullptr) + "; " +
            path_training_text(stage.training);
    if (stage.sorts_channels) text += "; sorted";
  }
  return text;
}

SupernetReport train_supernet(WeightBank& bank, const std::vector<SupernetStage>& stages,
                              const TrainSetup& setup) {
  SupernetReport report;
  const StageFile file(setup, supernet_text(*setup.problem, stages));
  if (!setup.checkpoint.empty()) std::filesystem::create_directories(setup.checkpoint);
  if (file.exists()) file.load(bank, report);
  std::optional<Model> teacher;
  const auto count = static_cast<std::int64_t>(stages.size());
  for (; report.stages_done < count; ++report.stages_done) {
    const SupernetStage& stage = stages[static_cast<std::size_t>(report.stages_done)];
    if (setup.progress != nullptr && count > 1) {
      setup.progress->message("stage " + std::to_string(report.stages_done + 1) + " of " +
                              std::to_string(count) + ": " + stage.name + ", " +
                              std::to_string(stage.recipe.epochs) + " epochs");
    }
    PathTraining training = stage.training;
    if (stage.is_taught && !teacher && !setup.checkpoint.empty()) {
      teacher = teacher_of(bank, stages.front(), file.largest(), file.path("largest").string());
    }
    if (stage.is_taught && teacher) training.teacher = &*teacher;
    TrainSetup own = setup;
    own.recipe = stage.recipe;
    own.checkpoint = file.path("stage_" + std::to_string(report.stages_done + 1));
    // A stage that was interrupted resumes from its checkpoint, whose weights are sorted already.
    if (stage.sorts_channels &&
        (own.checkpoint.empty() || !std::filesystem::exists(own.checkpoint))) {
      bank.sort_channels(stages[static_cast<std::size_t>(report.stages_done - 1)].training.choices);
    }
    const TrainReport trained = train_paths(bank, training, own);
    const std::int64_t before = epochs_before(stages, report.stages_done);
    report.samples_per_second = trained.samples_per_second;
    if (trained.stopped) {
      report.stopped = true;
      return report;
    }
    for (const CurvePoint& point : trained.curve) {
      report.curve.push_back({before + point.epoch, point.name, point.value});
    }
    if (report.stages_done == 0 && count > 1 && stages[1].is_taught) {
      teacher = bank.extract(largest_subnet(stage.training).choices);
    }
    SupernetReport done = report;
    ++done.stages_done;
    file.save(bank, done);
    std::error_code ignored;
    if (!own.checkpoint.empty()) std::filesystem::remove(own.checkpoint, ignored);
  }
  return report;
}

}  // namespace nas
