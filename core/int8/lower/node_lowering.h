#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/int8/lowering.h"

namespace nas {

/// In which order a tensor holds the numbers of a value of the graph.
enum class MicroLayout : std::uint8_t {
  kPlain,         ///< as the graph: [d0, d1, ...] is [1, d0, d1, ...]
  kChannelsLast,  ///< [C, H, W] is [1, H, W, C], [C, T] is [1, 1, T, C]
  kFlattened,     ///< a vector, the flattened channels-last form of [C, positions]
};

/// A lowering in progress: what became of the graph's values so far.
struct LoweringState {
  struct Form {
    int tensor = MicroStep::kAbsent;
    MicroLayout layout = MicroLayout::kPlain;
    std::int64_t channels = 0;  ///< of kFlattened
  };
  LoweringOptions options;
  Lowering result;
  std::map<PortRef, Form> forms{};
  std::map<std::pair<PortRef, MicroLayout>, int> turned{};  ///< other layouts, made on demand
};

/// One node on its way into a program: what the rule of its operation sees. A rule makes any number
/// of tensors and steps and ends with one `give`.
class NodeLowering {
 public:
  using Dims = std::vector<std::int64_t>;
  using Form = LoweringState::Form;

  NodeLowering(LoweringState& state, NodeId node) : state_(state), node_(node) {}

  const LoweringOptions& options() const { return state_.options; }
  std::int64_t integer(std::string_view attr) const;
  bool flag(std::string_view attr) const;
  double real(std::string_view attr) const;
  std::size_t input_count() const;
  const TensorType& input_type(std::size_t index = 0) const;  ///< in the graph
  const Shape& input_shape(std::size_t index = 0) const;      ///< likewise
  const Shape& output_shape() const;                          ///< likewise
  std::span<const Consumer> consumers() const;
  bool is_output() const;  ///< of the network
  const OpSchema& op_of(NodeId node) const;

  const Form& form(std::size_t index = 0) const;  ///< as it stands
  /// The tensor of an input in a layout; turned by a step where it stands otherwise. kFlattened can
  /// be asked of nothing.
  int input(std::size_t index, MicroLayout layout);
  const Dims& dims(int tensor) const;

  /// The activation that holds this node's value.
  int value(Dims dims);
  /// One that holds moved or selected numbers of its step's input 0.
  int moved(Dims dims, std::string_view part);
  /// One within a range that is known.
  int ranged(Dims dims, std::string_view part, float min, float max);
  /// A part of this node's layer normalisation.
  int row_part(Dims dims, std::string_view part, RowPart which);
  int weight(Dims dims, std::int64_t flattened_channels = 0);
  int bias(std::int64_t channels);
  /// Constants: `ints` are int32, `reals` become int8.
  int ints(std::string_view part, std::span<const std::int32_t> values, Dims dims = {});
  int reals(std::string_view part, std::vector<float> values, Dims dims = {});
  using Arrange = std::function<std::vector<float>(std::span<const std::vector<float>> params)>;
  /// A constant made of the node's own tensors; `like`: the tensor whose scale it has, or kAbsent.
  int parameter(Dims dims, std::string_view part, Arrange arrange, int like = MicroStep::kAbsent);
  /// `tensor`, or a requantised copy of it where its scale is not free to follow others': inputs
  /// of the network and results of a known range.
  int rescalable(int tensor, std::string_view part);
  /// The lowest number of `of`, as a constant with its scale.
  int lowest(int of);

  void step(MicroOp op, std::vector<int> inputs, int output, const MicroOptions& options = {});
  /// The same bytes under other dimensions: a RESHAPE, unless they are the tensor's own.
  int viewed(int tensor, Dims dims, std::string_view part);
  /// A RESHAPE into this node's value.
  void give_view(int tensor, Dims dims, MicroLayout layout, std::int64_t channels = 0);
  void give(int tensor, MicroLayout layout, std::int64_t channels = 0);
  /// Puts this node's function at the end of the step that makes input 0, if it can take one and
  /// nobody else reads what it makes; its tensor is then this node's value.
  bool fuse(MicroActivation activation);

 private:
  int add_tensor(MicroTensor tensor, MicroOrigin origin);
  int turn(int tensor, const Form& from, const TensorType& type, MicroLayout to);
  std::string path() const;
  std::string part_name(std::string_view part) const;

  LoweringState& state_;
  NodeId node_;
};

/// The dimensions of a tensor that holds a value of this shape.
std::vector<std::int64_t> micro_dims(const Shape& shape, MicroLayout layout);

}  // namespace nas
