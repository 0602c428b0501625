#include "hwmodels/lookup_table.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <ctime>

#include "core/api/decision_effects.h"
#include "core/util/csv.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/rng.h"
#include "core/util/text.h"
#include "searchspaces/registry.h"
#include "tests/test_data.h"

// Golden values: the published tables of ProxylessNAS and Once-for-All, summed by other code
// (data sets oneshot-latency-luts and oneshot-ofa-predictor; the tutorial of Once-for-All prints
// 24.73 ms).

namespace nas {
namespace {

std::unique_ptr<SearchSpace> make_space(std::string_view name, const OptionMap& options = {}) {
  return find_plugin(space_plugins(), "space", name).make(options);
}

const Device kNote{"note10", "", ""};
const Device kPixel{"pixel1", "", ""};

double latency_of(const SearchSpace& space, const AdditiveModel& model, const Device& device,
                  std::string_view text) {
  const ArchGraph graph = space.build(space.parse(text), space.info().default_task);
  return model.estimate(graph, device).milliseconds;
}

/// The same probability for every choice.
ChoiceProbabilities uniform(const SearchSpace& space) {
  ChoiceProbabilities probabilities;
  for (const Decision& decision : space.decisions()) {
    const std::size_t count = decision.choices.size();
    probabilities.emplace_back(count, 1.0 / static_cast<double>(count));
  }
  return probabilities;
}

std::string error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// "3 5 7" -> "3,5,7".
std::string comma_list(std::string_view text) {
  return join(split_words(text), ",");
}

std::string repeated(const std::string& word, std::size_t times) {
  return join(std::vector<std::string>(times, word), ",");
}

/// A table in a file of its own.
struct TableFile {
  TemporaryDirectory directory;
  std::filesystem::path path = directory.path() / "table.csv";
  explicit TableFile(const std::string& text) { write_file_atomically(path, text); }
};

std::string read_error(const std::string& text) {
  const TableFile file(text);
  return error_of([&] { read_lookup_table(file.path, "toy"); });
}

TEST_CASE(
    "look-up tables: our own form names any part, with entries for all uses of an operation") {
  const TableFile table(
      "key,latency_ms\nmbconv *,1\nmbconv 16x112x112 mid_channels=48 out_channels=24 kernel=5 "
      "stride=2 relu6=true eps=0.001,3\nconv2d *,0.5\nbatch_norm *,0\nrelu6 *,0\nadd "
      "*,0.125\nglobal_avg_pool *,0\nlinear *,0.25\n");
  const auto space = make_space("proxylessnas");
  const auto model = read_lookup_table(table.path, "toy");
  REQUIRE(model->devices().size() == 1);
  CHECK(model->devices()[0].name == "toy");
  const Device toy{"toy", "", ""};
  const std::string zeros = " Z Z Z | 3,3 Z Z Z | 3,3 Z Z Z | 3,3 Z Z Z | 3,3 Z Z Z | 3,3";
  CHECK(latency_of(*space, *model, toy, "3,3" + zeros) == doctest::Approx(7 + 2 * 0.5 + 0.25));
  CHECK(latency_of(*space, *model, toy, "5,3" + zeros) == doctest::Approx(9 + 2 * 0.5 + 0.25));
  const std::string skips = " 3,3 3,3 3,3 | 3,3 Z Z Z | 3,3 Z Z Z | 3,3 Z Z Z | 3,3 Z Z Z | 3,3";
  CHECK(latency_of(*space, *model, toy, "3,3" + skips) ==
        doctest::Approx(10 + 3 * 0.125 + 2 * 0.5 + 0.25));
  const std::string error = error_of([&] {
    latency_of(*space, *model, {"tow", "", ""}, "3,3" + zeros);
  });
  CHECK(has(error, "did you mean 'toy'"));
}

TEST_CASE("look-up tables: a missing entry is an error that names it, for a network and a space") {
  const TableFile table("key,latency_ms\nmbconv *,1\nconv2d *,0.5\nadd *,0\nrelu6 *,0\n");
  const auto space = make_space("proxylessnas");
  const auto model = read_lookup_table(table.path, "toy");
  const Device toy{"toy", "", ""};
  const std::string network = error_of([&] {
    latency_of(*space, *model, toy,
               "3,3 Z Z Z | 3,3 Z Z Z | 3,3 Z Z Z | 3,3 Z Z Z | 3,3 Z Z Z | "
               "3,3");
  });
  CHECK(has(network, "has no entry 'batch_norm 32x112x112"));
  CHECK(has(network, "which 'stem' needs"));
  const auto blueprint = space->blueprint(space->info().default_task).value();
  CHECK(error_of([&] { model->cost(blueprint, toy); }) == network);
}

TEST_CASE("look-up tables: damaged files are one line with the file and the line") {
  CHECK(has(read_error("key,mean_ms\na,1\nb,-1\n"), "table.csv, line 3: mean_ms = '-1'"));
  CHECK(has(read_error("key,mean_ms\na,-1\n"), "leave out what was not measured"));
  CHECK(has(read_error("key,mean_ms\na,fast\n"), "line 2: mean_ms = 'fast'"));
  CHECK(has(read_error("key,mean_ms\na,nan\n"), "expected milliseconds >= 0"));
  CHECK(has(read_error("key,mean_ms\na,1\na,1\n"), "line 3: a second entry of key 'a'"));
  CHECK(has(read_error("key,resolution,mean_ms\na,160,1\na,x,1\n"), "line 3: resolution = 'x'"));
  CHECK(has(read_error("key,device,mean_ms\na,,1\n"), "line 2: the device is empty"));
  CHECK(has(read_error("key,mean_ms\n,1\n"), "line 2: the key is empty"));
  CHECK(has(read_error("key,mean_ms\n"), "has no entries"));
  CHECK(has(read_error("key,ms\na,1\n"), "latency_ms"));
  CHECK(has(error_of([] { read_lookup_table("/no/such/table.csv", "toy"); }), "table.csv"));
  CHECK(read_error("key,resolution,mean_ms\na,160,1\na,224,1\n").empty());
  CHECK(read_error("key,device,mean_ms\na,x,1\na,y,1\n").empty());
}

TEST_CASE(
    "look-up tables: a table may say kind and settings of its device, the same in every row") {
  const std::string settings = "\"batch=8,threads=2,machine=lab (a, b)\"";
  const TableFile table("device,kind,settings,key,latency_ms\nt2,cpu," + settings +
                        ",conv2d *,1\nt2,cpu," + settings + ",add *,2\n");
  const Device device = read_lookup_table(table.path, "")->devices()[0];
  CHECK(device.kind == "cpu");
  CHECK(device.settings == "batch=8,threads=2,machine=lab (a, b)");
  const std::string error =
      read_error("device,settings,key,latency_ms\nt2,batch=1,a,1\nt2,batch=8,b,1\n");
  CHECK(has(error, "line 3: device 't2' is (table, batch=1) in a row before"));
  CHECK(has(error, "(table, batch=8) here"));
}

TEST_CASE("look-up tables: what a none cuts off does not run and costs nothing") {
  const TableFile table(
      "key,latency_ms\nrelu_conv_bn *,1\nnb201_residual *,3\nconv2d *,1\nzero *,100\n"
      "batch_norm *,0\nrelu *,0\nadd *,0\nidentity *,0\nglobal_avg_pool *,0\nlinear *,0\n");
  const auto space = make_space("nasbench201");
  const auto model = read_lookup_table(table.path, "toy");
  const Device toy{"toy", "", ""};
  const double skeleton = 1 + 2 * 3;  // stem and two blocks between the stages of five cells
  const auto latency = [&](const char* text) { return latency_of(*space, *model, toy, text); };
  CHECK(latency("|skip_connect~0|+|none~0|none~1|+|skip_connect~0|none~1|none~2|") ==
        doctest::Approx(skeleton));
  // The convolution leads to node 1 alone, whose edges are none.
  CHECK(latency("|nor_conv_3x3~0|+|none~0|none~1|+|skip_connect~0|none~1|none~2|") ==
        doctest::Approx(skeleton));
  CHECK(latency("|nor_conv_3x3~0|+|none~0|none~1|+|skip_connect~0|nor_conv_1x1~1|none~2|") ==
        doctest::Approx(skeleton + 15 * 2));
}

TEST_CASE("look-up tables: published forms refuse networks that they cannot have") {
  const TableFile ratio("key,mean_ms\nexpanded_conv-x,1\n");
  const TableFile channels("key,mean_ms\nexpanded_conv-x-se:0-hs:0,1\n");
  const auto table_error = [&](const TableFile& file, std::string_view name) {
    const auto space = make_space(name);
    const auto model = read_lookup_table(file.path, "toy");
    Rng rng({.seed = 1, .purpose = Purpose::kTest});
    return error_of([&] {
      model->estimate(space->build(sample(*space, rng), space->info().default_task),
                      {"toy", "", ""});
    });
  };
  CHECK(
      has(table_error(ratio, "proxylessnas"), "no entry 'Conv-input:224x224x3-output:112x112x32'"));
  CHECK(has(table_error(channels, "efficient_tdnn"), "have no '"));
  CHECK(has(table_error(channels, "ofa_mobilenetv3"), "'Conv-input:"));
}

TEST_CASE("additive costs: the expectation is linear in each decision, and so is its gradient") {
  const ElasticValue one = ElasticValue::of(0, std::vector<AttrValue>{1.0, 2.0, 4.0});
  const ElasticValue two =
      ElasticValue::of({0, 2}, {3, 2}, [](Choices c) { return AttrValue(10.0 * c[0] + c[1]); });
  const AdditiveCost cost{0.5, {one, two}};
  const std::array<std::uint16_t, 3> choices{2, 0, 1};
  CHECK(cost.at(choices) == 0.5 + 4 + 21);
  ChoiceProbabilities p{{0, 0, 1}, {1}, {0, 1}};
  CHECK(cost.expected(p) == cost.at(choices));
  p = {{0.2, 0.5, 0.3}, {1}, {0.4, 0.6}};
  CHECK(cost.expected(p) == doctest::Approx(0.5 + 2.4 + 11 + 0.6));
  const ChoiceProbabilities gradient = cost.gradient(p);
  for (std::size_t decision = 0; decision < p.size(); ++decision) {
    for (std::size_t choice = 0; choice < p[decision].size(); ++choice) {
      ChoiceProbabilities up = p;
      up[decision][choice] += 1;
      CHECK(cost.expected(up) - cost.expected(p) ==
            doctest::Approx(gradient[decision][choice]).epsilon(1e-12));
    }
  }
}

TEST_CASE("acceptance: look-up tables, golden latencies of ProxylessNAS on a Pixel 1") {
  const auto dir = test::test_data("oneshot-latency-luts");
  if (dir.empty()) return;
  const auto space = make_space("proxylessnas");
  const auto model = read_lookup_table(dir / "proxylessnas_mobile.csv", "pixel1");
  const auto blueprint = space->blueprint(space->info().default_task).value();
  const AdditiveCost cost = model->cost(blueprint, kPixel);
  CHECK(cost.terms.size() == 21);
  CHECK(std::abs(cost.fixed - 11.364155586724564) < 1e-12);
  CHECK(std::abs(cost.expected(uniform(*space)) - 113.98812882557645) < 1e-12);
  constexpr std::array<double, 6> kChains{76.04809869,  136.46626592, 87.72027820,
                                          158.95274586, 103.66616483, 191.02987127};
  for (std::uint16_t operation = 0; operation < kChains.size(); ++operation) {
    const Architecture chain{space->info().name, std::vector<std::uint16_t>(21, operation)};
    CHECK(std::abs(cost.at(chain.choices) - kChains[operation]) < 1e-8);
    CHECK(std::abs(latency_of(*space, *model, kPixel, space->format(chain)) - kChains[operation]) <
          1e-8);
  }
  const std::string zeros = "3,3 Z Z Z | 3,3 Z Z Z | 3,3 Z Z Z | 3,3 Z Z Z | 3,3 Z Z Z | 3,3";
  CHECK(std::abs(latency_of(*space, *model, kPixel, zeros) - 29.608775604781385) < 1e-12);
  CHECK(std::abs(cost.at(space->parse(zeros).choices) - 29.608775604781385) < 1e-12);
  // The published mobile network has 32 channels where the table has 24.
  const auto mobile = make_space("proxylessnas", {{"widths", "mobile"}});
  CHECK(has(error_of([&] { latency_of(*mobile, *model, kPixel, zeros); }),
            "no entry 'expanded_conv-input:112x112x16-output:56x56x32-expand:3-kernel:3-stride:2"));
}

TEST_CASE(
    "acceptance: look-up tables, descent on the expected latency ends at the fastest network") {
  const auto dir = test::test_data("oneshot-latency-luts");
  if (dir.empty()) return;
  const auto space = make_space("proxylessnas");
  const auto model = read_lookup_table(dir / "proxylessnas_mobile.csv", "pixel1");
  const AdditiveCost cost =
      model->cost(space->blueprint(space->info().default_task).value(), kPixel);
  ChoiceProbabilities alphas = uniform(*space), probabilities = alphas;
  for (std::vector<double>& alpha : alphas) std::ranges::fill(alpha, 0.0);
  for (int step = 0; step < 400; ++step) {
    const ChoiceProbabilities gradient = cost.gradient(probabilities);
    for (std::size_t d = 0; d < alphas.size(); ++d) {
      std::vector<double>& p = probabilities[d];
      double mean = 0, total = 0;
      for (std::size_t c = 0; c < p.size(); ++c) mean += p[c] * gradient[d][c];
      for (std::size_t c = 0; c < p.size(); ++c) alphas[d][c] -= p[c] * (gradient[d][c] - mean);
      for (std::size_t c = 0; c < p.size(); ++c) total += std::exp(alphas[d][c]);
      for (std::size_t c = 0; c < p.size(); ++c) p[c] = std::exp(alphas[d][c]) / total;
    }
  }
  CHECK(cost.expected(probabilities) == doctest::Approx(29.61).epsilon(0.01));
  Architecture best{space->info().name, {}};
  for (const std::vector<double>& alpha : alphas) {
    best.choices.push_back(
        static_cast<std::uint16_t>(std::ranges::max_element(alpha) - alpha.begin()));
  }
  CHECK(space->format(best) == "3,3 Z Z Z | 3,3 Z Z Z | 3,3 Z Z Z | 3,3 Z Z Z | 3,3 Z Z Z | 3,3");
}

TEST_CASE("acceptance: look-up tables, golden latencies of Once-for-All on a Note 10") {
  const auto dir = test::test_data("oneshot-latency-luts");
  if (dir.empty()) return;
  const auto space = make_space("ofa_mobilenetv3", {{"width_multiplier", "1.2"}});
  const auto model = read_lookup_table(dir / "ofa_note10.csv", "note10");
  const auto latency = [&](const std::string& text) {
    return latency_of(*space, *model, kNote, text);
  };
  const std::string tutorial =
      ";d=2,2,3,4,3;k=5,3,5,3,7,7,3,5,5,7,3,3,3,5;e=3,3,4,4,6,3,4,4,4,4,3,6,6,6";
  CHECK(std::abs(latency("r=192" + tutorial) - 24.73016685342752) < 1e-12);
  CHECK(std::abs(latency("r=160" + tutorial) - 18.35385376) < 1e-8);
  CHECK(std::abs(latency("r=176" + tutorial) - 21.89395994) < 1e-8);
  CHECK(std::abs(latency("r=208" + tutorial) - 29.64654121) < 1e-8);
  CHECK(std::abs(latency("r=224" + tutorial) - 33.10543572) < 1e-8);
  CHECK(std::abs(latency("r=224;d=4,4,4,4,4;k=" + repeated("7", 20) + ";e=" + repeated("6", 20)) -
                 92.39803799) < 1e-8);
  CHECK(std::abs(latency("r=160;d=2,2,2,2,2;k=" + repeated("3", 10) + ";e=" + repeated("3", 10)) -
                 9.89034651) < 1e-8);
  const std::string missing = error_of([&] { latency("r=240" + tutorial); });
  CHECK(has(missing, "has no entry 'Conv-input:240x240x3-output:120x120x24' at resolution 240"));
  CHECK(has(missing, "which 'stem' needs; it is of resolutions 160, 176, 192, 208, 224"));
}

TEST_CASE("acceptance: look-up tables, the published network for 30 ms on a Note 10") {
  const auto dir = test::test_data("oneshot-latency-luts");
  const auto networks = test::test_data("oneshot-ofa-specialized");
  if (dir.empty() || networks.empty()) return;
  const auto space = make_space("ofa_mobilenetv3", {{"width_multiplier", "1.2"}});
  const auto model = read_lookup_table(dir / "ofa_note10.csv", "note10");
  const CsvTable table = CsvTable::parse(read_file(networks / "specialized.csv"), "specialized");
  int found = 0;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const auto text = [&](std::string_view column) {
      return std::string(table.at(row, table.column(column)));
    };
    if (!text("net_id").starts_with("note10_lat@30ms")) continue;
    ++found;
    const double milliseconds =
        latency_of(*space, *model, kNote,
                   "r=" + text("resolution") + ";d=" + comma_list(text("depths")) +
                       ";k=" + comma_list(text("kernels")) + ";e=" + comma_list(text("expands")));
    CHECK(std::abs(milliseconds - 29.965345915) < 1e-8);
  }
  CHECK(found == 1);
}

TEST_CASE("acceptance: look-up tables, 503 networks on a Note 10, as graphs and as choices") {
  const auto dir = test::test_data("oneshot-latency-luts");
  const auto golden = test::test_data("oneshot-ofa-predictor");
  if (dir.empty() || golden.empty()) return;
  const auto space =
      make_space("ofa_mobilenetv3", {{"width_multiplier", "1.2"}, {"grid", "coarse"}});
  const auto model = read_lookup_table(dir / "ofa_note10.csv", "note10");
  std::vector<AdditiveCost> costs;
  const auto& tasks = dynamic_cast<const ArchitectureTasks&>(*space);
  Architecture sized{space->info().name, std::vector<std::uint16_t>(space->decisions().size())};
  for (std::uint16_t& r = sized.choices[0]; r < 5; ++r) {
    const Task task = tasks.task_of(sized, space->info().default_task);
    costs.push_back(model->cost(space->blueprint(task).value(), kNote));
  }
  const CsvTable table = CsvTable::parse(read_file(golden / "golden_mbv3.csv"), "golden_mbv3.csv");
  REQUIRE(table.rows() == 503);
  double worst = 0;
  std::vector<Architecture> architectures;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const auto text = [&](std::string_view column) {
      return comma_list(table.at(row, table.column(column)));
    };
    const Architecture architecture =
        space->parse("r=" + text("resolution") + ";d=" + text("depths") + ";k=" + text("kernels") +
                     ";e=" + text("expands"));
    const ArchGraph graph = space->build(architecture, space->info().default_task);
    CHECK(graph_cost(graph).macs == parse_int(text("macs")));
    const double expected = parse_double(text("note10_latency_ms")).value();
    const double summed = costs[architecture.choices[0]].at(architecture.choices);
    worst = std::max(worst, std::abs(model->estimate(graph, kNote).milliseconds - expected));
    worst = std::max(worst, std::abs(summed - expected));
    architectures.push_back(architecture);
  }
  CHECK(worst < 1e-6);
  const std::clock_t start = std::clock();
  double sum = 0;
  constexpr int kRounds = 400;
  for (int round = 0; round < kRounds; ++round) {
    for (const Architecture& a : architectures) sum += costs[a.choices[0]].at(a.choices);
  }
  const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  CHECK(kRounds * 503 / seconds > 1e6);
  CHECK(sum > 0);
  MESSAGE("largest difference ", worst, " ms; ", kRounds * 503 / seconds,
          " estimates a second of processor time");
}

}  // namespace
}  // namespace nas
