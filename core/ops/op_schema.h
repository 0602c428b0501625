#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/ir/tensor_type.h"
#include "core/util/error.h"
#include "core/util/rng.h"

namespace nas {

enum class AttrType : std::uint8_t { kInt, kBool, kReal };

/// The value of an attribute: 64 bits, read by the type that its schema states.
class AttrValue {
 public:
  constexpr AttrValue() = default;  ///< AttrValue{} is 0; without braces its bits are not set
  constexpr AttrValue(std::int64_t value) : bits_(std::bit_cast<std::uint64_t>(value)) {}
  constexpr AttrValue(int value) : AttrValue(static_cast<std::int64_t>(value)) {}
  constexpr AttrValue(bool value) : AttrValue(static_cast<std::int64_t>(value)) {}
  constexpr AttrValue(double value) : bits_(std::bit_cast<std::uint64_t>(value)) {}
  constexpr std::int64_t as_int() const { return std::bit_cast<std::int64_t>(bits_); }
  constexpr bool as_bool() const { return bits_ != 0; }
  constexpr double as_real() const { return std::bit_cast<double>(bits_); }
  constexpr std::uint64_t bits() const { return bits_; }
  friend constexpr bool operator==(AttrValue, AttrValue) = default;

 private:
  std::uint64_t bits_;
};

/// One attribute of an operation. Digests count it by its name, where it has no default or differs
/// from it: once released, a name and a default never change, and a new attribute has the default
/// that keeps the meaning of every older use.
struct AttrSpec {
  std::string_view name;
  AttrType type;
  bool required;  ///< no default
  AttrValue default_value;
  double min, max;  ///< inclusive
  std::string_view doc;
  /// Younger than the released text and JSON forms of graphs, which leave it out at its default.
  bool added_later = false;
  std::uint64_t name_hash = stable_hash(name);
};

/// Whether `value` is of the type and in the range of `spec`. Integers also stay within
/// +-kMaxExtent and reals must be normal numbers, which catches a value that was stored as the
/// other type.
bool attr_in_range(const AttrSpec& spec, AttrValue value);
/// "kernel = 0, must be >= 1", for a value that is not.
std::string attr_violation(const AttrSpec& spec, AttrValue value);
/// "3", "true", "0.1".
std::string to_string(const AttrSpec& spec, AttrValue value);

/// No dimension, attribute, output or weight tensor has more elements; keeps all arithmetic in 64
/// bits.
constexpr std::int64_t kMaxExtent = std::int64_t{1} << 31;

constexpr double kNoLimit = std::numeric_limits<double>::infinity();

constexpr AttrSpec required_int(std::string_view name, double min, std::string_view doc) {
  return {name, AttrType::kInt, true, {}, min, kNoLimit, doc};
}
constexpr AttrSpec optional_int(std::string_view name, std::int64_t value, double min,
                                std::string_view doc) {
  return {name, AttrType::kInt, false, value, min, kNoLimit, doc};
}
/// `spec`, which came after its operation was released.
constexpr AttrSpec added_later(AttrSpec spec) {
  spec.added_later = true;
  return spec;
}
constexpr AttrSpec flag(std::string_view name, bool value, std::string_view doc) {
  return {name, AttrType::kBool, false, value, 0, 1, doc};
}
constexpr AttrSpec optional_real(std::string_view name, double value, double min, double max,
                                 std::string_view doc) {
  return {name, AttrType::kReal, false, value, min, max, doc};
}

/// No operation has more attributes; those of one use stand in an array in place.
constexpr std::size_t kMaxAttrs = 16;

struct OpSchema;

/// One use of an operation: what `infer`, `cost` and `params` see.
struct OpCall {
  const OpSchema& op;
  std::span<AttrValue>
      attrs;  ///< in schema order; `infer` replaces "0 = as the input" by the number
  std::span<const TensorType> inputs;

  /// By name; Requires that the schema has it.
  std::int64_t get_int(std::string_view name) const;
  bool get_bool(std::string_view name) const;
  double get_real(std::string_view name) const;
  void set_int(std::string_view name, std::int64_t value) const;
  /// "conv2d: <text>" as Error(kUsage); the builder adds the node's name.
  [[noreturn]] void fail(const std::string& text) const;
};

/// What one use costs for ONE sample, in the published convention of the field: MACs are those of
/// convolutions and linear layers only; batch norm, activations, pooling, additions and biases are
/// 0 (Once-for-All, DARTS). The NAS-Bench-201 tables also count one per bias of a linear layer:
/// `bias_macs`; those of EfficientTDNN two per element of a batch normalisation: `norm_macs`.
struct OpCost {
  std::int64_t macs = 0;
  std::int64_t bias_macs = 0;
  std::int64_t norm_macs = 0;
};

/// How a parameter is initialised.
enum class ParamInit : std::uint8_t {
  kKaimingUniform,  ///< U(-b, b), b = 1 / sqrt(fan_in): LibTorch's default of conv and linear
  kFanInBias,       ///< the same with the fan_in of the layer's weight
  kOnes,
  kZeros,
};

/// A tensor that an operation owns.
struct ParamSpec {
  std::string_view name;  ///< "weight", "bias", "running_mean", ...
  Shape shape;
  ParamInit init = ParamInit::kZeros;
  std::int64_t fan_in = 0;
  bool trainable = true;  ///< false: a buffer (running statistics), not counted as parameter
};

/// At most four tensors, in place.
struct ParamList {
  std::array<ParamSpec, 4> items{};
  std::size_t count = 0;
  void add(const ParamSpec& spec) {
    NAS_CHECK(count < items.size(), "an operation owns at most four tensors");
    items[count++] = spec;
  }
  const ParamSpec* begin() const { return items.data(); }
  const ParamSpec* end() const { return items.data() + count; }
};

/// Where the channels (places of the leading dimension) of an output come from.
/// `GraphSink::channels` counts them by it, and a supernet finds by it which part of a shared
/// tensor a subnet uses.
enum class ChannelRule : std::uint8_t {
  kUnknown,      ///< depends on shapes; a supernet can only use all of them
  kAsInput,      ///< those of each input, place by place
  kShuffled,     ///< as many as the input has, in another order
  kOutChannels,  ///< its own, "out_channels" of them; where that is 0, as many as the input has.
                 ///< With "groups" a group of them comes from a group of the input's
  kOwn,          ///< its own, however many
  kConcat,       ///< those of all inputs, one after the other
  kSlice,        ///< "length" of the input's from "begin" on
  kPositions,    ///< the positions of the input's first channel, then those of its second ...
  kRepeated,     ///< all of the first input's, several times over
};

/// What an operation is to algorithms that treat some kinds apart: proxies, distillation,
/// calibration. Every primitive states its role.
enum class OpRole : std::uint8_t {
  kUnstated,       ///< macros; in a primitive an error that a test finds
  kInput,          ///< a tensor that the caller of the network gives
  kWeight,         ///< linear in its input and in its tensor "weight", [out channels, ...]
  kNormalisation,  ///< the result stays the same when the input is scaled
  kRectifier,      ///< 0 for negative numbers, the number itself for small positive ones
  kActivation,     ///< another function of each single number
  kWindowPool,     ///< of a window, with the attribute "kernel" for each of its dimensions
  kGlobalPool,     ///< of all positions of a channel
  kMerge,          ///< of several tensors
  kStructure,      ///< moves, selects, repeats or drops numbers
  kOtherWeights,   ///< has trainable tensors in another way; zero-cost proxies refuse it
  kGate,           ///< acts on quantum wires; has no LibTorch module and no ONNX operator
};

/// How drawings colour an operation. Every primitive states its family.
enum class OpFamily : std::uint8_t {
  kUnstated,  ///< macros
  kPort,
  kConv,
  kLinear,
  kNorm,
  kActivation,
  kPool,
  kMerge,
  kShape,
  kOther,
  kGate,  ///< of a quantum circuit
};

/// What an operation makes of inputs that are all zeros.
enum class ZeroRule : std::uint8_t {
  kUnknown,   ///< not known to be zero (batch_norm has its beta)
  kMakes,     ///< zero whatever it reads
  kKeeps,     ///< f(0) = 0 whatever its weights
  kUnbiased,  ///< f(0) = 0 when the attribute "bias" is false
  kAbsorbs,   ///< zero when any input is (multiply)
};

/// When a use with one input of the output's type passes it on unchanged: all of the named integer
/// attributes have this value. A crop of nothing, an addition of one term.
struct NeutralRule {
  bool exists = false;
  std::int64_t value = 0;
  std::array<std::string_view, 2> attrs{};  ///< "": unused
};

class GraphSink;
class MacroCall;
struct Value;

/// An operation as data. One file of core/ops/ for each family; `core/ops/registry.h` lists all.
///
/// A primitive has `infer`; a macro has `expand` instead and never appears in an ArchGraph: adding
/// it to a builder adds its primitives, in a scope of the macro's name.
struct OpSchema {
  std::string_view name;
  std::string_view doc;
  int min_inputs = 1;
  int max_inputs = 1;        ///< -1: any number
  bool commutative = false;  ///< the order of the inputs has no meaning
  OpRole role = OpRole::kUnstated;
  OpFamily family = OpFamily::kUnstated;
  ZeroRule zero_rule = ZeroRule::kUnknown;
  bool in_place = false;  ///< can overwrite its only input
  /// Where inputs and weights are positive, no output falls when an input grows. Not so of a
  /// softmax or a deviation. Says nothing of normalisations.
  bool monotone = true;
  NeutralRule neutral{};
  ChannelRule channels = ChannelRule::kUnknown;
  std::span<const AttrSpec> attrs{};

  /// Types of the outputs. Completes attributes. Throws Error(kUsage) through `OpCall::fail`.
  /// Appends to `outputs` (almost always one).
  void (*infer)(const OpCall& call, std::vector<TensorType>& outputs) = nullptr;
  OpCost (*cost)(const OpCall& call,
                 std::span<const TensorType> outputs) = nullptr;  ///< null: free
  ParamList (*params)(const OpCall& call) = nullptr;              ///< null: none
  Value (*expand)(GraphSink& sink, const MacroCall& call) = nullptr;

  std::string_view onnx_name = "";  ///< "" = has no single ONNX operator

  std::uint64_t name_hash = stable_hash(name);

  bool is_macro() const { return expand != nullptr; }
  /// Throws Error(kUsage): "conv2d: expected 1 input(s), got 2".
  void check_input_count(std::size_t count) const;
  /// Throws Error(kUsage): "conv2d: kernel = 0, must be >= 1". `index` is the position of the
  /// attribute.
  void check_attr(std::size_t index, AttrValue value) const;
  /// Position of an attribute; Throws Error(kUsage) with the near miss.
  std::size_t attr_index(std::string_view attr_name) const;
};

/// The operations of one file of core/ops/: `conv.cpp` defines `conv_list`, and stands in the list
/// of CMakeLists.txt.
using OpList = std::span<const OpSchema>;

}  // namespace nas
