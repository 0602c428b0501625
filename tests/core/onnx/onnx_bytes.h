#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include "core/onnx/onnx_model.h"

namespace nas::test {

/// A model of opset 13 with the input "x" (1, dims) and the output "y" of an unstated shape; no
/// nodes.
OnnxModel model_of(std::initializer_list<std::int64_t> dims, std::int64_t opset = 13);

OnnxValueInfo declared(std::string name, std::initializer_list<std::int64_t> dims);
OnnxTensor floats(std::string name, std::vector<std::int64_t> dims, float value = 0.5F);
OnnxTensor int64s(std::string name, const std::vector<std::int64_t>& values);
OnnxTensor scalar(std::string name, float value);
/// A node that gives a constant.
OnnxNode constant_node(const OnnxTensor& tensor);

void add_node(OnnxModel& model, std::string op_type, std::vector<std::string> inputs,
              std::vector<std::string> outputs, std::vector<OnnxAttribute> attributes = {});

/// Writes the model, reads the bytes and makes a graph of it: its text form without the first line,
/// or the text of the error.
std::string read_back(const OnnxModel& model);

}  // namespace nas::test
