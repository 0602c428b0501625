#pragma once

#include <filesystem>

#include "db/importers/pickle.h"

namespace nas {

/// The object that torch.save wrote, in the zip form (.../data.pkl) or the older sequence of
/// pickles; which one is told by the first bytes. Tensors become stand-ins without contents.
/// Throws Error(kData).
PickleValue read_torch_object(const std::filesystem::path& path, PickleOptions options);

/// Do the first bytes look like one of the two forms?
bool is_torch_object(const std::filesystem::path& path);

}  // namespace nas
