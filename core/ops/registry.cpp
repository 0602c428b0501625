#include "core/ops/registry.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "core/util/text.h"

namespace nas {

namespace {

using OpTable = std::vector<const OpSchema*>;

OpTable sorted_ops() {
  OpTable ops;
  for (const OpList* list : op_lists()) {
    for (const OpSchema& op : *list) ops.push_back(&op);
  }
  std::ranges::sort(ops, {}, &OpSchema::name);
  return ops;
}

constexpr std::size_t kSlots = 512;  // a power of two, several times the number of operations

std::size_t slot_of(std::string_view name) {
  std::uint32_t hash = 2166136261U;
  for (const char c : name) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  }
  return (hash ^ (hash >> 15)) % kSlots;
}

/// Open addressing with linear probing: builders look one name up for every node.
std::array<const OpSchema*, kSlots> make_table() {
  NAS_CHECK(4 * all_ops().size() <= kSlots, "the table of operations is too small");
  std::array<const OpSchema*, kSlots> table{};
  for (const OpSchema* op : all_ops()) {
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
  for (const OpSchema* op : all_ops()) {
    known.emplace_back(op->name);
  }
  throw Error(ErrorKind::kUsage, unknown_name("operation", name, known));
}

}  // namespace

std::span<const OpSchema* const> all_ops() {
  static const OpTable ops = sorted_ops();
  return ops;
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
