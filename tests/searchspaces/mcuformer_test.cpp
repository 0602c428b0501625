#include <doctest/doctest.h>

#include <cmath>

#include "core/util/csv.h"
#include "core/util/file.h"
#include "core/util/text.h"
#include "searchspaces/mcuformer_network.h"
#include "tests/searchspaces/space_testing.h"
#include "tests/test_data.h"

// Parameters of MCUFormer's networks, one by one, and the closed form of arXiv 2310.16898's
// released code.

namespace nas {
namespace {

using test::make_space;
using test::usage_error;

struct Described {
  std::int64_t patch = 16, embedding = 192;
  double rank = 0.9;
  std::vector<std::string> ratios, heads;

  std::string text() const {
    return "p=" + std::to_string(patch) + ";r=" + format_double(rank) +
           ";d=" + std::to_string(ratios.size()) + ";e=" + std::to_string(embedding) +
           ";m=" + join(ratios, ",") + ";h=" + join(heads, ",");
  }

  /// Patches of 240 x 240: 8 x 8 and 9 x 9 of the two sizes that are padded.
  std::int64_t patches() const {
    const std::int64_t along = patch == 32 ? 8 : patch == 28 ? 9 : 240 / patch;
    return along * along;
  }

  std::int64_t params() const {
    const std::int64_t e = embedding;
    const auto floor_of = [](double value) {
      return static_cast<std::int64_t>(std::floor(value + 1e-9));
    };
    const std::int64_t r = floor_of(256 * rank), m = floor_of(static_cast<double>(e) * rank);
    std::int64_t total = 3 * patch * patch * e + e + e * (2 + patches()) + 2 * e + 1000 * e + 1000;
    for (std::size_t i = 0; i < ratios.size(); ++i) {
      const std::int64_t q = 64 * parse_int(heads[i]).value();
      const std::int64_t f = floor_of(static_cast<double>(e) * parse_double(ratios[i]).value());
      total += r * e + r * r + 3 * q * r + 3 * q + r * q + r * r + e * r + e + 7680 + 4 * e +
               m * e + m * m + f * m + f + m * f + m * m + e * m + e;
    }
    return total;
  }
};

std::int64_t params_of(const SearchSpace& space, const Described& network) {
  const Architecture architecture = space.parse(network.text());
  CHECK(space.format(architecture) == network.text());
  return graph_cost(space.build(architecture, space.info().default_task)).params;
}

TEST_CASE("acceptance: mcuformer has the parameters of the 413 candidates of a published search") {
  const auto dir = test::test_data("mcu-mcuformer-search");
  if (dir.empty()) return;
  const CsvTable csv =
      CsvTable::parse(read_file(dir / "evolution_candidates.csv"), "evolution_candidates.csv");
  REQUIRE(csv.rows() == 413);
  const auto space = make_space("mcuformer");
  std::size_t published = 0, exact = 0, as_formula = 0;
  for (std::size_t row = 0; row < csv.rows(); ++row) {
    const auto text = [&](std::string_view column) { return csv.at(row, csv.column(column)); };
    const Described network{.embedding = parse_int(text("embed_dim")).value(),
                            .ratios = split(text("mlp_ratios"), '-'),
                            .heads = split(text("num_heads"), '-')};
    const std::int64_t params = params_of(*space, network);
    as_formula += params == network.params() ? 1 : 0;
    const auto millions = parse_double(text("params_M"));
    if (!millions) continue;  // a candidate that was made and not judged
    ++published;
    exact += params == std::llround(*millions * 1e6) ? 1 : 0;
  }
  CHECK(as_formula == 413);
  CHECK(published == 369);
  CHECK(exact == 369);
}

TEST_CASE("mcuformer: parameters of every patch, rank and embedding are those of the closed form") {
  const auto space = make_space("mcuformer");
  for (const std::int64_t patch : {32, 28, 24, 20, 16}) {
    for (const double rank : {0.4, 0.55, 0.7, 0.95}) {
      for (const std::int64_t embedding : {168, 192, 216}) {
        Described network{.patch = patch, .embedding = embedding, .rank = rank};
        network.ratios.assign(13, "3.5");
        network.ratios[4] = "4";
        network.heads.assign(13, "4");
        network.heads[12] = "3";
        CAPTURE(network.text());
        CHECK(params_of(*space, network) == network.params());
      }
    }
  }
}

TEST_CASE("mcuformer: tokens of a network are 8 x 8 to 15 x 15 patches and a class token") {
  const auto space = make_space("mcuformer");
  Described network{.embedding = 216, .rank = 0.5};
  network.ratios.assign(12, "4");
  network.heads.assign(12, "3");
  for (const std::int64_t patch : {32, 28, 24, 20, 16}) {
    network.patch = patch;
    const ArchGraph graph = space->build(space->parse(network.text()), space->info().default_task);
    std::int64_t seen = 0;
    for (NodeId node = 0; node < graph.size(); ++node) {
      if (graph.op(node).name != "position_embedding") continue;
      CHECK(graph.output_types(node)[0].shape == Shape{216, network.patches() + 1});
      ++seen;
    }
    CHECK(seen == 1);
  }
}

TEST_CASE("mcuformer: bytes that the paper's search counts are those of its table") {
  // Sheet 2.4: E = 192, R = 4, KB.
  const auto kilobytes = [](std::int64_t patch, double rank) {
    return std::llround(mcuformer_peak_bytes(192, patch, 4, rank) / 1024);
  };
  const std::int64_t patches[] = {16, 20, 24, 28, 32};
  const std::int64_t low[] = {269, 194, 152, 127, 111}, high[] = {341, 266, 224, 199, 183};
  for (std::size_t i = 0; i < 5; ++i) {
    CHECK(kilobytes(patches[i], 0.4) == low[i]);
    CHECK(kilobytes(patches[i], 0.9) == high[i]);
  }
  CHECK(mcuformer_peak_bytes(192, 16, 4, 0.9) > 320 * 1024);
}

TEST_CASE("mcuformer: small images have patches in proportion, and small heads narrow layers") {
  const auto space = make_space("mcuformer");
  CHECK(mcuformer_patch(16, {3, 240, 240}) == 16);
  CHECK(mcuformer_patch(32, {3, 32, 32}) == 4);
  CHECK(mcuformer_patch(16, {1, 8, 20}) == 1);
  Described network;
  network.ratios.assign(12, "4");
  network.heads.assign(12, "4");
  Task task = test::task_of({1, 28, 28}, 10);
  task.width = 8;
  const ArchGraph small = space->build(space->parse(network.text()), task);
  task.width = 0;
  const ArchGraph usual = space->build(space->parse(network.text()), task);
  const double ratio =
      static_cast<double>(graph_cost(usual).params) / static_cast<double>(graph_cost(small).params);
  CHECK(ratio > 40);
  CHECK(ratio < 64);
}

TEST_CASE("mcuformer: options take a part of the space without changing texts") {
  const auto all = make_space("mcuformer");
  const auto part = make_space("mcuformer", {{"patch", "24"}, {"rank", "0.5"}});
  Rng rng({.seed = 3, .purpose = Purpose::kTest});
  const Architecture drawn = sample(*part, rng);
  const std::string text = part->format(drawn);
  CHECK(text.starts_with("p=24;r=0.5;d="));
  const Task& task = all->info().default_task;
  CHECK(all->build(all->parse(text), task) == part->build(drawn, task));
}

TEST_CASE("mcuformer: what is wrong in a text is named") {
  const auto space = make_space("mcuformer");
  const auto error = [&](const std::string& text) {
    return usage_error([&] { space->parse(text); });
  };
  CHECK(error("p=18;r=0.9").find("patch") != std::string::npos);
  CHECK(error("p=16;r=0.92").find("did you mean '0.9'") != std::string::npos);
  CHECK(error("p=16;r=0.9;d=12;e=192;m=4,4").find("expected ','") != std::string::npos);
}

}  // namespace
}  // namespace nas
