#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "core/data/dataset.h"
#include "core/data/split.h"
#include "tests/core/data/test_files.h"

namespace {

using Indices = std::vector<std::uint32_t>;

/// `counts[c]` images of class c, interleaved.
nas::ImageSet labelled(const std::vector<std::size_t>& counts) {
  nas::ImageSet set;
  set.shape = nas::Shape{1, 1, 1};
  std::vector<std::size_t> left = counts;
  while (std::any_of(left.begin(), left.end(), [](std::size_t n) { return n > 0; })) {
    for (std::size_t c = 0; c < left.size(); ++c) {
      if (left[c] == 0) continue;
      --left[c];
      set.labels.push_back(static_cast<std::uint16_t>(c));
    }
  }
  set.pixels.resize(set.labels.size());
  return set;
}

std::size_t count_class(const nas::ImageSet& set, const Indices& indices, std::uint16_t label) {
  return static_cast<std::size_t>(std::count_if(
      indices.begin(), indices.end(), [&](std::uint32_t i) { return set.labels[i] == label; }));
}

bool subset(const Indices& part, const Indices& whole) {
  return std::includes(whole.begin(), whole.end(), part.begin(), part.end());
}

}  // namespace

TEST_CASE("split: the parts are disjoint, complete, sorted and stratified") {
  const nas::ImageSet set = labelled({100, 50, 10, 0, 1});
  const nas::TrainSplit split = nas::split_training_set(set.labels, 0.2, 0, 0, 7);
  CHECK(split.train.size() + split.validation.size() == set.size());
  CHECK(split.validation.size() == 32);  // 20 % of 161
  std::set<std::uint32_t> all(split.train.begin(), split.train.end());
  all.insert(split.validation.begin(), split.validation.end());
  CHECK(all.size() == set.size());
  CHECK(std::is_sorted(split.train.begin(), split.train.end()));
  CHECK(std::is_sorted(split.validation.begin(), split.validation.end()));
  CHECK(count_class(set, split.validation, 0) == 20);
  CHECK(count_class(set, split.validation, 1) == 10);
  CHECK(count_class(set, split.validation, 2) == 2);
  CHECK(count_class(set, split.validation, 4) == 0);
}

TEST_CASE("split: limits keep the class proportions and only shorten each part") {
  const nas::ImageSet set = labelled({600, 300, 100});
  const nas::TrainSplit all = nas::split_training_set(set.labels, 0.5, 0, 0, 3);
  const nas::TrainSplit some = nas::split_training_set(set.labels, 0.5, 100, 40, 3);
  CHECK(some.train.size() == 100);
  CHECK(some.validation.size() == 40);
  CHECK(count_class(set, some.train, 0) == 60);
  CHECK(count_class(set, some.train, 1) == 30);
  CHECK(count_class(set, some.train, 2) == 10);
  CHECK(count_class(set, some.validation, 2) == 4);
  CHECK(subset(some.train, all.train));
  CHECK(subset(some.validation, all.validation));
  const nas::TrainSplit generous = nas::split_training_set(set.labels, 0.5, 100000, 100000, 3);
  CHECK(generous.train == all.train);
  CHECK(generous.validation == all.validation);
}

TEST_CASE("split: depends on the seed, and on nothing else") {
  const nas::ImageSet set = labelled({50, 50});
  const nas::TrainSplit a = nas::split_training_set(set.labels, 0.3, 0, 0, 1);
  const nas::TrainSplit b = nas::split_training_set(set.labels, 0.3, 0, 0, 1);
  const nas::TrainSplit c = nas::split_training_set(set.labels, 0.3, 0, 0, 2);
  CHECK(a.train == b.train);
  CHECK(a.validation == b.validation);
  CHECK(a.validation != c.validation);
}

TEST_CASE("split: every image is held out about equally often over the seeds") {
  const nas::ImageSet set = labelled({10, 10});
  std::vector<int> held(set.size(), 0);
  constexpr int kSeeds = 2000;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    for (const std::uint32_t i : nas::split_training_set(set.labels, 0.5, 0, 0, seed).validation)
      ++held[i];
  }
  // Binomial(2000, 1/2): deviation 22.4; five of them.
  for (const int times : held) CHECK(std::abs(times - kSeeds / 2) < 112);
}

TEST_CASE("split: no validation set without a fraction, at least one image with one") {
  const nas::ImageSet set = labelled({3, 2});
  CHECK(nas::split_training_set(set.labels, 0, 0, 0, 1).validation.empty());
  CHECK(nas::split_training_set(set.labels, 0, 0, 0, 1).train.size() == 5);
  CHECK(nas::split_training_set(set.labels, 0.01, 0, 0, 1).validation.size() == 1);
  CHECK(nas::split_training_set(set.labels, 0.99, 0, 0, 1).train.size() == 1);
}

TEST_CASE("split: arguments out of range are refused") {
  using nas::ErrorKind;
  using nas::test::contains;
  using nas::test::error_text;
  const nas::ImageSet set = labelled({3, 2});
  for (const double fraction : {-0.1, 1.0, std::nan("")}) {
    CHECK(contains(error_text(ErrorKind::kUsage,
                              [&] { nas::split_training_set(set.labels, fraction, 0, 0, 1); }),
                   "must be in [0, 1)"));
  }
  CHECK_THROWS_AS(nas::split_training_set(set.labels, 0.1, -1, 0, 1), nas::Error);
  CHECK(contains(error_text(ErrorKind::kData,
                            [&] { nas::split_training_set(labelled({1}).labels, 0.1, 0, 0, 1); }),
                 "too few"));
}
