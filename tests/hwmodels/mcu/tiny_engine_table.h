#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "core/int8/program.h"

namespace nas::test {

/// What the official planner says of one layer.
struct TinyEngineLayer {
  std::int64_t column_bytes = 0, kernel_bytes = 0, weights = 0, biases = 0, scales = 0, macs = 0;
};

/// A table layers_<net>.csv of mcu-tinyengine as a program, and what it says of each layer. Tables
/// of whole networks only; a tensor that a depthwise layer overwrites becomes two.
struct TinyEngineTable {
  MicroProgram program;
  std::vector<TinyEngineLayer> layers;
};
TinyEngineTable read_tiny_engine_table(const std::filesystem::path& path);

}  // namespace nas::test
