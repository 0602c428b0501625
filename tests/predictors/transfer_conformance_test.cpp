// The laws of the interface TransferPredictor, for every registered predictor that has it: a new
// one is tested without a line here.

#include <doctest/doctest.h>

#include <cmath>
#include <map>
#include <set>

#include "core/api/transfer_predictor.h"
#include "core/util/statistics.h"
#include "predictors/registry.h"
#include "searchspaces/registry.h"
#include "tests/predictors/light_options.h"

using namespace nas;

namespace {

/// A sum over the operations, with weights of the device.
double latency(const Architecture& architecture, double conv3, double pool) {
  double sum = 1;
  for (const std::uint16_t choice : architecture.choices) {
    sum += choice == 3 ? conv3 : choice == 2 ? 0.5 : choice == 4 ? pool : 0;
  }
  return sum;
}

struct Devices {
  std::unique_ptr<SearchSpace> space =
      find_plugin(space_plugins(), "space", "nasbench201").make({});
  std::vector<Architecture> known, others;
  std::vector<TransferTask> tasks;
  std::vector<double> truth;

  Devices() {
    Rng rng({.seed = 6});
    for (int i = 0; i < 120; ++i) known.push_back(sample(*space, rng));
    for (int i = 0; i < 80; ++i) others.push_back(sample(*space, rng));
    for (const double pool : {0.2, 0.5, 0.9}) {
      TransferTask& task = tasks.emplace_back();
      task.name = "device " + std::to_string(pool);
      task.subjects = subjects_of(*space, known);
      for (const Architecture& one : known) task.targets.push_back(latency(one, 2, pool));
    }
    truth = new_device(others);
  }
  std::vector<double> new_device(std::span<const Architecture> which) const {
    std::vector<double> values;
    for (const Architecture& one : which) values.push_back(latency(one, 2.5, 0.7));
    return values;
  }
  std::vector<Subject> queries() const { return subjects_of(*space, others); }
};

const Devices& three_devices() {
  static const Devices devices;
  return devices;
}

std::vector<double> means(const std::vector<Forecast>& forecasts) {
  std::vector<double> values;
  for (const Forecast& one : forecasts) values.push_back(one.mean);
  return values;
}

struct Fitted {
  std::unique_ptr<Predictor> predictor;
  TransferPredictor& transfer() const { return dynamic_cast<TransferPredictor&>(*predictor); }
};

std::vector<const Plugin<Predictor>*> transfer_plugins() {
  std::vector<const Plugin<Predictor>*> result;
  for (const Plugin<Predictor>* plugin : predictor_plugins()) {
    const auto made = plugin->make({});
    if (dynamic_cast<TransferPredictor*>(made.get()) != nullptr) result.push_back(plugin);
  }
  return result;
}

Fitted fitted(const Plugin<Predictor>& plugin, const Devices& devices) {
  Fitted result{plugin.make(test::light_options(plugin.name))};
  result.transfer().fit_tasks(devices.tasks, {}, {.seed = 3});
  return result;
}

/// Fitted once for all cases, and adapted to some device; `now`: this one, if given.
Fitted fitted_before(const Plugin<Predictor>& plugin, const Fitted* now = nullptr) {
  static std::map<std::string_view, PredictorState> states;
  if (now != nullptr) states[plugin.name] = now->predictor->save();
  auto found = states.find(plugin.name);
  if (found == states.end()) {
    const Devices& devices = three_devices();
    const Fitted one = fitted(plugin, devices);
    const std::span<const Architecture> ten(devices.known.data(), 10);
    one.transfer().adapt(subjects_of(*devices.space, ten), devices.new_device(ten));
    found = states.emplace(plugin.name, one.predictor->save()).first;
  }
  Fitted result{plugin.make(test::light_options(plugin.name))};
  result.predictor->restore(found->second);
  return result;
}

/// The candidates: what it wants, then those that are known.
std::vector<Architecture> candidates_of(const Fitted& fitted, const Devices& devices) {
  std::vector<Architecture> candidates = fitted.transfer().references();
  candidates.insert(candidates.end(), devices.known.begin(), devices.known.end());
  return candidates;
}

}  // namespace

TEST_CASE("transfer predictors: transfer, help and nasflat are among them") {
  std::set<std::string_view> names;
  for (const Plugin<Predictor>* plugin : transfer_plugins()) names.insert(plugin->name);
  for (const char* name : {"transfer", "help", "nasflat"}) CHECK(names.contains(name));
}

TEST_CASE("transfer predictors: a new device is ranked from ten suggested networks") {
  const Devices& devices = three_devices();
  for (const Plugin<Predictor>* plugin : transfer_plugins()) {
    CAPTURE(plugin->name);
    const Fitted one = fitted(*plugin, devices);
    const std::vector<Architecture> candidates = candidates_of(one, devices);
    const std::vector<Subject> subjects = subjects_of(*devices.space, candidates);
    const auto chosen = one.transfer().suggest(subjects, {}, 10);
    CHECK(std::set<std::size_t>(chosen.begin(), chosen.end()).size() == 10);
    CHECK(one.transfer().suggest(subjects, {}, 10) == chosen);
    std::vector<Architecture> measured;
    for (const std::size_t i : chosen) measured.push_back(candidates[i]);
    const std::vector<double> values = devices.new_device(measured);
    one.transfer().adapt(subjects_of(*devices.space, measured), values);
    fitted_before(*plugin, &one);
    const auto forecasts = one.transfer().forecast(devices.queries());
    // Two read the network without its dead parts, which this latency counts, too.
    const bool only_live = plugin->name == "gennape" || plugin->name == "onnx_net";
    CHECK(spearman(means(forecasts), devices.truth).value() > (only_live ? 0.6 : 0.8));
    std::size_t inside = 0;
    for (std::size_t i = 0; i < forecasts.size(); ++i) {
      const Interval interval = interval_of(forecasts[i], 0.95);
      inside += devices.truth[i] >= interval.low && devices.truth[i] <= interval.high ? 1 : 0;
    }
    CHECK(inside >= 60);
    CHECK(one.transfer().leave_one_out().forecasts.size() == 10);
    CHECK_FALSE(one.transfer().findings().empty());
    CHECK(one.transfer().forecast({}).empty());

    // Equal seeds, equal predictions; saving loses nothing.
    const Fitted again = fitted(*plugin, devices);
    again.transfer().adapt(subjects_of(*devices.space, measured), values);
    CHECK(means(again.transfer().forecast(devices.queries())) == means(forecasts));
    const Fitted copy{plugin->make(test::light_options(plugin->name))};
    copy.predictor->restore(one.predictor->save());
    CHECK(means(copy.transfer().forecast(devices.queries())) == means(forecasts));
    std::vector<double> predicted;
    for (const Prediction& p : copy.predictor->predict(*devices.space, {devices.others, {}, {}})) {
      predicted.push_back(p.mean);
    }
    CHECK(predicted == means(forecasts));
  }
}

TEST_CASE("transfer predictors: adapting again forgets the device before") {
  const Devices& devices = three_devices();
  for (const Plugin<Predictor>* plugin : transfer_plugins()) {
    CAPTURE(plugin->name);
    const Fitted one = fitted_before(*plugin);
    const std::span<const Architecture> ten(devices.known.data(), 10);
    const std::vector<Subject> subjects = subjects_of(*devices.space, ten);
    const std::vector<double> values = devices.new_device(ten);
    one.transfer().adapt(subjects, values);
    const std::vector<double> first = means(one.transfer().forecast(devices.queries()));
    std::vector<double> opposite;
    for (const double value : values) opposite.push_back(20 - value);
    one.transfer().adapt(subjects, opposite);
    CHECK(means(one.transfer().forecast(devices.queries())) != first);
    one.transfer().adapt(subjects, values);
    CHECK(means(one.transfer().forecast(devices.queries())) == first);
  }
}

TEST_CASE("transfer predictors: what cannot be learned from is refused in one line") {
  const Devices& devices = three_devices();
  for (const Plugin<Predictor>* plugin : transfer_plugins()) {
    CAPTURE(plugin->name);
    const Fitted one = fitted_before(*plugin);
    const std::vector<Subject> ten =
        subjects_of(*devices.space, std::span(devices.known).first(10));
    CHECK_THROWS_WITH_AS(one.transfer().adapt(ten, std::vector<double>(10, 5.0)),
                         doctest::Contains("all 10 "), Error);
    CHECK_THROWS_WITH_AS(one.transfer().adapt(std::span(ten).first(1), std::vector<double>{5.0}),
                         doctest::Contains("at least two "), Error);
    std::vector<double> bad = devices.new_device(std::span(devices.known).first(10));
    bad[4] = std::nan("");
    CHECK_THROWS_AS(one.transfer().adapt(ten, bad), Error);
    const auto other = find_plugin(space_plugins(), "space", "fbnet").make({});
    Rng rng({.seed = 1});
    const std::vector<Architecture> foreign{sample(*other, rng), sample(*other, rng)};
    CHECK_THROWS_AS(one.transfer().adapt(subjects_of(*other, foreign), std::vector<double>{1, 2}),
                    Error);

    const Fitted fresh{plugin->make(test::light_options(plugin->name))};
    std::vector<TransferTask> few = devices.tasks;
    few[1].subjects.resize(3);
    few[1].targets.resize(3);
    CHECK_THROWS_WITH_AS(fresh.transfer().fit_tasks(few, {}, {}),
                         doctest::Contains(few[1].name.c_str()), Error);
    std::vector<TransferTask> wrong = devices.tasks;
    wrong[2].targets[5] = INFINITY;
    CHECK_THROWS_WITH_AS(fresh.transfer().fit_tasks(wrong, {}, {}),
                         doctest::Contains(wrong[2].name.c_str()), Error);
    std::stop_source stop;
    stop.request_stop();
    FitContext context;
    context.stop = stop.get_token();
    CHECK_THROWS_WITH_AS(fresh.transfer().fit_tasks(devices.tasks, {}, context),
                         doctest::Contains("interrupted"), Error);
  }
}
