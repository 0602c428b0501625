#pragma once

#include <filesystem>
#include <string>

#include "core/api/predictor.h"

namespace nas {

/// The tensors of one predictor of a list, a CSV file with the columns predictor, tensor, rows and
/// cols. Each tensor is a CSV file of numbers beside it (TENSOR.csv, also .gz), without a heading.
/// What all their names begin with, up to a '_', is left out ("mbv3_W0" -> "W0").
///
/// `part` is the name of the predictor; "" where the list has one only. Throws Error(kUsage) with
/// the names for another, Error(kIo) for a file that is missing, Error(kData) in one line with file
/// and line for one that is malformed.
PredictorState read_csv_tensors(const std::filesystem::path& list, const std::string& part);

}  // namespace nas
