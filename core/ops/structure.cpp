#include <algorithm>

#include "core/ops/registry.h"
#include "core/ops/shape_rules.h"

// Operations that move or select data, and those that only matter as structure.
namespace nas {
namespace {

constexpr AttrSpec kZeroAttrs[] = {
    optional_int("stride", 1, 1, "keeps every stride-th row and column"),
};
constexpr AttrSpec kDropoutAttrs[] = {
    optional_real("rate", 0.5, 0, 1, "probability of setting a value to zero in training"),
};
constexpr AttrSpec kSliceAttrs[] = {
    optional_int("begin", 0, 0, "first channel"),
    optional_int("length", 0, 0, "number of channels; 0 = to the end"),
};
constexpr AttrSpec kCropAttrs[] = {
    optional_int("top", 0, 0, "rows dropped at the top"),
    optional_int("left", 0, 0, "columns dropped at the left"),
};
constexpr AttrSpec kPadAttrs[] = {
    optional_int("top", 0, 0, "rows of zeros above"),
    optional_int("left", 0, 0, "columns of zeros at the left"),
    optional_int("bottom", 0, 0, "rows of zeros below"),
    optional_int("right", 0, 0, "columns of zeros at the right"),
};
constexpr AttrSpec kShuffleAttrs[] = {
    required_int("groups", 1, "channel g * (C / groups) + i moves to i * groups + g"),
};

void infer_input(const OpCall& call, std::vector<TensorType>&) {
  call.fail("has no type; graph inputs are made by input(type)");
}

void infer_identity(const OpCall& call, std::vector<TensorType>& outputs) {
  outputs.push_back(call.inputs[0]);
}

void infer_zero(const OpCall& call, std::vector<TensorType>& outputs) {
  TensorType type = expect_float(call);
  const std::int64_t stride = call.attrs[0].as_int();
  if (stride != 1) {
    expect_image(call);
    type.shape[1] = (type.shape[1] - 1) / stride + 1;
    type.shape[2] = (type.shape[2] - 1) / stride + 1;
  }
  outputs.push_back(type);
}

void infer_flatten(const OpCall& call, std::vector<TensorType>& outputs) {
  outputs.push_back({Element::kFloat, {expect_float(call).shape.elements()}});
}

void infer_slice(const OpCall& call, std::vector<TensorType>& outputs) {
  TensorType type = expect_float(call);
  if (type.shape.rank() == 0) {
    call.fail("input 0 is " + to_string(type) + ", expected at least one dimension");
  }
  const std::int64_t channels = type.shape[0];
  const std::int64_t begin = call.attrs[0].as_int();
  if (call.attrs[1].as_int() == 0) {
    call.attrs[1] = std::max<std::int64_t>(channels - begin, 0);
  }
  const std::int64_t length = call.attrs[1].as_int();
  if (length == 0 || begin + length > channels) {
    call.fail("channels " + std::to_string(begin) + " to " + std::to_string(begin + length) +
              " (exclusive) are not in channels = " + std::to_string(channels));
  }
  type.shape[0] = length;
  outputs.push_back(type);
}

void infer_crop(const OpCall& call, std::vector<TensorType>& outputs) {
  const Shape& image = expect_image(call);
  const std::int64_t top = call.attrs[0].as_int();
  const std::int64_t left = call.attrs[1].as_int();
  if (top >= image[1]) {
    call.fail("top = " + std::to_string(top) +
              " leaves nothing of height = " + std::to_string(image[1]));
  }
  if (left >= image[2]) {
    call.fail("left = " + std::to_string(left) +
              " leaves nothing of width = " + std::to_string(image[2]));
  }
  outputs.push_back({Element::kFloat, {image[0], image[1] - top, image[2] - left}});
}

void infer_pad(const OpCall& call, std::vector<TensorType>& outputs) {
  const Shape& image = expect_image(call);
  const auto padded = [&](std::size_t dim, std::size_t before, std::size_t behind) {
    return image[dim] + call.attrs[before].as_int() + call.attrs[behind].as_int();
  };
  outputs.push_back({Element::kFloat, {image[0], padded(1, 0, 2), padded(2, 1, 3)}});
}

void infer_shuffle(const OpCall& call, std::vector<TensorType>& outputs) {
  const Shape& image = expect_image(call);
  const std::int64_t groups = call.attrs[0].as_int();
  if (image[0] % groups != 0) {
    call.fail("groups = " + std::to_string(groups) +
              " does not divide channels = " + std::to_string(image[0]));
  }
  outputs.push_back(call.inputs[0]);
}

constexpr OpSchema kOps[] = {
    // the first is `input_op`
    {
        .name = "input",
        .doc = "a tensor that the caller of the network gives",
        .min_inputs = 0,
        .max_inputs = 0,
        .role = OpRole::kInput,
        .family = OpFamily::kPort,
        .infer = infer_input,
    },
    {
        .name = "identity",
        .doc = "passes its input on",
        .role = OpRole::kStructure,
        .family = OpFamily::kShape,
        .zero_rule = ZeroRule::kKeeps,
        .in_place = true,
        .neutral = {.exists = true},
        .channels = ChannelRule::kAsInput,
        .infer = infer_identity,
        .onnx_name = "Identity",
    },
    {
        .name = "zero",
        .doc = "zeros of the input's shape, spatially subsampled: the absent connection of cell "
               "spaces",
        .role = OpRole::kStructure,
        .family = OpFamily::kOther,
        .zero_rule = ZeroRule::kMakes,
        .channels = ChannelRule::kAsInput,
        .attrs = kZeroAttrs,
        .infer = infer_zero,
    },
    {
        .name = "flatten",
        .doc = "all values as one vector, row-major",
        .role = OpRole::kStructure,
        .family = OpFamily::kShape,
        .zero_rule = ZeroRule::kKeeps,
        .in_place = true,
        .neutral = {.exists = true},
        .channels = ChannelRule::kPositions,
        .infer = infer_flatten,
        .onnx_name = "Flatten",
    },
    {
        .name = "dropout",
        .doc = "in training sets values to zero at random and scales the others by 1 / (1 - rate)",
        .role = OpRole::kStructure,
        .family = OpFamily::kOther,
        .zero_rule = ZeroRule::kKeeps,
        .in_place = true,
        .channels = ChannelRule::kAsInput,
        .attrs = kDropoutAttrs,
        .infer = infer_as_input,
        .onnx_name = "Dropout",
    },
    {
        .name = "slice_channels",
        .doc = "a range of the channels",
        .role = OpRole::kStructure,
        .family = OpFamily::kShape,
        .zero_rule = ZeroRule::kKeeps,
        .neutral = {.exists = true, .attrs = {"begin"}},
        .channels = ChannelRule::kSlice,
        .attrs = kSliceAttrs,
        .infer = infer_slice,
        .onnx_name = "Slice",
    },
    {
        .name = "crop",
        .doc = "the image without its first rows and columns",
        .role = OpRole::kStructure,
        .family = OpFamily::kShape,
        .zero_rule = ZeroRule::kKeeps,
        .neutral = {.exists = true, .attrs = {"top", "left"}},
        .channels = ChannelRule::kAsInput,
        .attrs = kCropAttrs,
        .infer = infer_crop,
        .onnx_name = "Slice",
    },
    {
        .name = "pad",
        .doc = "zeros around the image, where a convolution's own padding is not the same on all "
               "sides",
        .role = OpRole::kStructure,
        .family = OpFamily::kShape,
        .zero_rule = ZeroRule::kKeeps,
        .channels = ChannelRule::kAsInput,
        .attrs = kPadAttrs,
        .infer = infer_pad,
        .onnx_name = "Pad",
    },
    {
        .name = "channel_shuffle",
        .doc = "interleaves groups of channels: view (groups, C / groups), transpose, flatten",
        .role = OpRole::kStructure,
        .family = OpFamily::kShape,
        .zero_rule = ZeroRule::kKeeps,
        .neutral = {.exists = true, .value = 1, .attrs = {"groups"}},
        .channels = ChannelRule::kShuffled,
        .attrs = kShuffleAttrs,
        .infer = infer_shuffle,
    },
};

}  // namespace

constinit const OpSchema& input_op = kOps[0];

extern constinit const OpList structure_list{kOps};

}  // namespace nas
