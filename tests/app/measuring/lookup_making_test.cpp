#include "app/measuring/lookup_making.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "core/api/decision_effects.h"
#include "core/runtime/latency.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/text.h"
#include "hwmodels/lookup_table.h"
#include "searchspaces/registry.h"

namespace nas {
namespace {

std::unique_ptr<SearchSpace> make_space(std::string_view name) {
  return find_plugin(space_plugins(), "space", name).make({});
}

/// NAS-Bench-201 with four channels, one cell a stage, images of 8 x 8.
Task small_task(const SearchSpace& space) {
  Task task = space.info().default_task;
  task.input = Shape({3, 8, 8});
  task.width = 4;
  task.depth = 1;
  return space.settle(task);
}

struct Place {
  TemporaryDirectory directory;
  Session session{{directory.path() / "r.db"}};
  LookupRequest request() {
    const SearchSpace& space = session.space({"nasbench201", {}});
    return {.space = {"nasbench201", {}},
            .wish = {.task = small_task(space), .repeats = 2},
            .device = host_device(1, 1),
            .output = directory.path() / "table.csv"};
  }
};

}  // namespace

TEST_CASE("a plan has every part of a space often enough, in few networks, the same each time") {
  const auto space = make_space("nasbench201");
  const LookupWish wish{.task = small_task(*space), .repeats = 3};
  const LookupPlan plan = plan_lookup(*space, wish);
  CHECK(plan.uses.size() > 20);
  CHECK(plan.networks.size() <= 20);
  std::map<std::string, std::int64_t> counted;
  for (const Architecture& architecture : plan.networks) {
    std::map<std::string, bool> in_network;
    for (const KeyedPart& part : keyed_parts(space->build(architecture, wish.task))) {
      if (part.runs) in_network[part.key] = true;
    }
    for (const auto& [key, runs] : in_network) ++counted[key];
  }
  for (const auto& [key, uses] : plan.uses) {
    CAPTURE(key);
    CHECK(uses >= 3);
    CHECK(counted[key] == uses);
  }
  CHECK(plan_lookup(*space, wish).networks == plan.networks);
}

TEST_CASE("a plan of a space with resolutions keeps to the one that is asked for") {
  const auto space = make_space("ofa_mobilenetv3");
  const LookupWish wish{.task = space->info().default_task, .resolution = 128, .repeats = 1};
  const LookupPlan plan = plan_lookup(*space, wish);
  CHECK(plan.uses.contains("conv2d 3x128x128 out_channels=16 kernel=3 stride=2 padding=1"));
  for (const Architecture& architecture : plan.networks) {
    CHECK(task_of(*space, architecture, wish.task).input == Shape({3, 128, 128}));
    validate(*space, architecture);
  }
  CHECK(std::ranges::all_of(plan.uses, [](const auto& use) { return use.second >= 1; }));
  CHECK_THROWS_WITH_AS(plan_lookup(*space, {.task = space->info().default_task, .resolution = 129}),
                       doctest::Contains("unknown resolution '129'"), Error);
  CHECK_THROWS_WITH_AS(plan_lookup(*make_space("nasbench201"),
                                   {.task = space->info().default_task, .resolution = 128}),
                       doctest::Contains("does not choose a resolution"), Error);
  CHECK_THROWS_WITH_AS(plan_lookup(*make_space("nasbench101"),
                                   {.task = make_space("nasbench101")->info().default_task}),
                       doctest::Contains("has no list of parts"), Error);
}

TEST_CASE("the table of a space is made, read, and knows every network of the space") {
  Place place;
  const LookupRequest request = place.request();
  const LookupReport report = make_lookup_table(place.session, request);
  CHECK_FALSE(report.stopped);
  CHECK(report.resumed == 0);
  CHECK(report.never_run == 0);
  CHECK_FALSE(std::filesystem::exists(request.output.string() + ".part"));
  const auto model = read_lookup_table(request.output, "");
  REQUIRE(model->devices().size() == 1);
  const Device& device = model->devices()[0];
  CHECK(device.name == "host");
  CHECK(device.settings == request.device.settings);
  CHECK(is_this_host(device));
  const SearchSpace& space = place.session.space(request.space);
  const AdditiveCost cost = model->cost(space.blueprint(request.wish.task).value(), device);
  Rng rng({.seed = 5, .purpose = Purpose::kTest});
  for (int i = 0; i < 20; ++i) {
    const Architecture architecture = sample(space, rng);
    const ArchGraph graph = space.build(architecture, request.wish.task);
    // The sum over decisions counts what a `none` cuts off as well.
    const double estimate = model->estimate(graph, device).milliseconds;
    CHECK(estimate > 0);
    CHECK(estimate <= cost.at(architecture.choices) * (1 + 1e-9));
  }
  CHECK_THROWS_WITH_AS(make_lookup_table(place.session, request),
                       doctest::Contains("exists; name another --output"), Error);
}

TEST_CASE("a table that was stopped continues with what was measured, also after a torn line") {
  Place place;
  LookupRequest request = place.request();
  std::stop_source stopping;
  {
    // Stops after two networks: the progress of the third never comes.
    struct Counter final : ProgressSink {
      explicit Counter(std::stop_source& source) : stop(source) {}
      void begin(std::string_view, std::int64_t) override {}
      void update(std::int64_t done, std::string_view) override {
        if (done == 2) stop.request_stop();
      }
      void end() override {}
      void message(std::string_view line) override { said += line; }
      std::stop_source& stop;
      std::string said;
    } counter(stopping);
    Session session({place.directory.path() / "r.db", &counter, stopping.get_token()});
    const LookupReport report = make_lookup_table(session, request);
    CHECK(report.stopped);
    CHECK(report.networks == 2);
    CHECK(counter.said.find("parts in") != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(request.output));
  }
  const std::filesystem::path part = request.output.string() + ".part";
  const std::string kept = read_file(part);
  write_file_atomically(part, kept + "0.25 conv2d 3x8x8 out_ch");  // killed while it was written
  LookupRequest other = place.request();
  other.wish.seed = 1;
  CHECK_THROWS_WITH_AS(make_lookup_table(place.session, other),
                       doctest::Contains("was begun for another table"), Error);
  const LookupReport report = make_lookup_table(place.session, request);
  CHECK(report.resumed == 2);
  CHECK(report.networks ==
        plan_lookup(place.session.space(request.space), request.wish).networks.size());
  CHECK(read_lookup_table(request.output, "")->devices().size() == 1);
}

TEST_CASE("a table that was killed within its heading is measured from the start") {
  Place place;
  const LookupRequest request = place.request();
  for (const char* torn : {"", "searchlight lookup ta"}) {
    write_file_atomically(request.output.string() + ".part", torn);
    std::stop_source stopping;
    stopping.request_stop();
    Session session({place.directory.path() / "r.db", &no_progress(), stopping.get_token()});
    const LookupReport report = make_lookup_table(session, request);
    CHECK(report.stopped);
    CHECK(report.resumed == 0);
  }
}

}  // namespace nas
