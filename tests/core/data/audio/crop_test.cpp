#include "core/data/audio/crop.h"

#include <doctest/doctest.h>

#include <map>

using namespace nas;

namespace {

using Samples = std::vector<std::int16_t>;
using Piece = std::vector<float>;

const Samples kThree = {1, 2, 3};
const Samples kTen = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};

}  // namespace

TEST_CASE("crop: a recording that is not longer repeats to one sample more than the piece") {
  CHECK(size_before_crop(3, 3) == 4);
  CHECK(size_before_crop(3, 8) == 9);
  CHECK(size_before_crop(4, 3) == 4);
  Rng rng(RngKey{});
  // One sample more leaves one start only, 0: int(u (9 - 8)) in the released code.
  for (int i = 0; i < 20; ++i) CHECK(random_crop(kThree, 8, rng) == Piece{1, 2, 3, 1, 2, 3, 1, 2});
  CHECK(random_crop(Samples{7}, 4, rng) == Piece{7, 7, 7, 7});
  CHECK(crop_at(kThree, 2, 5) == Piece{3, 1, 2, 3, 1});
  CHECK(wrapped(Piece{1, 2, 3}, 2) == Piece{1, 2});
  CHECK(wrapped(Piece{1, 2, 3}, 7) == Piece{1, 2, 3, 1, 2, 3, 1});
}

TEST_CASE("crop: random starts are uniform over all but the last") {
  Rng rng(RngKey{.seed = 3});
  std::map<float, int> starts;
  constexpr int kDraws = 7000;
  for (int i = 0; i < kDraws; ++i) {
    const Piece piece = random_crop(kTen, 3, rng);
    REQUIRE(piece.size() == 3);
    CHECK(piece[2] == piece[0] + 2);
    ++starts[piece[0]];
  }
  CHECK(starts.size() == 7);  // 0 to 6
  for (const auto& [start, count] : starts) {
    CAPTURE(start);
    CHECK(count > kDraws / 7 - 150);  // five standard deviations
    CHECK(count < kDraws / 7 + 150);
  }
}

TEST_CASE("crop: the same stream gives the same piece") {
  const Rng rng(RngKey{.seed = 5, .purpose = Purpose::kAugment});
  Rng first = rng.stream(17);
  Rng second = rng.stream(17);
  CHECK(random_crop(kTen, 3, first) == random_crop(kTen, 3, second));
}

TEST_CASE("crop: equally spaced pieces reach from the first sample to the last") {
  CHECK(spaced_crops(kTen, 4, 1) == std::vector<Piece>{{0, 1, 2, 3}});
  CHECK(spaced_crops(kTen, 4, 2) == std::vector<Piece>{{0, 1, 2, 3}, {6, 7, 8, 9}});
  // Starts 0, 2, 4, 6; and 0, 1.5, 3, 4.5, 6 rounded down.
  CHECK(spaced_crops(kTen, 4, 4)[1] == Piece{2, 3, 4, 5});
  CHECK(spaced_crops(kTen, 4, 5)[1] == Piece{1, 2, 3, 4});
  CHECK(spaced_crops(kTen, 4, 5)[3] == Piece{4, 5, 6, 7});
  // Repeated to five samples: starts 0 and 1.
  CHECK(spaced_crops(kThree, 4, 2) == std::vector<Piece>{{1, 2, 3, 1}, {2, 3, 1, 2}});
}

TEST_CASE("crop: the middle, and the whole recording with its least length") {
  CHECK(centre_crop(kTen, 4) == Piece{3, 4, 5, 6});
  CHECK(centre_crop(kThree, 4) == Piece{1, 2, 3, 1});
  CHECK(whole_recording(kThree, 2) == Piece{1, 2, 3});
  CHECK(whole_recording(kThree, 3) == Piece{1, 2, 3, 1});
  CHECK(whole_recording(kThree, 6) == Piece{1, 2, 3, 1, 2, 3, 1});
}
