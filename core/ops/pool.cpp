#include "core/ops/shape_rules.h"

namespace nas {
namespace {

enum PoolAttr { kKernel, kStride, kPadding, kCeilMode };

#define NAS_POOL_ATTRS                                                              \
  required_int("kernel", 1, "height and width of the window"),                      \
      optional_int("stride", 1, 1, "step of the window"),                           \
      optional_int("padding", 0, 0, "border around the input, at most kernel / 2"), \
      flag("ceil_mode", false, "rounds the output size up instead of down")

constexpr AttrSpec kMaxPoolAttrs[] = {NAS_POOL_ATTRS};
constexpr AttrSpec kAvgPoolAttrs[] = {
    NAS_POOL_ATTRS,
    flag("count_include_pad", false, "the border counts as zeros in the mean"),
};
constexpr AttrSpec kGlobalPoolAttrs[] = {
    flag("keep_dims", false, "gives [C,1,1] (of a sequence [C,1]) instead of [C]"),
};

void infer_pool(const OpCall& call, std::vector<TensorType>& outputs) {
  const Shape& image = expect_image(call);
  const Window window{.kernel = call.attrs[kKernel].as_int(),
                      .stride = call.attrs[kStride].as_int(),
                      .padding = call.attrs[kPadding].as_int(),
                      .ceil_mode = call.attrs[kCeilMode].as_bool()};
  if (window.padding > window.kernel / 2) {
    call.fail("padding = " + std::to_string(window.padding) +
              " exceeds half of kernel = " + std::to_string(window.kernel));
  }
  outputs.push_back({Element::kFloat,
                     {image[0], window_positions(call, "height", image[1], window),
                      window_positions(call, "width", image[2], window)}});
}

void infer_global_pool(const OpCall& call, std::vector<TensorType>& outputs) {
  const bool sequence = expect_float(call).shape.rank() == 2;
  const Shape& input = sequence ? expect_sequence(call) : expect_image(call);
  Shape pooled{input[0]};
  if (call.attrs[0].as_bool()) pooled = sequence ? Shape{input[0], 1} : Shape{input[0], 1, 1};
  outputs.push_back({Element::kFloat, pooled});
}

constexpr OpSchema kOps[] = {
    {
        .name = "max_pool",
        .doc = "largest value in a sliding window",
        .role = OpRole::kWindowPool,
        .family = OpFamily::kPool,
        .zero_rule = ZeroRule::kKeeps,
        .channels = ChannelRule::kAsInput,
        .attrs = kMaxPoolAttrs,
        .infer = infer_pool,
        .onnx_name = "MaxPool",
    },
    // From opset 19 on ONNX says of ceil_mode what LibTorch does; before, runtimes disagreed on the
    // last window.
    {
        .name = "avg_pool",
        .doc = "mean of a sliding window",
        .role = OpRole::kWindowPool,
        .family = OpFamily::kPool,
        .zero_rule = ZeroRule::kKeeps,
        .channels = ChannelRule::kAsInput,
        .attrs = kAvgPoolAttrs,
        .infer = infer_pool,
        .onnx_name = "AveragePool",
    },
    {
        .name = "global_avg_pool",
        .doc = "mean of each channel, [C,H,W] or [C,T] -> [C]",
        .role = OpRole::kGlobalPool,
        .family = OpFamily::kPool,
        .zero_rule = ZeroRule::kKeeps,
        .channels = ChannelRule::kAsInput,
        .attrs = kGlobalPoolAttrs,
        .infer = infer_global_pool,
        .onnx_name = "GlobalAveragePool",
    },
};

}  // namespace

extern constinit const OpList pool_list{kOps};

}  // namespace nas
