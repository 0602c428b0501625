#include <doctest/doctest.h>

#include <cmath>

#include "core/util/csv.h"
#include "core/util/file.h"
#include "core/util/statistics.h"
#include "core/util/text.h"
#include "tests/searchspaces/space_testing.h"
#include "tests/test_data.h"

namespace nas {
namespace {

using test::make_space;
using test::usage_error;

GraphCost cost_of(const SearchSpace& space, std::string_view text, std::int64_t classes) {
  return graph_cost(space.build(space.parse(text), test::task_of({3, 32, 32}, classes)));
}

TEST_CASE("cifar_resnet: published students have their parameters and MACs") {
  const auto space = make_space("cifar_resnet");
  // DisWOT (2023), networks of CIFAR-100.
  CHECK(cost_of(*space, "111", 100).params == 83892);
  CHECK(published_macs(space->info(), cost_of(*space, "111", 100)) == 12507492);
  CHECK(cost_of(*space, "777", 100).params == 667188);
  CHECK(published_macs(space->info(), cost_of(*space, "777", 100)) == 97442148);
  CHECK(count(*space).digits == "64");
}

TEST_CASE("cifar_resnet: deep teachers are networks of the same space with other depths") {
  const auto space = make_space("cifar_resnet", {{"depths", "3-9-18"}});
  CHECK(space->format(space->parse("9-9-9")) == "999");
  CHECK(space->format(space->parse("18-18-18")) == "18-18-18");
  CHECK(space->format(space->parse("3-9-18")) == "3-9-18");
  // He et al. (2016), table 6: 0.27, 0.85 and 1.7 million parameters of ResNet-20, 56 and 110 with
  // 10 classes; shortcuts with weights add 2,752.
  const std::pair<std::string_view, double> kPublished[] = {
      {"333", 0.27e6}, {"999", 0.85e6}, {"18-18-18", 1.7e6}};
  for (const auto& [text, params] : kPublished) {
    CAPTURE(text);
    CHECK(static_cast<double>(cost_of(*space, text, 10).params) ==
          doctest::Approx(params).epsilon(0.03));
  }
}

TEST_CASE("cifar_resnet: bad texts and depths are refused with the reason") {
  const auto space = make_space("cifar_resnet");
  const auto error = [&](std::string_view text) {
    return usage_error([&] { space->parse(text); });
  };
  CHECK(error("35").find("three digits") != std::string::npos);
  CHECK(error("359").find("among 1, 3, 5, 7") != std::string::npos);
  CHECK(error("3-5-5-7").find("at character 6") != std::string::npos);
  for (const char* depths : {"", "0-1", "3-1", "1-100", "1,3", "a"}) {
    CAPTURE(depths);
    CHECK(usage_error([&] {
            make_space("cifar_resnet", {{"depths", depths}});
          }).find("ascending numbers") != std::string::npos);
  }
}

TEST_CASE("acceptance: cifar_resnet has the sizes and correlations of all 64 students") {
  const auto dir = test::test_data("tab-diswot-s0");
  if (dir.empty()) return;
  const CsvTable table = CsvTable::parse(read_file(dir / "s0_resnet64_cifar100.csv"), "S0");
  REQUIRE(table.rows() == 64);
  const auto number = [&](std::size_t row, std::string_view column) {
    return parse_double(table.at(row, table.column(column))).value();
  };
  const auto space = make_space("cifar_resnet");
  std::vector<double> params, macs, plain, distilled;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const std::string_view text = table.at(row, table.column("arch"));
    CAPTURE(text);
    const GraphCost cost = cost_of(*space, text, 100);
    params.push_back(static_cast<double>(cost.params));
    macs.push_back(static_cast<double>(published_macs(space->info(), cost)));
    CHECK(params.back() == number(row, "params"));
    CHECK(macs.back() == number(row, "macs"));
    plain.push_back(number(row, "acc_vanilla"));
    distilled.push_back(number(row, "acc_kd"));
  }
  // DisWOT's table of 64 students; Kendall and Spearman, to the four digits known.
  CHECK(std::abs(kendall_tau_b(plain, distilled).value() - 0.8356) < 5e-5);
  CHECK(std::abs(spearman(plain, distilled).value() - 0.9566) < 5e-5);
  CHECK(std::abs(kendall_tau_b(params, distilled).value() - 0.8729) < 5e-5);
  CHECK(std::abs(spearman(params, distilled).value() - 0.9679) < 5e-5);
  CHECK(std::abs(kendall_tau_b(macs, distilled).value() - 0.6572) < 5e-5);
  CHECK(std::abs(spearman(macs, distilled).value() - 0.8145) < 5e-5);
  CHECK(std::abs(kendall_tau_b(params, plain).value() - 0.7891) < 5e-5);
  CHECK(std::abs(kendall_tau_b(macs, plain).value() - 0.7244) < 5e-5);
}

}  // namespace
}  // namespace nas
