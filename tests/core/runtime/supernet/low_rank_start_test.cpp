#include "core/runtime/supernet/low_rank_start.h"

#include <doctest/doctest.h>

#include <cmath>

#include "core/util/error.h"

namespace nas {
namespace {

constexpr RngKey kKey{.seed = 3, .purpose = Purpose::kInit};

/// A layer and an attention, of whole layers (rank 0) or of factors.
WeightBank bank_of(std::int64_t rank, std::uint64_t seed = 3) {
  BlueprintBuilder builder;
  Value x = builder.input({Element::kFloat, {6, 5}});
  {
    const Scope scope(builder, "layer");
    x = builder.add("low_rank_conv1d", {x}, {{"out_channels", 8}, {"rank", rank}});
  }
  x = builder.add("relative_attention", {x},
                  {{"out_channels", 4},
                   {"heads", 2},
                   {"rank", rank},
                   {"tokens", 5},
                   {"head_channels", 3},
                   {"columns", 2},
                   {"reach", 1}});
  builder.output("y", x);
  RngKey key = kKey;
  key.seed = seed;
  return WeightBank(builder.finish(), key);
}

std::vector<float> product(const std::vector<float>& a, const std::vector<float>& b,
                           std::size_t inner) {
  const std::size_t rows = a.size() / inner, columns = b.size() / inner;
  std::vector<float> result(rows * columns, 0);
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < columns; ++c) {
      for (std::size_t k = 0; k < inner; ++k) {
        result[r * columns + c] += a[r * inner + k] * b[k * columns + c];
      }
    }
  }
  return result;
}

/// The largest difference between a whole layer and the product of its factors.
double difference(const TensorFile& whole, const TensorFile& factors, const std::string& scope,
                  const std::string& layer, std::size_t rank) {
  const auto read = [&](const std::string& name) {
    return read_floats(factors, scope + "/" + name + "/conv1d.weight");
  };
  const std::vector<float> made =
      product(read(layer), product(read("core"), read("reduce"), rank), rank);
  const std::vector<float> exact = read_floats(whole, scope + "/" + layer + "/conv1d.weight");
  double most = 0;
  for (std::size_t i = 0; i < exact.size(); ++i) {
    most = std::max(most, std::abs(static_cast<double>(made[i] - exact[i])));
  }
  return most;
}

TEST_CASE("low rank: factors of enough rank give the whole layers back, of less the nearest ones") {
  const TensorFile whole = bank_of(0).weights();
  WeightBank full = bank_of(9, 4), low = bank_of(2, 4);
  start_from_whole_layers(full, whole);
  start_from_whole_layers(low, whole);
  const std::string attention = "relative_attention/qkv";
  for (const auto& [scope, layer] :
       {std::pair<std::string, std::string>{"layer/low_rank_conv1d", "expand"},
        {attention, "query"},
        {attention, "key"},
        {attention, "value"},
        {"relative_attention/project/low_rank_conv1d", "expand"}}) {
    CAPTURE(scope);
    CAPTURE(layer);
    CHECK(difference(whole, full.weights(), scope, layer, 9) < 1e-5);
    const double rough = difference(whole, low.weights(), scope, layer, 2);
    CHECK(rough > 1e-3);
    CHECK(rough < 1);
  }
  // What is no factor is copied.
  CHECK(full.weights().tensors.at("relative_attention/relative_scores.rows") ==
        whole.tensors.at("relative_attention/relative_scores.rows"));
  CHECK(full.weights().tensors.at(attention + "/key/conv1d.bias") ==
        whole.tensors.at(attention + "/key/conv1d.bias"));
}

TEST_CASE("low rank: a tensor with nothing to start from is named") {
  TensorFile whole = bank_of(0).weights();
  whole.tensors.erase("relative_attention/relative_values.columns");
  WeightBank bank = bank_of(2);
  CHECK_THROWS_WITH_AS(start_from_whole_layers(bank, whole),
                       doctest::Contains("'relative_attention/relative_values.columns'"), Error);
}

}  // namespace
}  // namespace nas
