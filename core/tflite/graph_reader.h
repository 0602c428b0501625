#pragma once

// A graph under construction from a program; included by .cpp files of core/tflite only.

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/int8/program.h"
#include "core/ir/arch_builder.h"

namespace nas {

/// A tensor of the program as values of the graph, each made when it is asked for.
struct GraphValue {
  std::optional<Value> stored{};  ///< dimensions in the file's order, without the batch
  std::optional<Value> image{};   ///< of four dimensions with the batch: [C, H, W]
};

/// In which order a weight's dimensions stand in the file, by ours.
enum class WeightOrder : std::uint8_t {
  kPlain,      ///< as ours
  kConv,       ///< [O, H, W, I] for our [O, I, H, W]
  kDepthwise,  ///< [1, H, W, O] for our [O, 1, H, W]
};

/// A tensor of the graph whose numbers the file gives.
struct GraphWeight {
  std::uint32_t node = 0;
  std::string_view param;
  int tensor = 0;
  WeightOrder order = WeightOrder::kPlain;
};

struct GraphReader {
  const MicroProgram& program;
  ArchBuilder builder{};
  std::vector<GraphValue> values{};  ///< by tensor
  std::vector<GraphWeight> weights{};
};

/// One step of a program on its way into a graph: what the reading of its operator sees. A reading
/// ends with a `give`.
class StepReader {
 public:
  using Dims = std::vector<std::int64_t>;

  StepReader(GraphReader& reader, const MicroStep& step) : reader_(reader), step_(step) {}

  const MicroStep& step() const { return step_; }
  const MicroOptions& options() const { return step_.options; }
  bool has(std::size_t input) const {
    return input < step_.inputs.size() && step_.inputs[input] != MicroStep::kAbsent;
  }
  const MicroTensor& tensor(std::size_t input) const { return at(step_.inputs.at(input)); }
  const Dims& dims(std::size_t input) const { return tensor(input).dims; }
  const Dims& output_dims() const { return at(step_.outputs.at(0)).dims; }
  /// Of a constant operand.
  Dims ints(std::size_t input) const;

  /// The operand as [C, H, W]; as it stands in the file, without the batch.
  Value image(std::size_t input = 0) { return image_of(step_.inputs.at(input)); }
  Value stored(std::size_t input = 0) { return stored_of(step_.inputs.at(input)); }
  bool is_image(std::size_t input = 0) const { return dims(input).size() == 4; }
  /// As an image where it is one, as it stands otherwise: for functions of single numbers.
  Value any(std::size_t input = 0) { return is_image(input) ? image(input) : stored(input); }

  Value add(std::string_view op, std::initializer_list<Value> inputs,
            std::initializer_list<NamedAttr> attrs = {});
  void weight(Value of, std::string_view param, std::size_t input,
              WeightOrder order = WeightOrder::kPlain);
  /// With the activation that the step ends in.
  void give_image(Value value);
  void give_stored(Value value);
  /// In the form of `any`.
  void give_any(Value value);

  [[noreturn]] void unsupported(const std::string& what) const;

 private:
  const MicroTensor& at(int tensor) const {
    return reader_.program.tensors[static_cast<std::size_t>(tensor)];
  }
  Value image_of(int tensor);
  Value stored_of(int tensor);
  Value activated(Value value);
  void check_shape(Value value, Dims expected) const;

  GraphReader& reader_;
  const MicroStep& step_;
};

/// How one operator is read.
struct StepReading {
  MicroOp op;
  void (*read)(StepReader& step);
};
/// Null: no operation of a graph says what it does.
const StepReading* find_step_reading(MicroOp op);

}  // namespace nas
