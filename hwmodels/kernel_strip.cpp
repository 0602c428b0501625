#include "hwmodels/kernel_strip.h"

#include <algorithm>
#include <string>

#include "core/ir/arch_builder.h"
#include "core/ops/registry.h"
#include "core/util/error.h"

namespace nas {
namespace {

constexpr std::int64_t kImageChannels = 3;

const Shape& size_of(const Kernel& kernel) {
  return kernel.ops.front().inputs.front().shape;
}

class StripBuilder {
 public:
  explicit StripBuilder(const Shape& size)
      : image_(builder_.input({Element::kFloat, {kImageChannels, size[1], size[2]}})) {}

  void add(const Kernel& kernel) {
    const Scope scope(builder_, "k" + std::to_string(count_));
    std::vector<NodeId> nodes;
    Value last{};
    for (std::size_t i = 0; i < kernel.ops.size(); ++i) {
      const KernelOp& op = kernel.ops[i];
      std::vector<Value> inputs;
      for (std::size_t port = 0; port < op.inputs.size(); ++port) {
        // The result of the operation before comes first.
        inputs.push_back(i > 0 && port == 0 ? last : source(op.inputs[port], op.in_place));
      }
      std::vector<NamedAttr> attrs;
      for (std::size_t a = 0; a < op.attrs.size(); ++a) {
        attrs.push_back({op.op->attrs[a].name, op.attrs[a]});
      }
      last = builder_.add(op.op->name, inputs, attrs);
      nodes.push_back(last.node);
    }
    builder_.output("k" + std::to_string(count_++), last);
    nodes_.push_back(std::move(nodes));
  }

  KernelStrip finish() { return {builder_.finish(), std::move(nodes_)}; }

 private:
  /// What nothing may overwrite is an output as well.
  Value source(const TensorType& type, bool in_place) {
    const Value value =
        builder_.add("conv2d", {image_}, {{"out_channels", type.shape[0]}, {"kernel", 1}});
    if (!in_place) builder_.output("s" + std::to_string(sources_++), value);
    return value;
  }

  ArchBuilder builder_;
  Value image_;
  std::size_t count_ = 0, sources_ = 0;
  std::vector<std::vector<NodeId>> nodes_;
};

std::int64_t scaled(std::int64_t channels, Rng& rng) {
  constexpr double kLeast = 0.5, kMost = 1.2;
  const double factor = rng.uniform(kLeast, kMost);
  return std::max<std::int64_t>(1,
                                static_cast<std::int64_t>(static_cast<double>(channels) * factor));
}

/// Attributes that are numbers of channels follow them.
std::vector<AttrValue> scaled_attrs(const KernelOp& op, std::int64_t channels, Rng& rng) {
  std::vector<AttrValue> attrs = op.attrs;
  const std::int64_t before = op.inputs.front().shape[0];
  for (std::size_t i = 0; i < attrs.size(); ++i) {
    const std::string_view name = op.op->attrs[i].name;
    const bool as_input = attrs[i].as_int() == before;
    if (name == "groups" && attrs[i].as_int() > 1 && as_input) attrs[i] = channels;
    if (name != "out_channels") continue;
    const bool depthwise = kernel_op_kind(op) != op.op->name;
    attrs[i] = depthwise && as_input ? channels : scaled(attrs[i].as_int(), rng);
  }
  return attrs;
}

KernelOp perturbed_op(const KernelOp& op, const TensorType* before, Rng& rng) {
  std::vector<TensorType> inputs = op.inputs;
  const bool equal =
      std::ranges::all_of(inputs, [&](const TensorType& input) { return input == inputs.front(); });
  const std::int64_t channels =
      before != nullptr ? before->shape[0] : scaled(inputs.front().shape[0], rng);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const bool own = i > 0 && op.op->channels == ChannelRule::kConcat;
    inputs[i].shape[0] = own || (i > 0 && !equal) ? scaled(inputs[i].shape[0], rng) : channels;
  }
  return make_kernel_op(*op.op, scaled_attrs(op, channels, rng), std::move(inputs), op.in_place);
}

}  // namespace

bool fits_strip(const Kernel& kernel) {
  const Shape& size = size_of(kernel);
  if (size.rank() != 3) return false;
  for (std::size_t i = 0; i < kernel.ops.size(); ++i) {
    const std::vector<TensorType>& inputs = kernel.ops[i].inputs;
    if (i > 0 && inputs.front() != kernel.ops[i - 1].output) return false;
    for (std::size_t port = i == 0 ? 0 : 1; port < inputs.size(); ++port) {
      const Shape& other = inputs[port].shape;
      if (other.rank() != 3 || other[1] != size[1] || other[2] != size[2]) return false;
    }
  }
  return true;
}

KernelStrip make_strip(std::span<const Kernel> kernels) {
  NAS_CHECK(!kernels.empty(), "a strip of no kernel");
  StripBuilder builder(size_of(kernels.front()));
  for (const Kernel& kernel : kernels) builder.add(kernel);
  return builder.finish();
}

std::optional<Kernel> perturbed(const Kernel& kernel, Rng& rng) {
  Kernel result;
  try {
    for (const KernelOp& op : kernel.ops) {
      const TensorType* before = result.ops.empty() ? nullptr : &result.ops.back().output;
      result.ops.push_back(perturbed_op(op, before, rng));
    }
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kUsage) throw;
    return std::nullopt;  // channels that the operation cannot have
  }
  return result;
}

}  // namespace nas
