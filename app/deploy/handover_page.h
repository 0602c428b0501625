#pragma once

#include <string>

namespace nas {

struct Deployment;

/// README.md of a deployment: what is in the folder, the operators to register with TensorFlow
/// Lite Micro, the arena, how the test vectors are run.
std::string handover_page(const Deployment& deployment);

}  // namespace nas
