#include "app/deploy/test_vectors.h"

#include <cstdint>
#include <cstring>
#include <nlohmann/json.hpp>

#include "app/deploy/c_array.h"
#include "core/util/error.h"

namespace nas {
namespace {

using Json = nlohmann::ordered_json;

const MicroTensor& tensor_of(const MicroProgram& program, int tensor) {
  return program.tensors[static_cast<std::size_t>(tensor)];
}

/// The numbers of a pattern. The next input continues where the one before it ended.
class Pattern {
 public:
  explicit Pattern(std::string_view name) : name_(name) {}

  char next() {
    std::int64_t value = 0;
    if (name_ == "ramp") value = static_cast<std::int64_t>((89 * index_++ + 40) % 256) - 128;
    if (name_ == "noise") {
      state_ = (1103515245 * state_ + 12345) % (std::uint64_t{1} << 31);
      value = static_cast<std::int64_t>(state_ >> 16 & 255) - 128;
    }
    return static_cast<char>(value);
  }

 private:
  std::string_view name_;
  std::uint64_t index_ = 0, state_ = 12345;
};

TestVector answered(MicroExecutor& executor, std::string name, std::vector<std::string> inputs) {
  TestVector vector{.name = std::move(name), .inputs = std::move(inputs)};
  vector.outputs = answer_of(executor, vector.inputs);
  return vector;
}

Json described(const MicroProgram& program, const std::vector<int>& tensors) {
  Json list = Json::array();
  for (const int index : tensors) {
    const MicroTensor& tensor = tensor_of(program, index);
    Json entry{{"name", tensor.name}, {"type", name_of(tensor.element)}, {"shape", tensor.dims}};
    if (!tensor.quantisation.scales.empty()) {
      entry["scale"] = tensor.quantisation.scale();
      entry["zero_point"] = tensor.quantisation.zero_point();
    }
    list.push_back(std::move(entry));
  }
  return list;
}

Json numbers(const MicroProgram& program, const std::vector<int>& tensors,
             const std::vector<std::string>& bytes) {
  Json list = Json::array();
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const bool is_signed = tensor_of(program, tensors[i]).element == MicroElement::kInt8;
    Json values = Json::array();
    for (const char byte : bytes[i]) {
      values.push_back(is_signed ? static_cast<int>(static_cast<signed char>(byte))
                                 : static_cast<int>(static_cast<unsigned char>(byte)));
    }
    list.push_back(std::move(values));
  }
  return list;
}

std::string joined_bytes(const std::vector<std::string>& parts) {
  std::string bytes;
  for (const std::string& part : parts) bytes += part;
  return bytes;
}

std::int64_t total_bytes(const MicroProgram& program, const std::vector<int>& tensors) {
  std::int64_t bytes = 0;
  for (const int tensor : tensors) bytes += tensor_of(program, tensor).bytes();
  return bytes;
}

}  // namespace

std::vector<std::string> answer_of(MicroExecutor& executor,
                                   const std::vector<std::string>& inputs) {
  const MicroProgram& program = executor.program();
  NAS_CHECK(inputs.size() == program.inputs.size(), "bytes for each input");
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const auto bytes = executor.bytes(program.inputs[i]);
    NAS_CHECK(bytes.size() == inputs[i].size(), "an input of another size");
    std::memcpy(bytes.data(), inputs[i].data(), inputs[i].size());
  }
  executor.run();
  std::vector<std::string> outputs;
  for (const int output : program.outputs) {
    const auto bytes = executor.bytes(output);
    outputs.emplace_back(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  return outputs;
}

std::vector<TestVector> test_vectors(const MicroProgram& program,
                                     const std::vector<std::string>& samples) {
  MicroExecutor executor(program);
  std::vector<TestVector> vectors;
  for (const char* name : {"zero", "ramp", "noise"}) {
    Pattern pattern(name);
    std::vector<std::string> inputs;
    for (const int input : program.inputs) {
      std::string bytes(static_cast<std::size_t>(tensor_of(program, input).bytes()), '\0');
      for (char& byte : bytes) byte = pattern.next();
      inputs.push_back(std::move(bytes));
    }
    vectors.push_back(answered(executor, name, std::move(inputs)));
  }
  for (std::size_t i = 0; i < samples.size(); ++i) {
    vectors.push_back(answered(executor, "sample_" + std::to_string(i), {samples[i]}));
  }
  return vectors;
}

std::string vectors_json(const MicroProgram& program, std::span<const TestVector> vectors) {
  Json json{{"schema", "searchlight.test_vectors"}, {"version", 1}};
  json["inputs"] = described(program, program.inputs);
  json["outputs"] = described(program, program.outputs);
  json["vectors"] = Json::array();
  for (const TestVector& vector : vectors) {
    json["vectors"].push_back({{"name", vector.name},
                               {"inputs", numbers(program, program.inputs, vector.inputs)},
                               {"outputs", numbers(program, program.outputs, vector.outputs)}});
  }
  return json.dump() + "\n";
}

std::string vectors_header(const MicroProgram& program, std::span<const TestVector> vectors) {
  return "/* Inputs and the bytes that the device must answer. */\n" +
         guarded_header(
             "test_vectors",
             "#define TEST_VECTOR_COUNT " + std::to_string(vectors.size()) +
                 "\n#define TEST_VECTOR_INPUT_BYTES " +
                 std::to_string(total_bytes(program, program.inputs)) +
                 "\n#define TEST_VECTOR_OUTPUT_BYTES " +
                 std::to_string(total_bytes(program, program.outputs)) +
                 "\n\n/* Inputs and outputs one after the other, in the model's order. */\n"
                 "struct test_vector {\n  const char* name;\n"
                 "  const unsigned char* input;    /* TEST_VECTOR_INPUT_BYTES */\n"
                 "  const unsigned char* expected; /* TEST_VECTOR_OUTPUT_BYTES */\n};\n"
                 "extern const struct test_vector test_vectors[TEST_VECTOR_COUNT];\n");
}

std::string vectors_source(std::span<const TestVector> vectors) {
  std::string text = "#include \"test_vectors.h\"\n\n", table;
  for (const TestVector& vector : vectors) {
    for (const auto& [kind, bytes] : {std::pair{"input", joined_bytes(vector.inputs)},
                                      std::pair{"expected", joined_bytes(vector.outputs)}}) {
      text += "static const unsigned char " + vector.name + "_" + kind + "[] = {\n" +
              c_numbers(bytes) + "};\n";
    }
    table +=
        "  {\"" + vector.name + "\", " + vector.name + "_input, " + vector.name + "_expected},\n";
  }
  return text + "\nconst struct test_vector test_vectors[TEST_VECTOR_COUNT] = {\n" + table + "};\n";
}

}  // namespace nas
