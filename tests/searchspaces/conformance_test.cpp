#include <doctest/doctest.h>

#include <set>

#include "core/ir/same/digest.h"
#include "core/util/rng.h"
#include "tests/searchspaces/space_testing.h"

// The laws of SearchSpace, over every registered space.

namespace nas {
namespace {

using test::make_space;
using test::usage_error;

Rng rng_for(std::string_view what) {
  return Rng({.seed = 1, .study = stable_hash(what), .trial = 0, .purpose = Purpose::kTest});
}

/// Runs `check` with every registered space, made with its defaults.
void for_every_space(const std::function<void(const SearchSpace&)>& check) {
  for (const Plugin<SearchSpace>* plugin : space_plugins()) {
    CAPTURE(plugin->name);
    check(*plugin->make({}));
  }
}

/// Small networks: other sizes, channels and classes than the published ones.
std::vector<Task> small_tasks(const SpaceInfo& info) {
  if (info.default_task.qubits > 0) return {info.default_task};
  std::vector<Task> tasks{test::task_of({3, 16, 16}, 10), test::task_of({1, 32, 24}, 3)};
  if (info.default_task.input.rank() == 2) {
    tasks = {test::task_of({8, 20}, 10), test::task_of({12, 9}, 3)};
    tasks.push_back(info.default_task);
    tasks.back().input = {8, 20};
  }
  for (Task& task : tasks) {
    if (!info.width_meaning.empty()) task.width = 8;
    if (!info.depth_meaning.empty()) task.depth = 2;
  }
  return tasks;
}

bool is_one_line(const std::string& text) {
  return !text.empty() && text.find('\n') == std::string::npos;
}

/// Decisions that differ, without those that must have their first choice in one of the two.
std::size_t differences(const SearchSpace& space, const Architecture& a, const Architecture& b) {
  const auto* conditional = dynamic_cast<const ConditionalDecisions*>(&space);
  const std::vector<bool> all(a.choices.size(), true);
  const std::vector<bool> in_a = conditional == nullptr ? all : conditional->active(a.choices);
  const std::vector<bool> in_b = conditional == nullptr ? all : conditional->active(b.choices);
  std::size_t count = 0;
  for (std::size_t i = 0; i < a.choices.size(); ++i) {
    count += in_a[i] && in_b[i] && a.choices[i] != b.choices[i] ? 1 : 0;
  }
  return count;
}

TEST_CASE("spaces: every record says its name, summary, paper and options") {
  std::set<std::string_view> names;
  for (const Plugin<SearchSpace>* plugin : space_plugins()) {
    CAPTURE(plugin->name);
    CHECK(names.insert(plugin->name).second);
    CHECK_FALSE(plugin->summary.empty());
    CHECK_FALSE(plugin->paper.empty());
    CHECK(plugin->make({})->info().name == plugin->name);
    CHECK_FALSE(plugin->make({})->info().version.empty());
    const OptionMap resolved = plugin->resolve({});
    CHECK(resolved.size() == plugin->fields().size());
    CHECK(plugin->resolve(resolved) == resolved);
    CHECK(is_one_line(usage_error([&] { plugin->make({{"no_such_option", "1"}}); })));
  }
  CHECK(names.size() >= 5);
}

TEST_CASE("spaces: a settled task is the same network, and its text reads back") {
  for_every_space([](const SearchSpace& space) {
    Rng rng = rng_for("settle");
    const Architecture architecture = sample(space, rng);
    std::vector<Task> tasks = small_tasks(space.info());
    tasks.push_back(space.info().default_task);
    for (const std::string& skeleton : space.info().skeletons) {
      tasks.push_back(tasks.front());
      tasks.back().skeleton = skeleton;
      tasks.back().input = {3, 64, 64};  // some halve it five times
    }
    for (const Task& task : tasks) {
      const Task settled = space.settle(task);
      CHECK(space.settle(settled) == settled);
      CHECK(settled.width == (space.info().width_meaning.empty() ? 0 : settled.width));
      CHECK((settled.width > 0) == !space.info().width_meaning.empty());
      CHECK((settled.depth > 0) == !space.info().depth_meaning.empty());
      CHECK(space.build(architecture, settled) == space.build(architecture, task));
      const std::string text = network_text(space, task);
      CHECK(network_text(space, settled) == text);
      CHECK(parse_task_text(text) == settled);
    }
  });
}

TEST_CASE("spaces: an option that changes the network is part of its text") {
  const auto usual = make_space("ofa_mobilenetv3");
  const auto wide =
      find_plugin(space_plugins(), "space", "ofa_mobilenetv3").make({{"width_multiplier", "1.2"}});
  const Task& task = usual->info().default_task;
  CHECK(network_text(*usual, task) == "image: float[3,224,224] -> class: classes[1000]");
  CHECK(network_text(*wide, task) ==
        "image: float[3,224,224] -> class: classes[1000]; space.width_multiplier=1.2");
}

TEST_CASE("spaces: decisions have unique names and unique printable choices") {
  for_every_space([](const SearchSpace& space) {
    std::set<std::string> names;
    REQUIRE_FALSE(space.decisions().empty());
    for (const Decision& decision : space.decisions()) {
      CAPTURE(decision.name);
      CHECK(names.insert(decision.name).second);
      CHECK(decision.choices.size() >= 2);
      CHECK(std::set(decision.choices.begin(), decision.choices.end()).size() ==
            decision.choices.size());
      for (const std::string& choice : decision.choices) CHECK_FALSE(choice.empty());
    }
  });
}

TEST_CASE("spaces: samples are valid and their text reads back as the same architecture") {
  for_every_space([](const SearchSpace& space) {
    Rng rng = rng_for("round trip");
    for (int i = 0; i < 200; ++i) {
      const Architecture architecture = sample(space, rng);
      CHECK_NOTHROW(validate(space, architecture));
      const std::string text = space.format(architecture);
      CAPTURE(text);
      CHECK(is_one_line(text));
      CHECK(space.parse(text) == architecture);
      CHECK(space.parse("  " + text + "\n") == architecture);
    }
  });
}

/// Names and lengths of the outputs that a settled task asks for.
std::vector<std::pair<std::string, std::int64_t>> outputs_of(const Task& task) {
  std::vector<std::pair<std::string, std::int64_t>> outputs;
  if (task.classes > 0) outputs.emplace_back("logits", task.classes);
  if (task.embedding > 0) outputs.emplace_back("embedding", task.embedding);
  return outputs;
}

TEST_CASE("spaces: every sample of a space of circuits becomes wires from end to end") {
  int circuits = 0;
  for_every_space([&](const SearchSpace& space) {
    const auto qubits = static_cast<std::size_t>(space.info().default_task.qubits);
    if (qubits == 0) return;
    ++circuits;
    Rng rng = rng_for("wires");
    for (int i = 0; i < 8; ++i) {
      const ArchGraph graph = space.build(sample(space, rng), space.info().default_task);
      CHECK_NOTHROW(graph.check());
      CHECK(is_circuit(graph));
      CHECK(graph.graph_inputs().size() == qubits);
      CHECK(graph.graph_outputs().size() == qubits);
      CHECK(static_cast<std::size_t>(circuit_cost(graph).qubits) == qubits);
    }
  });
  CHECK(circuits >= 2);
}

TEST_CASE("spaces: every sample becomes a checked graph with the outputs of its task") {
  for_every_space([](const SearchSpace& space) {
    if (space.info().default_task.qubits > 0) return;
    Rng rng = rng_for("build");
    for (const Task& task : small_tasks(space.info())) {
      for (int i = 0; i < 4; ++i) {
        const ArchGraph graph = space.build(sample(space, rng), task);
        CHECK_NOTHROW(graph.check());
        REQUIRE(graph.graph_inputs().size() == 1);
        CHECK(graph.type({graph.graph_inputs()[0], 0}).shape == task.input);
        std::vector<std::pair<std::string, std::int64_t>> outputs;
        for (const GraphOutput& output : graph.graph_outputs()) {
          REQUIRE(graph.type(output.value).shape.rank() == 1);
          outputs.emplace_back(output.name, graph.type(output.value).shape[0]);
        }
        CHECK(outputs == outputs_of(space.settle(task)));
        CHECK(graph_cost(graph).params > 0);
      }
    }
  });
}

TEST_CASE("spaces: equal choices give equal graphs, also from another instance and other threads") {
  for (const Plugin<SearchSpace>* plugin : space_plugins()) {
    CAPTURE(plugin->name);
    const auto space = plugin->make({});
    const auto other = plugin->make({});
    Rng rng = rng_for("determinism");
    const Task task = small_tasks(space->info())[0];
    std::vector<Architecture> architectures;
    for (int i = 0; i < 4; ++i) architectures.push_back(sample(*space, rng));
    std::vector<ArchGraph> graphs(8);
    test::on_two_threads(
        8, [&](std::size_t i) { graphs[i] = space->build(architectures[i % 4], task); });
    for (std::size_t i = 0; i < 4; ++i) {
      CHECK(graphs[i] == graphs[i + 4]);
      CHECK(graphs[i] == other->build(architectures[i], task));
      CHECK(digest(graphs[i]) == digest(graphs[i + 4]));
    }
  }
}

TEST_CASE("spaces: a blueprint resolves to the graph that build gives") {
  int with_blueprint = 0;
  for_every_space([&](const SearchSpace& space) {
    Rng rng = rng_for("blueprint");
    for (const Task& task : small_tasks(space.info())) {
      const std::optional<Blueprint> blueprint = space.blueprint(task);
      if (!blueprint) continue;
      ++with_blueprint;
      const Architecture architecture = sample(space, rng);
      CHECK(resolve(*blueprint, architecture.choices) == space.build(architecture, task));
    }
  });
  CHECK(with_blueprint >= 8);
}

TEST_CASE("spaces: decisions without effect have their first choice, and no effect") {
  int conditional_spaces = 0;
  for_every_space([&](const SearchSpace& space) {
    const auto* conditional = dynamic_cast<const ConditionalDecisions*>(&space);
    if (conditional == nullptr) return;
    ++conditional_spaces;
    Rng rng = rng_for("conditional");
    const Task task = small_tasks(space.info())[0];
    std::size_t inactive = 0;
    for (int i = 0; i < 20; ++i) {
      const Architecture architecture = sample(space, rng);
      const std::vector<bool> active = conditional->active(architecture.choices);
      REQUIRE(active.size() == architecture.choices.size());
      const ArchGraph graph = space.build(architecture, task);
      const std::optional<Blueprint> blueprint = space.blueprint(task);
      for (std::size_t decision = 0; decision < active.size(); ++decision) {
        if (active[decision]) continue;
        ++inactive;
        CHECK(architecture.choices[decision] == 0);
        Architecture changed = architecture;
        changed.choices[decision] = 1;
        CHECK(is_one_line(usage_error([&] { validate(space, changed); })));
        if (blueprint) CHECK(resolve(*blueprint, changed.choices) == graph);
        make_canonical(space, changed);
        CHECK(changed == architecture);
      }
    }
    CHECK(inactive > 0);
  });
  CHECK(conditional_spaces >= 1);
}

TEST_CASE("spaces: neighbours are valid, distinct and differ in exactly one decision") {
  for_every_space([](const SearchSpace& space) {
    Rng rng = rng_for("neighbours");
    const Architecture architecture = sample(space, rng);
    const std::vector<Architecture> found = neighbours(space, architecture);
    CHECK(std::set(found.begin(), found.end()).size() == found.size());
    REQUIRE_FALSE(found.empty());
    for (const Architecture& neighbour : found) {
      CHECK_NOTHROW(validate(space, neighbour));
      CHECK(differences(space, architecture, neighbour) == 1);
    }
    const Architecture mutant = mutate(space, architecture, rng);
    CHECK_NOTHROW(validate(space, mutant));
    CHECK(differences(space, architecture, mutant) == 1);
  });
}

TEST_CASE("spaces: the published order is a bijection") {
  int indexed_spaces = 0;
  for_every_space([&](const SearchSpace& space) {
    const auto* indexed = dynamic_cast<const IndexedSpace*>(&space);
    if (indexed == nullptr) return;
    ++indexed_spaces;
    std::set<Architecture> seen;
    const std::uint64_t step = indexed->size() / 50'000 + 1;  // all of most spaces
    std::uint64_t tried = 0;
    for (std::uint64_t i = 0; i < indexed->size(); i += step) {
      const Architecture architecture = indexed->at(i);
      ++tried;
      seen.insert(architecture);
      if (indexed->index_of(architecture) != i) FAIL("index ", i, " does not come back");
    }
    CHECK(seen.size() == tried);
    CHECK(indexed->index_of(indexed->at(indexed->size() - 1)) == indexed->size() - 1);
    CHECK(is_one_line(usage_error([&] { indexed->at(indexed->size()); })));
  });
  CHECK(indexed_spaces >= 5);
}

TEST_CASE("spaces: wrong architectures are refused in one line, by build and by format") {
  for_every_space([](const SearchSpace& space) {
    Rng rng = rng_for("wrong");
    const Task task = small_tasks(space.info())[0];
    const Architecture good = sample(space, rng);
    Architecture short_one = good, far_one = good, foreign = good;
    short_one.choices.pop_back();
    far_one.choices[0] = 9999;
    foreign.space = "elsewhere";
    for (const Architecture& bad : {short_one, far_one, foreign, Architecture{}}) {
      CHECK(is_one_line(usage_error([&] { space.build(bad, task); })));
      CHECK(is_one_line(usage_error([&] { space.format(bad); })));
    }
  });
}

TEST_CASE("spaces: wrong tasks are refused in one line") {
  for_every_space([](const SearchSpace& space) {
    Rng rng = rng_for("tasks");
    const Architecture architecture = sample(space, rng);
    const Task good = small_tasks(space.info())[0];
    std::vector<Task> bad(7, good);
    bad[0].input = Shape{3};
    bad[1].input = Shape{3, 0, 8};
    bad[2].classes = space.settle(good).embedding > 0 || good.qubits > 0 ? -1 : 0;
    bad[3].width = -1;
    bad[4].depth = -1;
    bad[5].skeleton = "cifer";
    bad[6].embedding = -1;
    for (const Task& task : bad) {
      CHECK(is_one_line(usage_error([&] { space.build(architecture, task); })));
    }
  });
}

/// One or two characters of the text changed, removed, doubled or cut off.
std::string damaged(std::string text, Rng& rng) {
  static constexpr std::string_view kAlphabet = "0123456789abcdefxyz|~+:;,=_()[]' \t";
  for (std::uint64_t edits = 1 + rng.below(2); edits > 0 && !text.empty(); --edits) {
    const auto at = static_cast<std::size_t>(rng.below(text.size()));
    switch (rng.below(4)) {
      case 0:
        text[at] = kAlphabet[rng.below(kAlphabet.size())];
        break;
      case 1:
        text.erase(at, 1);
        break;
      case 2:
        text.insert(at, 1, text[at]);
        break;
      default:
        text.resize(at);
    }
  }
  return text;
}

TEST_CASE("spaces: damaged text gives a usage error in one line or a valid architecture") {
  for_every_space([](const SearchSpace& space) {
    Rng rng = rng_for("damage");
    int refused = 0;
    for (int i = 0; i < 500; ++i) {
      const std::string text = damaged(space.format(sample(space, rng)), rng);
      CAPTURE(text);
      std::optional<Architecture> read;
      const std::string error = usage_error([&] { read = space.parse(text); });
      refused += error.empty() ? 0 : 1;
      if (read) {
        CHECK_NOTHROW(validate(space, *read));
      } else {
        CHECK(is_one_line(error));
        CHECK(error.starts_with(space.info().name));
      }
    }
    CHECK(refused > 100);
  });
}

TEST_CASE("spaces: text that is not an architecture is refused in one line") {
  for_every_space([](const SearchSpace& space) {
    const std::string long_text(100'000, '|');
    for (const std::string& text :
         {std::string(), std::string(" "), std::string("nonsense"), std::string("\x1b[31m\n\0x", 8),
          std::string("\xff\xfe"), long_text}) {
      const std::string error = usage_error([&] { space.parse(text); });
      CHECK(is_one_line(error));
      CHECK(error.size() < 400);
      CHECK(error.find('\x1b') == std::string::npos);
    }
  });
}

TEST_CASE("spaces: unknown spaces are named with the near miss") {
  const std::string error = usage_error([] { make_space("nasbench20"); });
  CHECK(error.find("did you mean 'nasbench201'") != std::string::npos);
}

}  // namespace
}  // namespace nas
