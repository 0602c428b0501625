// Searchers that are prepared: studies that train a supernet before their first proposal.

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <set>

#include "app/benchmarks/table_rows.h"
#include "core/api/prepared_searcher.h"
#include "core/util/text.h"
#include "searchers/registry.h"
#include "tests/app/study/study_children.h"
#include "tests/app/study/study_testing.h"

using namespace nas;
using namespace nas::test;

namespace {

std::vector<std::string> prepared_searchers() {
  std::vector<std::string> names;
  for (const Plugin<Searcher>* plugin : searcher_plugins()) {
    if (dynamic_cast<PreparedSearcher*>(plugin->make({}).get()) == nullptr) continue;
    names.emplace_back(plugin->name);
  }
  return names;
}

/// A supernet of four channels and one cell a stage on drawn letters; trials are only counted.
StudyConfig tiny_search(const std::string& searcher) {
  StudyConfig config;
  config.name = "tiny";
  config.space.name = "nasbench201";
  config.searcher = {searcher,
                     {{"channels", "4"},
                      {"cells", "1"},
                      {"epochs", "3"},
                      {"batch", "8"},
                      {"warmup_epochs", "1"},
                      {"every", "1"},
                      {"held_out", "0.5"},
                      {"architecture_rate", "0.1"},
                      {"train_samples", "32"},
                      {"held_out_samples", "16"},
                      {"watch_samples", "8"}}};
  config.data = "glyphs";
  config.objectives = {"minimize params"};
  config.train_winner = false;
  config.budget_trials = 4;
  return config;
}

/// Rows and what the search said.
std::vector<std::string> lines_of(Session& session, const StudyConfig& config) {
  std::vector<std::string> lines = study_lines(session.reader(), config.name);
  const StudyRow study = find_study_or_throw(session.reader(), config.name);
  std::multiset<std::string> events;
  for (const EventRow& event : session.reader().events(study.id, 1000)) {
    if (event.kind == "search") events.insert(event.text);
  }
  lines.insert(lines.end(), events.begin(), events.end());
  for (const CurvePoint& point : session.reader().study_curve(study.id)) {
    lines.push_back("curve " + std::to_string(point.epoch) + " " + point.name + " " +
                    format_double(point.value));
  }
  return lines;
}

/// The checkpoint in whole: weights, optimisers, architecture parameters, curve.
std::string checkpoint_of(const Session& session) {
  return read_file(session.models_directory() / "tiny.search.safetensors");
}

struct Finished {
  std::vector<std::string> lines;
  std::string checkpoint;
};

Finished fresh_run(const StudyConfig& config) {
  const TemporaryDirectory directory;
  Session session({.store = directory.path() / "store.db", .progress = nullptr, .stop = {}});
  run_study(session, config);
  return {lines_of(session, config), checkpoint_of(session)};
}

std::string lines_without(const std::vector<std::string>& lines,
                          const std::vector<std::string>& others) {
  std::string found;
  for (const std::string& line : lines) {
    if (std::ranges::count(others, line) == 0) found += line + "\n";
  }
  return found;
}

void check_same(const std::vector<std::string>& lines, const std::vector<std::string>& expected) {
  CHECK(lines_without(expected, lines) == "");
  CHECK(lines_without(lines, expected) == "");
  CHECK(lines.size() == expected.size());
}

/// Requests a stop at the given update of the given task.
class StopAt final : public ProgressSink {
 public:
  StopAt(std::string task, std::int64_t update) : task_(std::move(task)), left_(update) {}
  void begin(std::string_view task, std::int64_t) override { here_ = contains(task, task_); }
  void update(std::int64_t, std::string_view) override {
    if (here_ && left_-- == 0) source_.request_stop();
  }
  void end() override {}
  void message(std::string_view) override {}
  std::stop_token token() const { return source_.get_token(); }

 private:
  std::string task_;
  std::int64_t left_;
  bool here_ = false;
  std::stop_source source_;
};

}  // namespace

TEST_CASE("every prepared searcher finds, proposes and says why, the same in every run") {
  for (const std::string& name : prepared_searchers()) {
    CAPTURE(name);
    const Finished first = fresh_run(tiny_search(name));
    REQUIRE(first.lines.size() >= 5);
    CHECK(first.lines[0] == "state finished");
    CHECK(contains(first.lines[1], "(derived after epoch 3)"));
    const auto has_curve = [&](std::string_view what) {
      return std::ranges::any_of(first.lines, [&](const std::string& line) {
        return line.starts_with("curve 3 ") && contains(line, what);
      });
    };
    CHECK(has_curve(" entropy "));
    CHECK(has_curve(" alpha/"));
    const Finished second = fresh_run(tiny_search(name));
    CHECK(first.lines == second.lines);
    CHECK(first.checkpoint == second.checkpoint);
  }
  StudyConfig other = tiny_search("gdas");
  const std::string zero = fresh_run(other).checkpoint;
  other.seed = 1;
  CHECK(fresh_run(other).checkpoint != zero);
}

TEST_CASE("a supernet sees its images as the recipe of the study distorts them") {
  StudyConfig config = tiny_search("gdas");
  const Finished usual = fresh_run(config);  // letters: neither shifted nor mirrored
  config.recipe.options = {{"crop_padding", "0"}, {"flip", "false"}};
  CHECK(fresh_run(config).checkpoint == usual.checkpoint);
  config.recipe.options["flip"] = "true";
  CHECK(fresh_run(config).checkpoint != usual.checkpoint);
}

TEST_CASE("a preparation that is stopped at any instant resumes to what it would have been") {
  // The relaxations of the others resume in core/runtime/supernet/differentiable_test_torch.cpp.
  for (const std::string name : {"gdas", "pc_darts"}) {
    const StudyConfig config = tiny_search(name);
    const Finished whole = fresh_run(config);
    for (const std::int64_t update : {0, 5, 10}) {
      CAPTURE(name);
      CAPTURE(update);
      const TemporaryDirectory directory;
      const auto store = directory.path() / "store.db";
      {
        StopAt stop("training", update);
        Session session({.store = store, .progress = &stop, .stop = stop.token()});
        const StudyReport report = run_study(session, config);
        CHECK(report.state == StudyState::kPaused);
        CHECK(report.stop_reason == StopReason::kRequested);
        CHECK(report.complete == 0);
      }
      Session session({.store = store, .progress = nullptr, .stop = {}});
      resume_study(session, config.name);
      check_same(lines_of(session, config), whole.lines);
      CHECK(checkpoint_of(session) == whole.checkpoint);
    }
  }
}

TEST_CASE(
    "a study killed while it prepares or searches resumes to the rows of an undisturbed one") {
  const StudyConfig config = tiny_search("darts");
  const TemporaryDirectory directory, undisturbed;
  const auto toml = directory.path() / "study.toml";
  write_file_atomically(toml, to_toml(config));
  // The length of a process's life counts its start as well.
  const auto start = std::chrono::steady_clock::now();
  constexpr std::uint64_t kHour = 3'600'000'000;
  REQUIRE(run_in_children(undisturbed.path() / "store.db", toml, {kHour}) == 0);
  const auto microseconds = std::chrono::duration_cast<std::chrono::microseconds>(
                                std::chrono::steady_clock::now() - start)
                                .count();
  Session alone({.store = undisturbed.path() / "store.db", .progress = nullptr, .stop = {}});
  const Finished whole{lines_of(alone, config), checkpoint_of(alone)};
  const auto store = directory.path() / "store.db";
  std::vector<std::uint64_t> lives;
  for (const double share : {0.6, 0.8, 0.95}) {
    lives.push_back(static_cast<std::uint64_t>(share * static_cast<double>(microseconds)));
  }
  CHECK(run_in_children(store, toml, lives) >= 1);
  Session session({.store = store, .progress = nullptr, .stop = {}});
  run_study(session, config);
  check_same(lines_of(session, config), whole.lines);
  CHECK(checkpoint_of(session) == whole.checkpoint);
}

TEST_CASE("a larger budget uses the supernet that is there") {
  StudyConfig config = tiny_search("drnas");
  const TemporaryDirectory directory;
  Session session({.store = directory.path() / "store.db", .progress = nullptr, .stop = {}});
  run_study(session, config);
  resume_study(session, config.name, {.trials = 7});
  config.budget_trials = 7;
  CHECK(lines_of(session, config) == fresh_run(config).lines);
}

TEST_CASE("what no supernet can be made of is refused before anything is stored") {
  const TemporaryDirectory directory;
  Session session({.store = directory.path() / "store.db", .progress = nullptr, .stop = {}});
  const auto refused = [&](const StudyConfig& config) {
    return error_of([&] { run_study(session, config); });
  };
  StudyConfig config = tiny_search("gdas");
  config.data.clear();
  CHECK(contains(refused(config), "searcher 'gdas' trains a supernet and needs a data set"));
  config = tiny_search("gdas");
  config.space.name = "nasbench101";
  CHECK(contains(refused(config), "has no supernet: its networks are not parts of one graph"));
  config.space.name = "nats_size";
  config.searcher.options["channels"] = config.searcher.options["cells"] = "0";
  CHECK(contains(refused(config), "cannot be searched by mixtures"));
  config = tiny_search("pc_darts");
  config.searcher.options["share"] = "3";
  CHECK(contains(refused(config), "is no whole number"));
  config = tiny_search("darts");
  config.searcher.options["warmup_epochs"] = "3";
  CHECK(contains(refused(config), "must be below epochs = 3"));
  config = tiny_search("darts");
  config.searcher.options["order"] = "secnd";
  CHECK(contains(refused(config), "order"));
  config.searcher.options.erase("order");
  config.searcher.options["warmup_epochs"] = "0";
  config.searcher.options["every"] = "5";
  CHECK(contains(refused(config), "every = 5, but an epoch has 4 steps"));
  config = tiny_search("proxylessnas");
  config.searcher.options["warmup_epochs"] = "2";
  CHECK(contains(refused(config), "the epoch of weights alone that follows"));
  config.searcher.options["warmup_epochs"] = "1";
  config.searcher.options["loss"] = "mul_log";
  config.searcher.options["target_macs"] = "0.000001";
  CHECK(contains(refused(config), "above 1"));
  CHECK(session.writer().studies().empty());
}

TEST_CASE("a search that leaves the numbers names epoch and step, and the study is paused") {
  StudyConfig config = tiny_search("darts");
  config.searcher.options["rate"] = "100";
  config.searcher.options["decay"] = "1";  // weights grow a hundredfold in each step
  config.searcher.options["epochs"] = "50";
  const TemporaryDirectory directory;
  Session session({.store = directory.path() / "store.db", .progress = nullptr, .stop = {}});
  const std::string text = error_of([&] { run_study(session, config); });
  CHECK(contains(text, " in epoch "));
  CHECK(contains(text, ", step "));
  CHECK(find_study_or_throw(session.reader(), config.name).state == StudyState::kPaused);
}

TEST_CASE("a benchmark's column judges what a search finds") {
  const TemporaryDirectory directory;
  Session session({.store = directory.path() / "store.db", .progress = nullptr, .stop = {}});
  const SearchSpace& space = session.space({"nasbench201", {}});
  BenchmarkInfo info;
  info.name = "table";
  info.space = "nasbench201";
  Benchmark table(info);
  std::vector<std::string> texts;
  std::vector<double> values, seconds;
  Architecture architecture{"nasbench201", std::vector<std::uint16_t>(6)};
  // Every other cell: rows of another text that count as the same cell are found as well.
  for (int i = 0; i < 15625; i += 2) {
    int rest = i;
    for (std::size_t edge = 6; edge > 0; rest /= 5) {
      architecture.choices[--edge] = static_cast<std::uint16_t>(rest % 5);
    }
    texts.push_back(space.format(architecture));
    values.push_back(i % 89);
    seconds.push_back(i);
  }
  table.set_rows(texts);
  table.add_column({.metric = "accuracy", .dataset = "cifar10", .split = "test", .unit = "%"},
                   values);
  table.add_column({.metric = "training_seconds", .dataset = "cifar10", .unit = "s"}, seconds);
  session.writer().put_benchmark(table);
  StudyConfig config;
  config.name = "looked-up";
  config.space.name = "nasbench201";
  config.objectives = {"maximize accuracy"};
  config.budget_trials = 30;
  config.origins = {"accuracy = table:table:accuracy:dataset=cifar10"};
  run_study(session, config);
  const auto trials =
      session.reader().trials(find_study_or_throw(session.reader(), config.name).id);
  REQUIRE(trials.size() == 30);
  const TableRows rows(table, space);
  int absent = 0;
  for (const TrialRow& trial : trials) {
    const auto row = rows.find(space.parse(trial.text));
    CHECK((trial.state == TrialState::kComplete) == row.has_value());
    absent += row ? 0 : 1;
    if (row) CHECK(trial.metrics.back().value == values[*row]);
    if (!row) CHECK(contains(trial.error, "has no row of this architecture"));
  }
  CHECK(absent > 0);
  CHECK(absent < 30);
  config.name = "wrong";
  const auto refused = [&](const std::string& origin) {
    config.origins = {origin};
    return error_of([&] { run_study(session, config); });
  };
  CHECK(contains(refused("accuracy = table:table"), "write table:BENCHMARK:COLUMN"));
  CHECK(contains(refused("accuracy = table:tabel:accuracy"), "did you mean 'table'"));
  CHECK(contains(refused("accuracy = table:table:training_seconds"), "it is in 's', not '%'"));
}
