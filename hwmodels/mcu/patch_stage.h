#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/int8/program.h"

namespace nas {

/// The first steps run on parts of the image, one part after the other (MCUNetV2, Lin et al. 2021,
/// section 3.1).
struct PatchOptions {
  int grid = 2;           ///< the image is cut into grid x grid parts, >= 2
  std::size_t steps = 0;  ///< how many run on patches; the next one reads the collected result
};

/// A patch stage as it runs.
struct PatchedStage {
  PatchOptions options;
  MicroProgram program;                   ///< tensors of the stage have the sizes of one patch
  int tile = 0;                           ///< tensor: what the stage makes of one patch
  int collected = 0;                      ///< tensor: of all patches, filled while the stage runs
  std::int64_t patch_h = 0, patch_w = 0;  ///< of the part of the image that a patch reads
  std::int64_t patch_macs = 0;            ///< of the stage on one patch
  std::int64_t whole_macs = 0;            ///< of the same steps on the whole image
  std::int64_t extra_macs() const {
    return static_cast<std::int64_t>(options.grid) * options.grid * patch_macs - whole_macs;
  }
};

/// The stage for these options. Sizes go back from the result: a step of stride 1 needs k - 1 rows
/// more than it makes g of, one of stride 2 needs 2 (g - 1) + k; inside a patch nothing is padded.
/// Throws Error(kUsage) that says why: steps that are no convolution, pool or sum, several readers
/// of what the stage makes, a grid that does not divide the result.
PatchedStage patch_stage(const MicroProgram& program, const PatchOptions& options);

/// How many steps can run on patches at most: the last split that `patch_stage` accepts; 0: none.
std::size_t most_patch_steps(const MicroProgram& program, int grid);

}  // namespace nas
