#pragma once

#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "app/host_models/measurement_log.h"
#include "core/api/latency_model.h"
#include "hwmodels/kernel_detection.h"

namespace nas {

// Times on this machine are lower quartiles of the passes that the host latency model makes: what
// other programs take from the machine makes some passes slower and none quicker.

/// A network's pass and the kernels inside of it. `number`, `space` and `architecture` are left
/// empty.
LoggedNetwork time_network(const ArchGraph& graph, const FusionRules& rules, const Device& device);

/// Kernels, each inside of a pass of a strip of those with inputs of its size; in the order given.
/// Requires kernels that fit a strip.
std::vector<TimedKernelText> time_kernels(std::span<const Kernel> kernels, const Device& device);

/// Two operations of which the second reads the first, by kinds.
using OperationPairs = std::map<std::pair<std::string, std::string>, std::pair<Kernel, Kernel>>;
/// Adds those of a network that could be fused and fit a strip; of several of one kind the largest.
void find_pairs(const ArchGraph& graph, OperationPairs& pairs);

/// Alone and together, the least of some rounds of each in turn.
TimedPair time_pair(const Kernel& first, const Kernel& second, const Device& device);

/// nn-Meter (MobiSys 2021, section 4): two operations are fused where together they save more than
/// half of the quicker one; and more than the twentieth of both that these times can tell, since
/// half of a microsecond is nothing beside a convolution.
bool is_fused(const TimedPair& pair);
FusionRules fusion_rules(std::span<const TimedPair> pairs);

}  // namespace nas
