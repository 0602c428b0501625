#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>

#include "app/supernets/supernet_training.h"
#include "app/supernets/unfinished_supernet.h"
#include "core/util/error.h"
#include "core/util/hash.h"
#include "tests/app/supernets/supernet_testing.h"

// Supernets as artifacts: trained, resumed, refused, damaged.

namespace nas::test {
namespace {

/// Asks to stop once `steps` steps are done.
class StopAfter final : public ProgressSink {
 public:
  explicit StopAfter(std::int64_t steps) : steps_(steps) {}
  void begin(std::string_view, std::int64_t) override {}
  void update(std::int64_t done, std::string_view) override {
    if (done >= steps_) source.request_stop();
  }
  void end() override {}
  void message(std::string_view) override {}
  std::stop_source source;

 private:
  std::int64_t steps_;
};

/// Keeps what is said to the user.
class Listener final : public ProgressSink {
 public:
  void begin(std::string_view, std::int64_t) override {}
  void update(std::int64_t, std::string_view) override {}
  void end() override {}
  void message(std::string_view line) override { said += std::string(line) + "\n"; }
  std::string said;
};

TEST_CASE_FIXTURE(Supernets, "supernets: a trained one is an artifact with file, curve and facts") {
  const SupernetOutcome outcome = train_supernet(session, request_of("first"));
  CHECK_FALSE(outcome.known);
  CHECK(outcome.report.epochs_done == 2);
  const StoredSupernet found = known_supernet(session, "first");
  CHECK(found.path == file("first.safetensors"));
  CHECK(found.row.sha256 == sha256_file(found.path));
  CHECK(found.info.space.name == "nasbench201");
  CHECK(found.info.network == "image: float[3,32,32] -> class: classes[10]; width=4; depth=1");
  CHECK(found.info.paths == "sampling=uniform; paths=1; probes=2");
  // C = 4, N = 1: stem 108 + 8; three cells of six edges (3x3: 9 C^2 + 2 C, 1x1: C^2 + 2 C) in 4, 8
  // and 16 channels; two residual blocks; the last normalisation and the classifier.
  std::int64_t expected = 108 + 8;
  for (const std::int64_t c : {4, 8, 16}) expected += 6 * (10 * c * c + 4 * c);
  for (const std::int64_t c : {8, 16}) {
    expected += 9 * c * (c / 2) + 2 * c + 9 * c * c + 2 * c + c * (c / 2);
  }
  expected += 2 * 16 + 16 * 10 + 10;
  CHECK(found.info.parameters == expected);
  const std::vector<CurvePoint> curve = session.reader().artifact_curve(found.row.id);
  CHECK(std::ranges::count_if(
            curve, [](const CurvePoint& point) { return point.name == "train_loss"; }) == 2);
  CHECK(std::ranges::count_if(
            curve, [](const CurvePoint& point) { return point.name == "accuracy"; }) == 2);
  CHECK(files() == 1);  // no checkpoint is left
  CHECK(session.reader().check().empty());
  CHECK(parse_supernet_info(to_json(found.info), "x").settings() == found.info.settings());
}

TEST_CASE_FIXTURE(Supernets, "supernets: the same call does nothing once it is done") {
  const SupernetOutcome first = train_supernet(session, request_of("first"));
  const auto written = std::filesystem::last_write_time(first.supernet.path);
  const SupernetOutcome again = train_supernet(session, request_of("first"));
  CHECK(again.known);
  CHECK(again.supernet.row.sha256 == first.supernet.row.sha256);
  CHECK(std::filesystem::last_write_time(first.supernet.path) == written);
}

TEST_CASE_FIXTURE(Supernets, "supernets: a stopped training continues to the same bytes") {
  // Few steps reach few subnets: the optimiser knows nothing of the others when it stops.
  for (const std::string& optimizer : {std::string("sgd"), std::string("adam")}) {
    CAPTURE(optimizer);
    const SupernetRequest request =
        request_of(optimizer, {{"epochs", "3"}, {"optimizer", optimizer}});
    train_supernet(session, request);
    const TemporaryDirectory other;
    for (const std::int64_t steps : {1, 4}) {  // in the first epoch, in the second
      StopAfter stop(steps);
      Session stopped(
          {.store = other.path() / "store.db", .progress = &stop, .stop = stop.source.get_token()});
      CHECK(train_supernet(stopped, request).report.stopped);
      CHECK_FALSE(find_supernet(stopped, optimizer).has_value());
    }
    Session resumed({.store = other.path() / "store.db", .progress = &no_progress(), .stop = {}});
    train_supernet(resumed, request);
    CHECK(read_file(other.path() / "supernets" / (optimizer + ".safetensors")) ==
          read_file(file(optimizer + ".safetensors")));
  }
}

TEST_CASE_FIXTURE(Supernets, "supernets: a stopped training is known as unfinished until it ends") {
  SupernetRequest request = request_of("first", {{"epochs", "3"}});
  request.command = "the command";
  StopAfter stop(4);
  Session stopped(
      {.store = directory.path() / "store.db", .progress = &stop, .stop = stop.source.get_token()});
  CHECK(train_supernet(stopped, request).report.stopped);
  const std::vector<UnfinishedSupernet> unfinished = unfinished_supernets(session);
  REQUIRE(unfinished.size() == 1);
  CHECK(unfinished[0].info.name == "first");
  CHECK(unfinished[0].command == "the command");
  CHECK_FALSE(unfinished[0].running);
  session.writer();
  CHECK_THROWS_WITH_AS(known_supernet(session, "first"),
                       "supernet 'first' is not trained to its end; continue with: the command",
                       Error);
  train_supernet(session, request);
  CHECK(unfinished_supernets(session).empty());
  CHECK(files() == 1);
}

TEST_CASE_FIXTURE(Supernets,
                  "supernets: what is trained again because its file is damaged says so") {
  train_supernet(session, request_of("first"));
  std::ofstream(file("first.safetensors"), std::ios::app) << "x";
  Listener listener;
  Session again({.store = directory.path() / "store.db", .progress = &listener, .stop = {}});
  CHECK_FALSE(train_supernet(again, request_of("first")).known);
  CHECK(listener.said.find("other SHA-256); it is trained again") != std::string::npos);
}

TEST_CASE("supernets: one from before its space had an option is the same at the default") {
  SupernetInfo before;
  before.space = {"mcunet", {{"width", "0.3"}, {"resolution", "48"}, {"feature_mix", "true"}}};
  before.recipe = {{"epochs", "3"}};
  SupernetInfo now = before;
  now.space.options["halvings"] = "auto";
  CHECK(same_settings(before, now));
  now.space.options["halvings"] = "2";
  CHECK_FALSE(same_settings(before, now));
  now = before;
  now.recipe = {{"epochs", "4"}};
  CHECK_FALSE(same_settings(before, now));
}

TEST_CASE_FIXTURE(Supernets, "supernets: a file that was written before its row is taken over") {
  train_supernet(session, request_of("first"));
  session.writer().remove_artifact(kSupernet, "first");  // as a kill between the two leaves it
  const SupernetOutcome again = train_supernet(session, request_of("first"));
  CHECK(again.supernet.path == file("first.safetensors"));
  CHECK(files() == 1);
}

TEST_CASE_FIXTURE(Supernets,
                  "supernets: a name of other settings is refused, or replaced on request") {
  const SupernetOutcome first = train_supernet(session, request_of("first"));
  SupernetRequest other = request_of("first", {{"width", "8"}});
  CHECK_THROWS_WITH_AS(train_supernet(session, other),
                       doctest::Contains("exists with other settings"), Error);
  CHECK(known_supernet(session, "first").row.sha256 == first.supernet.row.sha256);
  other.replace = true;
  const SupernetOutcome replaced = train_supernet(session, other);
  CHECK(replaced.supernet.row.id == first.supernet.row.id);
  CHECK(replaced.supernet.info.parameters > first.supernet.info.parameters);
  CHECK(files() == 1);
  CHECK(session.reader().check().empty());
}

TEST_CASE_FIXTURE(Supernets, "supernets: a training that ends in NaN stores nothing") {
  const SupernetRequest request =
      request_of("hot", {{"learning_rate", "100"}, {"weight_decay", "10"}, {"epochs", "30"}});
  CHECK_THROWS_WITH_AS(train_supernet(session, request),
                       doctest::Contains("supernet 'hot': loss is"), Error);
  CHECK_FALSE(find_supernet(session, "hot").has_value());
  CHECK(files() == 0);
}

TEST_CASE_FIXTURE(Supernets, "supernets: what cannot be one is refused before any training") {
  SupernetRequest request = request_of("a");
  request.space = {"nasbench101", {}};
  CHECK_THROWS_WITH_AS(train_supernet(session, request), doctest::Contains("has no supernet"),
                       Error);
  for (const char* name : {"", "../a", ".a", "a b", "a/b"}) {
    CHECK_THROWS_WITH_AS(train_supernet(session, request_of(name)),
                         doctest::Contains("cannot be the name"), Error);
  }
  request = request_of("a");
  request.teacher_weight = 1;
  CHECK_THROWS_WITH_AS(train_supernet(session, request), doctest::Contains("to start from"), Error);
  CHECK_THROWS_WITH_AS(train_supernet(session, request_of("a", {{"auxiliary_weight", "0.4"}})),
                       doctest::Contains("auxiliary_weight"), Error);
  CHECK(files() == 0);
}

TEST_CASE_FIXTURE(Supernets, "supernets: choices are named by decision, with '*' and near misses") {
  const SearchSpace& space = session.space({"nasbench201", {}});
  const auto choices = parse_choices(space, {"*=nor_conv_3x3,nor_conv_1x1"});
  REQUIRE(choices.size() == 6);
  for (const auto& list : choices) CHECK(list == std::vector<std::uint16_t>{2, 3});
  const std::string& first = space.decisions()[0].name;
  CHECK(parse_choices(space, {first + "=none"})[0] == std::vector<std::uint16_t>{0});
  CHECK(parse_choices(space, {first + "=none"})[1].size() == 5);
  CHECK_THROWS_WITH_AS(parse_choices(space, {"*=nor_conv_3x2"}),
                       doctest::Contains("did you mean 'nor_conv_3x3'"), Error);
  CHECK_THROWS_WITH_AS(parse_choices(space, {first + "x=none"}),
                       doctest::Contains(("did you mean '" + first).c_str()), Error);
  for (const char* text : {"", "*", "*=", "=none"}) {
    CHECK_THROWS_WITH_AS(parse_choices(space, {text}), doctest::Contains("write DECISION="), Error);
  }
}

TEST_CASE_FIXTURE(Supernets, "supernets: one that starts from another names it as its parent") {
  const SupernetOutcome first = train_supernet(session, request_of("first"));
  SupernetRequest next = request_of("next");
  next.from = "none";
  CHECK_THROWS_WITH_AS(train_supernet(session, next), doctest::Contains("supernet 'none'"), Error);
  next.from = "first";
  next.teacher_weight = 1;
  next.choices = {"*=nor_conv_3x3,skip_connect"};
  const SupernetOutcome second = train_supernet(session, next);
  CHECK(second.supernet.info.parent ==
        "supernet=first; sha256=" + first.supernet.row.sha256.substr(0, 16));
  CHECK(second.supernet.info.paths.find("teacher_weight=1") != std::string::npos);
  // What no drawn subnet uses is as it was.
  const auto kernels = [&](const std::string& name, std::int64_t side) {
    std::string bytes;
    const TensorFile read = parse_tensor_file(read_file(file(name + ".safetensors")), name);
    for (const auto& [tensor_name, tensor] : read.tensors) {
      const bool edge = tensor_name.find("/edge_") != std::string::npos;
      if (edge && tensor.shape.size() == 4 && tensor.shape[2] == side) bytes += tensor.bytes;
    }
    REQUIRE(!bytes.empty());
    return bytes;
  };
  CHECK(kernels("first", 1) == kernels("next", 1));
  CHECK(kernels("first", 3) != kernels("next", 3));
  SupernetRequest wide = request_of("wide", {{"width", "8"}});
  wide.from = "first";
  CHECK_THROWS_WITH_AS(train_supernet(session, wide), doctest::Contains("width=8"), Error);
}

}  // namespace
}  // namespace nas::test
