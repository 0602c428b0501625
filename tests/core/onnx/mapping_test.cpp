#include "core/onnx/mapping.h"

#include <doctest/doctest.h>

#include <set>
#include <string>

#include "core/onnx/node_writer.h"
#include "core/ops/registry.h"

namespace nas {

TEST_CASE("onnx: every primitive is written as ONNX, or its mapping says why not") {
  for (const OpSchema* op : all_ops()) {
    if (op->is_macro()) continue;             // written as its primitives
    if (op->role == OpRole::kGate) continue;  // written as OpenQASM
    CAPTURE(op->name);
    const OnnxWriting* writing = find_writing(op->name);
    REQUIRE(writing != nullptr);
    CHECK((writing->write == nullptr) == !writing->refusal.empty());
  }
}

TEST_CASE("onnx: mappings are of operations that exist, each once") {
  std::set<std::string> ops, op_types;
  for (const OnnxMappings* mappings : onnx_mappings()) {
    for (const OnnxWriting& writing : mappings->writings) {
      CAPTURE(writing.op);
      CHECK(&find_op(writing.op) != nullptr);
      CHECK(ops.emplace(writing.op).second);
    }
    for (const OnnxReading& reading : mappings->readings) {
      CAPTURE(reading.op_type);
      CHECK((reading.read != nullptr));
      CHECK(op_types.emplace(reading.op_type).second);
    }
  }
  CHECK(ops.size() > 25);
  CHECK(find_reading("NonMaxSuppression") == nullptr);
}

}  // namespace nas
