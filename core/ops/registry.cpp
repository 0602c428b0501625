#include "core/ops/registry.h"

#include <array>
#include <string>
#include <vector>

#include "core/util/text.h"

// The one list of operations, sorted by name: X(name) stands for the record `name_op` of a file in
// this folder.
#define NAS_OPS(X)        \
  X(add)                  \
  X(avg_pool)             \
  X(basic_block)          \
  X(batch_norm)           \
  X(channel_shuffle)      \
  X(concat)               \
  X(conv2d)               \
  X(conv_bn_relu)         \
  X(crop)                 \
  X(dil_conv)             \
  X(dropout)              \
  X(factorized_reduction) \
  X(flatten)              \
  X(gelu)                 \
  X(global_avg_pool)      \
  X(hsigmoid)             \
  X(hswish)               \
  X(identity)             \
  X(input)                \
  X(linear)               \
  X(max_pool)             \
  X(mbconv)               \
  X(multiply)             \
  X(nb201_residual)       \
  X(relu)                 \
  X(relu6)                \
  X(relu_conv_bn)         \
  X(sep_conv)             \
  X(sigmoid)              \
  X(slice_channels)       \
  X(squeeze_excite)       \
  X(tanh)                 \
  X(zero)

namespace nas {

#define NAS_DECLARE(name) extern const OpSchema name##_op;
NAS_OPS(NAS_DECLARE)

namespace {

#define NAS_ADDRESS(name) &name##_op,
constexpr std::array kOps = {NAS_OPS(NAS_ADDRESS)};

constexpr std::size_t kSlots = 256;  // a power of two, several times the number of operations
static_assert(kSlots >= 4 * kOps.size());

std::size_t slot_of(std::string_view name) {
  std::uint32_t hash = 2166136261U;
  for (const char c : name) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  }
  return (hash ^ (hash >> 15)) % kSlots;
}

/// Open addressing with linear probing: builders look one name up for every node.
std::array<const OpSchema*, kSlots> make_table() {
  std::array<const OpSchema*, kSlots> table{};
  for (const OpSchema* op : kOps) {
    std::size_t slot = slot_of(op->name);
    while (table[slot] != nullptr) {
      slot = (slot + 1) % kSlots;
    }
    table[slot] = op;
  }
  return table;
}

[[noreturn]] void fail_unknown(std::string_view name) {
  std::vector<std::string> known;
  for (const OpSchema* op : kOps) {
    known.emplace_back(op->name);
  }
  throw Error(ErrorKind::kUsage, unknown_name("operation", name, known));
}

}  // namespace

std::span<const OpSchema* const> all_ops() {
  return kOps;
}

const OpSchema& find_op(std::string_view name) {
  static const std::array<const OpSchema*, kSlots> table = make_table();
  for (std::size_t slot = slot_of(name); table[slot] != nullptr; slot = (slot + 1) % kSlots) {
    if (table[slot]->name == name) {
      return *table[slot];
    }
  }
  fail_unknown(name);
}

}  // namespace nas
