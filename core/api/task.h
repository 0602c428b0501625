#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/ir/tensor_type.h"

namespace nas {

/// What a network is built for. Fields left at 0 or "" take the space's published setting.
struct Task {
  Shape input{3, 32, 32};     ///< images [C, H, W]; sequences [features, frames]
  std::int64_t classes = 10;  ///< of the output "logits"; 0: the network has none
  /// Length of the output "embedding", by which unseen classes are told apart (speakers). 0: the
  /// network has none.
  std::int64_t embedding = 0;
  std::int64_t width = 0;  ///< initial channels (NAS-Bench-201: 16, DARTS: 36, ...)
  /// Cells in each stage (NAS-Bench-201: 5) or cells in all (DARTS: 20): the space says which.
  std::int64_t depth = 0;
  std::string skeleton;    ///< variants of the outer network: DARTS "cifar", "imagenet"
  bool auxiliary = false;  ///< with auxiliary head where the space has one; output "auxiliary"
  /// Qubits of a quantum circuit, all in |0> at first; its outputs are its wires. 0: a network. In
  /// a circuit nothing above has a meaning: `input` is [] and `classes` is 0.
  std::int32_t qubits = 0;
  friend bool operator==(const Task&, const Task&) = default;
};

// The text of a network names what an architecture was built for. The store keeps one beside every
// value, curve and model, since the same architecture is another network for another task. Named
// inputs with their types, then named outputs, then the settings that the space has, in this order:
//
//   image: float[3,32,32] -> class: classes[10]; width=8; depth=1; skeleton=cifar; auxiliary=true
//   sequence: float[80,300] -> class: classes[9], embedding: embedding[192]
//   qubits: qubit[4] -> state: qubit[4]
//
// Settings that the space lacks, and an auxiliary head that is off, are left out; options of the
// space that change the network follow as "space.NAME=VALUE". Equal text, equal task.

/// The task of circuits on `qubits` wires.
Task circuit_task(int qubits);

/// `task` must be settled (`SearchSpace::settle`); `space_settings` is "" or "; space.NAME=VALUE".
std::string task_text(const Task& task, std::string_view space_settings = {});

/// The task of a text. Throws Error(kData) for a text that is malformed or poses a task that this
/// program does not know.
Task parse_task_text(std::string_view text);

/// For people: "images 3x32x32, 10 classes, width 8, depth 1", "sequences 80x300, embedding 192",
/// "4 qubits"; a text of another kind as it is, "" as "unknown".
std::string describe_task(std::string_view text);

}  // namespace nas
