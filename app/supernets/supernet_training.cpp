#include "app/supernets/supernet_training.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "app/session/space_text.h"
#include "app/supernets/circuit_supernet.h"
#include "app/supernets/unfinished_supernet.h"
#include "core/runtime/supernet/low_rank_start.h"
#include "core/util/error.h"
#include "core/util/file_name.h"
#include "core/util/hash.h"
#include "core/util/pattern.h"
#include "core/util/text.h"
#include "searchspaces/registry.h"

namespace nas {
namespace {

constexpr std::size_t kHashDigits = 8;

/// Everything that can be refused is refused before the first step.
struct Prepared {
  const SearchSpace& space;
  Task task;
  TrainSetup setup;
  PathTraining paths;
  std::vector<SupernetStage> stages;
  SupernetInfo info;
  std::optional<OpenSupernet> from;
};

std::vector<std::uint16_t> numbers_of(const Decision& decision, std::string_view names) {
  std::vector<std::uint16_t> numbers;
  for (const std::string& name : split(names, ',')) {
    const auto found = std::ranges::find(decision.choices, name);
    if (found == decision.choices.end()) {
      throw Error(
          ErrorKind::kUsage,
          unknown_name("choice of decision '" + decision.name + "':", name, decision.choices));
    }
    numbers.push_back(static_cast<std::uint16_t>(found - decision.choices.begin()));
  }
  std::ranges::sort(numbers);
  numbers.erase(std::ranges::unique(numbers).begin(), numbers.end());
  return numbers;
}

std::optional<OpenSupernet> open_start(Session& session, const SupernetRequest& request,
                                       const std::string& network) {
  if (request.from.empty()) return std::nullopt;
  OpenSupernet from = open_supernet(session, request.from);
  if (from.info().space.name != request.space.name || from.info().network != network) {
    throw Error(ErrorKind::kUsage, "supernet '" + request.from + "' is of space '" +
                                       from.info().space.name + "', network " +
                                       from.info().network + "; this training is of space '" +
                                       request.space.name + "', network " + network);
  }
  return from;
}

/// What the stages of a schedule change, stage by stage; their choices, which can be a hundred
/// decisions, by a hash.
std::string stages_text(StageSchedule schedule, const std::vector<SupernetStage>& stages) {
  std::string text = "; schedule=" + to_string(schedule);
  for (const SupernetStage& stage : stages) {
    text += "; " + stage.name + ": epochs=" + std::to_string(stage.recipe.epochs) +
            ", learning_rate=" + format_double(stage.recipe.learning_rate) +
            ", paths=" + std::to_string(stage.training.paths) +
            ", choices=" + sha256_hex(path_training_text(stage.training)).substr(0, kHashDigits);
  }
  return text;
}

/// What some stage draws, and what the start was trained on; empty where that is not known.
std::vector<std::vector<std::uint16_t>> trained_choices(const std::vector<SupernetStage>& stages,
                                                        const std::optional<OpenSupernet>& from,
                                                        const PluginChoice& space) {
  std::vector<std::vector<std::uint16_t>> trained;
  if (from) {
    trained = from->info().trained;
    // Of a space with other options decisions have other choices.
    const bool same = same_space(from->info().space, space);
    if (trained.empty() || !same) return {};
  }
  for (const SupernetStage& stage : stages) {
    trained.resize(stage.training.choices.size());
    for (std::size_t i = 0; i < trained.size(); ++i) {
      std::vector<std::uint16_t>& all = trained[i];
      all.insert(all.end(), stage.training.choices[i].begin(), stage.training.choices[i].end());
      std::ranges::sort(all);
      all.erase(std::ranges::unique(all).begin(), all.end());
    }
  }
  return trained;
}

void check_recipe(const SupernetRequest& request) {
  if (request.recipe.auxiliary_weight > 0) {
    throw Error(ErrorKind::kUsage, "auxiliary_weight has no effect on a supernet; leave it out");
  }
  if (request.schedule == StageSchedule::kOnceForAll && request.teacher_weight > 0) {
    throw Error(ErrorKind::kUsage,
                "a teacher weight has no effect with schedule once_for_all, whose largest network "
                "teaches with weight 1; leave it out");
  }
  if (request.teacher_weight > 0 && request.from.empty()) {
    throw Error(ErrorKind::kUsage,
                "a teacher weight needs a supernet to start from: nothing can be learned from "
                "weights that nothing has trained");
  }
}

Prepared prepare(Session& session, const SupernetRequest& request) {
  check_supernet_name(request.name);
  check_recipe(request);
  const SearchSpace& space = session.space(request.space);
  check_has_supernet(space);
  TrainSetup setup;
  setup.problem = session.problem(request.data);
  setup.recipe = request.recipe;
  setup.progress = &session.progress();
  setup.stop = session.stop();
  const Task task = space.settle(task_for(space, *setup.problem, request.recipe));
  PathTraining paths{space};
  paths.sampling = request.sampling;
  paths.paths = request.paths;
  paths.teacher_weight = request.teacher_weight;
  paths.probes = request.probes;
  paths.choices = parse_choices(space, request.choices);
  if (dynamic_cast<const AngleSharing*>(&space) != nullptr) check_circuit_training(paths, setup);
  SupernetInfo info;
  info.name = request.name;
  info.space = {
      request.space.name,
      find_plugin(space_plugins(), "space", request.space.name).resolve(request.space.options)};
  info.space_version = space.info().version;
  info.network = network_text(space, task);
  info.problem = setup.problem->record().name;
  info.data = request.data;
  info.data_id = setup.problem->data().id;
  info.recipe = recipe_options(request.recipe);
  info.paths = path_training_text(paths) + "; probes=" + std::to_string(request.probes);
  std::vector<SupernetStage> stages = supernet_stages(request.schedule, paths, request.recipe);
  if (request.schedule != StageSchedule::kSingle) {
    info.paths += stages_text(request.schedule, stages);
  }
  auto from = open_start(session, request, info.network);
  if (from) info.parent = from->identity();
  info.trained = trained_choices(stages, from, request.space);
  return {space,           task,           std::move(setup), std::move(paths), std::move(stages),
          std::move(info), std::move(from)};
}

/// Whether the file is there as it was stored; else says what is wrong with it.
bool is_intact(Session& session, const StoredSupernet& known) {
  std::error_code error;
  const bool there = std::filesystem::exists(known.path, error);
  if (there && sha256_file(known.path) == known.row.sha256) return true;
  session.progress().message(
      "supernet '" + known.info.name + "': " + known.path.string() +
      (there ? " is not the file that the database knows (other SHA-256)" : " is missing") +
      "; it is trained again");
  return false;
}

/// The supernet of this name if it has the same settings. Throws if its settings differ.
std::optional<StoredSupernet> known_of(Session& session, const SupernetRequest& request,
                                       const SupernetInfo& info) {
  auto known = find_supernet(session, request.name);
  if (!known) return std::nullopt;
  if (same_settings(known->info, info)) {
    if (!is_intact(session, *known)) return std::nullopt;
    return known;
  }
  if (request.replace) return std::nullopt;
  throw Error(ErrorKind::kUsage,
              "supernet '" + request.name + "' exists with other settings (nasctl supernet show " +
                  request.name + "); choose another name, or replace it with --replace");
}

/// One stage reports itself; of several the end counts.
TrainReport train_stages(SupernetBank& shared, const Prepared& prepared) {
  if (auto* angles = std::get_if<AngleBank>(&shared)) {
    return train_circuits(*angles, prepared.paths, prepared.setup);
  }
  auto& bank = std::get<WeightBank>(shared);
  if (prepared.stages.size() == 1) return train_paths(bank, prepared.paths, prepared.setup);
  const SupernetReport staged = train_supernet(bank, prepared.stages, prepared.setup);
  TrainReport report;
  report.stopped = staged.stopped;
  report.curve = staged.curve;
  report.samples_per_second = staged.samples_per_second;
  std::map<std::string, double> last;
  for (const CurvePoint& point : staged.curve) {
    report.epochs_done = point.epoch;
    last[point.name] = point.value;
  }
  report.train_loss = last["train_loss"];
  for (const MetricInfo& metric : prepared.setup.problem->record().metrics) {
    const auto found = last.find(std::string(metric.name));
    if (found != last.end()) report.validation.push_back({found->first, found->second});
  }
  return report;
}

TrainReport train_bank(SupernetBank& bank, const Prepared& prepared, TrainingMark& mark) {
  try {
    return train_stages(bank, prepared);
  } catch (const Error& error) {
    std::error_code ignored;
    // It would end the same way from any epoch.
    if (error.kind() == ErrorKind::kNumeric) {
      std::filesystem::remove_all(prepared.setup.checkpoint, ignored);
    }
    if (!std::filesystem::exists(prepared.setup.checkpoint, ignored)) mark.remove();
    throw error.with_context("supernet '" + prepared.info.name + "'");
  }
}

}  // namespace

std::vector<std::vector<std::uint16_t>> parse_choices(const SearchSpace& space,
                                                      const std::vector<std::string>& texts) {
  const std::span<const Decision> decisions = space.decisions();
  std::vector<std::vector<std::uint16_t>> choices;
  for (const Decision& decision : decisions) {
    choices.emplace_back(decision.choices.size());
    std::iota(choices.back().begin(), choices.back().end(), std::uint16_t{0});
  }
  std::set<std::string> patterns;
  for (const std::string& text : texts) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == text.size()) {
      throw Error(ErrorKind::kUsage, "choices '" + printable(text) +
                                         "': write DECISION=CHOICE,CHOICE, such as '*kernel=3,5'");
    }
    const std::string pattern = text.substr(0, equals);
    if (!patterns.insert(pattern).second) {
      throw Error(ErrorKind::kUsage, "choices of '" + printable(pattern) +
                                         "' are given twice; list them in one: '" +
                                         printable(pattern) + "=A,B'");
    }
    bool any = false;
    std::vector<std::string> names;
    for (std::size_t i = 0; i < decisions.size(); ++i) {
      names.push_back(decisions[i].name);
      if (!matches_pattern(pattern, decisions[i].name)) continue;
      any = true;
      choices[i] = numbers_of(decisions[i], std::string_view(text).substr(equals + 1));
    }
    if (!any) throw Error(ErrorKind::kUsage, unknown_name("decision", pattern, names));
  }
  return choices;
}

namespace {

/// Drawn weights, or those of the supernet that this one starts from: as they are, or factors of
/// its whole layers where this one's space has ranks.
SupernetBank first_bank(Prepared& prepared, std::uint64_t seed) {
  if (!prepared.from) return new_bank(prepared.space, prepared.task, seed);
  const SupernetInfo& from = prepared.from->info();
  if (same_space(from.space, prepared.info.space)) return std::move(prepared.from->bank);
  SupernetBank fresh = new_bank(prepared.space, prepared.task, seed);
  if (std::holds_alternative<AngleBank>(fresh)) {
    throw Error(ErrorKind::kUsage, "supernet '" + from.name + "' is of space '" +
                                       to_string(from.space) +
                                       "', whose circuits have other slots");
  }
  auto& bank = std::get<WeightBank>(fresh);
  auto& start = std::get<WeightBank>(prepared.from->bank);
  const auto shape_of = [](const SharedTensor& tensor) { return tensor.spec.shape; };
  const std::vector<SharedTensor>&own = bank.tensors().list, &other = start.tensors().list;
  const bool equal = std::ranges::equal(own, other, [&](const auto& a, const auto& b) {
    return a.name == b.name && shape_of(a) == shape_of(b);
  });
  if (equal) return std::move(prepared.from->bank);
  start_from_whole_layers(bank, start.weights());
  return fresh;
}

}  // namespace

SupernetOutcome train_supernet(Session& session, const SupernetRequest& request) {
  Prepared prepared = prepare(session, request);
  if (auto known = known_of(session, request, prepared.info)) {
    return {*std::move(known), {}, true};
  }
  SupernetBank bank = first_bank(prepared, static_cast<std::uint64_t>(request.recipe.seed));
  prepared.info.parameters = parameter_count(bank);
  session.writer();  // a database that cannot be written is said before hours of work
  const std::filesystem::path path = supernet_path(session, prepared.info);
  check_can_write(path);
  prepared.setup.checkpoint =
      path.parent_path() /
      (request.name + "." + sha256_hex(prepared.info.settings()).substr(0, kHashDigits) +
       ".checkpoint");
  set_intra_op_threads(request.threads);
  make_directory(path.parent_path());
  TrainingMark mark(prepared.setup.checkpoint, prepared.info, request.command);
  SupernetOutcome outcome;
  outcome.report = train_bank(bank, prepared, mark);
  if (outcome.report.stopped) return outcome;
  prepared.info.epochs = outcome.report.epochs_done;
  prepared.info.values = {{"train_loss", outcome.report.train_loss}};
  for (const NamedValue& value : outcome.report.validation) prepared.info.values.push_back(value);
  outcome.supernet = keep_supernet(session, prepared.info, bank, outcome.report.curve);
  std::error_code ignored;
  std::filesystem::remove_all(prepared.setup.checkpoint, ignored);
  mark.remove();
  return outcome;
}

}  // namespace nas
