#pragma once

#include <memory>

#include "core/api/problem.h"
#include "core/data/sequence_table.h"

namespace nas {

extern const ProblemRecord sequence_class_problem;

/// Sequences of numbers, each of one class.
std::shared_ptr<const Problem> pose_sequences(std::shared_ptr<const SequenceDataset> dataset);

}  // namespace nas
