#include "core/onnx/mapping.h"

namespace nas {

const OnnxWriting* find_writing(std::string_view op) {
  for (const OnnxMappings* mappings : onnx_mappings()) {
    for (const OnnxWriting& writing : mappings->writings) {
      if (writing.op == op) return &writing;
    }
  }
  return nullptr;
}

const OnnxReading* find_reading(std::string_view op_type) {
  for (const OnnxMappings* mappings : onnx_mappings()) {
    for (const OnnxReading& reading : mappings->readings) {
      if (reading.op_type == op_type) return &reading;
    }
  }
  return nullptr;
}

}  // namespace nas
