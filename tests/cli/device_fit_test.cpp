#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "core/util/file.h"
#include "core/util/text.h"
#include "tests/cli/program.h"

namespace nas::test {
namespace {

constexpr const char* kCell =
    "|nor_conv_3x3~0|+|none~0|avg_pool_3x3~1|+|skip_connect~0|nor_conv_1x1~1|nor_conv_3x3~2|";

std::vector<std::string> lines_of(const std::filesystem::path& path) {
  std::vector<std::string> lines = split(read_file(path), '\n');
  while (!lines.empty() && lines.back().empty()) lines.pop_back();
  return lines;
}

}  // namespace

TEST_CASE("a model of this machine: fit, resume after a kill, estimate, search, verify") {
  const TemporaryDirectory directory;
  const auto run = [&](const std::vector<std::string>& words) {
    return nasctl(directory.path(), words);
  };
  const std::vector<std::string> fit = {"device",   "fit",     "mine",        "--model",
                                        "roofline", "--space", "nasbench201", "--networks",
                                        "10",       "--json"};
  Outcome outcome = run(fit);
  CAPTURE(outcome.err);
  REQUIRE(outcome.code == 0);
  const auto model = nlohmann::json::parse(outcome.out);
  CHECK(model.at("networks") == 10);
  CHECK(model.at("kind") == "roofline");
  CHECK(model.at("dense_gflops").get<double>() > 0);
  CHECK(run(fit).code == 2);  // the name is taken

  // What a killed fit leaves: some networks, half a line, no model. A turn takes a tenth of a
  // second.
  constexpr std::size_t kKept = 28;
  const std::filesystem::path log = directory.path() / "devices" / "mine.measurements.jsonl";
  const std::vector<std::string> lines = lines_of(log);
  REQUIRE(lines.size() == 31);
  std::string cut;
  for (std::size_t i = 0; i < kKept; ++i) cut += lines[i] + "\n";
  const std::filesystem::path other = directory.path() / "devices" / "again.measurements.jsonl";
  write_file_atomically(other, cut + lines[kKept].substr(0, 40));
  std::vector<std::string> again = fit;
  again[2] = "again";
  outcome = run(again);
  CAPTURE(outcome.err);
  REQUIRE(outcome.code == 0);
  const std::vector<std::string> resumed = lines_of(other);
  REQUIRE(resumed.size() == 31);
  for (std::size_t i = 0; i < 31; ++i) {
    const auto before = nlohmann::json::parse(lines[i]), after = nlohmann::json::parse(resumed[i]);
    if (i < kKept) CHECK(before == after);
    if (i > 0) CHECK(before.at("architecture") == after.at("architecture"));
  }
  std::vector<std::string> few = fit;
  few[2] = "few";
  few[8] = "9";
  outcome = run(few);
  CHECK(outcome.code == 2);
  CHECK(outcome.err.find("a fit to 9 networks; it needs 10 or more") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(directory.path() / "devices" / "few.measurements.jsonl"));
  again[9] = "--quiet";
  again[8] = "12";
  again.emplace_back("--seed");
  again.emplace_back("1");
  again[2] = "third";
  write_file_atomically(directory.path() / "devices" / "third.measurements.jsonl", cut);
  outcome = run(again);
  CHECK(outcome.code == 2);
  CHECK(outcome.err.find("other settings") != std::string::npos);
  // --replace measures beside them: here it resumes a fit that was killed after its last
  // measurement.
  const std::filesystem::path third = directory.path() / "devices" / "third.measurements.jsonl";
  std::string complete = join(lines, "\n") + "\n";
  complete.replace(complete.find("seed=0"), 6, "seed=1");
  write_file_atomically(third.string() + ".new", complete);
  again[8] = "10";
  again.emplace_back("--replace");
  outcome = run(again);
  CAPTURE(outcome.err);
  CHECK(outcome.code == 0);
  CHECK(read_file(third) == complete);
  CHECK_FALSE(std::filesystem::exists(third.string() + ".new"));

  outcome = run({"arch", "latency", "--space", "nasbench201", kCell, "--model", "mine", "--json"});
  CAPTURE(outcome.err);
  REQUIRE(outcome.code == 0);
  const auto estimate = nlohmann::json::parse(outcome.out);
  CHECK(estimate.at("latency_ms").get<double>() > 0);
  CHECK(estimate.at("low_ms") <= estimate.at("high_ms"));
  CHECK(estimate.at("runs") == 0);
  outcome =
      run({"arch", "latency", "--space", "nasbench201", kCell, "--model", "mine", "--layers"});
  CHECK(outcome.out.find("conv2d 16x32x32 out_channels=16 kernel=3 padding=1") !=
        std::string::npos);
  outcome = run({"search", "run", "--name", "limited", "--space", "nasbench201", "--searcher",
                 "random", "--budget", "5", "--minimize", "energy_mj@host", "--origin",
                 "latency_ms@host=roofline:mine:quantile=0.5", "--constraint",
                 "latency_ms<1000@host", "--origin", "energy_mj@host=power:15:roofline:mine"});
  CAPTURE(outcome.err);
  CHECK(outcome.code == 0);
  CHECK(outcome.out.find("energy_mj") != std::string::npos);
  outcome = run({"device", "verify", "mine", "--space", "nasbench201", "--networks", "3",
                 "--passes", "1", "--format", "csv"});
  CAPTURE(outcome.err);
  CHECK(outcome.code == 0);
  CHECK(outcome.out.find("nasbench201,roofline mine,3,0,") != std::string::npos);
  CHECK(run({"device", "verify", "mone"}).err.find("did you mean 'mine'") != std::string::npos);
}

}  // namespace nas::test
