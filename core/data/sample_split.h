#pragma once

#include <cstdint>
#include <vector>

namespace nas {

/// Which samples of a store are for training and which for the test, as ascending numbers.
struct SampleSplit {
  std::vector<std::uint32_t> train;
  std::vector<std::uint32_t> test;
};

}  // namespace nas
