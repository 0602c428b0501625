#include "core/onnx/mapping.h"

#include <unordered_map>

namespace nas {
namespace {

/// By name: spaces are written network by network, thousands of nodes a second.
template <class Record>
using Records = std::unordered_map<std::string_view, const Record*>;

Records<OnnxWriting> all_writings() {
  Records<OnnxWriting> records;
  for (const OnnxMappings* mappings : onnx_mappings()) {
    for (const OnnxWriting& writing : mappings->writings) records.emplace(writing.op, &writing);
  }
  return records;
}

Records<OnnxReading> all_readings() {
  Records<OnnxReading> records;
  for (const OnnxMappings* mappings : onnx_mappings()) {
    for (const OnnxReading& reading : mappings->readings) {
      records.emplace(reading.op_type, &reading);
    }
  }
  return records;
}

template <class Record>
const Record* find(const Records<Record>& records, std::string_view name) {
  const auto found = records.find(name);
  return found == records.end() ? nullptr : found->second;
}

}  // namespace

const OnnxWriting* find_writing(std::string_view op) {
  static const Records<OnnxWriting> kWritings = all_writings();
  return find(kWritings, op);
}

const OnnxReading* find_reading(std::string_view op_type) {
  static const Records<OnnxReading> kReadings = all_readings();
  return find(kReadings, op_type);
}

}  // namespace nas
