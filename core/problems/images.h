#pragma once

#include <memory>

#include "core/api/problem.h"
#include "core/data/dataset.h"

namespace nas {

extern const ProblemRecord images_problem;

/// Images of one size, each of one class.
std::shared_ptr<const Problem> pose_images(std::shared_ptr<const ImageDataset> dataset);

}  // namespace nas
