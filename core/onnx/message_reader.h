#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/onnx/onnx_model.h"
#include "core/onnx/read_onnx.h"
#include "core/util/protobuf.h"

namespace nas {

/// What all messages of a model have: names, lists, texts and tensors, within what the file may
/// hold in all. Members throw Error(kData) without the file's name.
class MessageReader {
 protected:
  MessageReader(OnnxModel& model, const OnnxLimits& limits) : model_(model), limits_(limits) {}

  [[noreturn]] static void fail(const std::string& what);

  /// Takes `count` names or numbers from what the file may hold.
  void take_items(std::size_t count);
  std::string text(std::string_view bytes, std::size_t limit, const char* what);
  std::string name(const ProtobufField& field);
  /// A repeated number, packed or not.
  void append_ints(const ProtobufField& field, std::vector<std::int64_t>& values);
  void append_reals(const ProtobufField& field, std::vector<float>& values);
  /// StringStringEntryProto
  std::pair<std::string, std::string> entry(std::string_view bytes);
  /// TensorProto; its numbers stay where they are.
  OnnxTensor tensor(std::string_view bytes);

  OnnxModel& model_;
  const OnnxLimits& limits_;

 private:
  void external_entry(std::string_view bytes, OnnxTensor& tensor);
  void check_shape(const OnnxTensor& tensor) const;
  static void check_size(const OnnxTensor& tensor, std::int64_t bytes);
  void place(OnnxTensor& tensor, std::string_view message, std::optional<std::string_view> raw,
             bool external, std::size_t typed_bytes) const;

  std::size_t items_ = 0, text_bytes_ = 0;
};

}  // namespace nas
