#pragma once

#include <span>

#include "core/api/notation.h"

namespace nas {

// The notations of each space besides its own: what papers, repositories and tables write. A new
// one is one record in its list.

std::span<const Notation> nasbench201_notations();
std::span<const Notation> nats_size_notations();
std::span<const Notation> nasbench101_notations();
std::span<const Notation> darts_notations();
std::span<const Notation> ofa_mobilenetv3_notations();
std::span<const Notation> ofa_proxyless_notations();
std::span<const Notation> ofa_resnet50_notations();
std::span<const Notation> mcunet_notations();
std::span<const Notation> proxylessnas_notations();
std::span<const Notation> cifar_resnet_notations();
std::span<const Notation> efficient_tdnn_notations();
std::span<const Notation> fbnet_notations();
std::span<const Notation> nasbench_macro_notations();
std::span<const Notation> transnas_micro_notations();
std::span<const Notation> transnas_macro_notations();
std::span<const Notation> quantum_random_notations();

}  // namespace nas
