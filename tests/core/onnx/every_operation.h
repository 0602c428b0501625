#pragma once

#include <string>

#include "core/onnx/export_graph.h"

namespace nas::test {

/// Every operation that ONNX can say, in a network of images, one of sequences and one of patches.
inline const std::string kImages = R"(%0 = input() : float[6,9,9]
%c = conv2d(%0) {out_channels=8, kernel=3, stride=2, padding=1, bias=true} @stem
%b = batch_norm(%c) {momentum=0.01, eps=0.001} @stem
%r = relu(%b) @stem
%d = conv2d(%r) {out_channels=8, kernel=5, padding=4, dilation=2, groups=8} @cells.0/edge
%n = batch_norm(%d) {affine=false} @cells.0/edge
%h = hswish(%n) @cells.0
%s = sigmoid(%r) @cells.0
%t = tanh(%s)
%m = max_pool(%h) {kernel=2, stride=2, ceil_mode=true}
%a = avg_pool(%t) {kernel=2, stride=2, ceil_mode=true}
%e = avg_pool(%t) {kernel=3, stride=2, padding=1, count_include_pad=true}
%p = add(%m, %a, %e)
%g = global_avg_pool(%p) {keep_dims=true} @se
%q = conv2d(%g) {out_channels=8, kernel=1, bias=true} @se
%i = hsigmoid(%q) @se
%u = multiply(%p, %i) @se
%f = channel_shuffle(%u) {groups=4}
%w = slice_channels(%f) {begin=2, length=3}
%x = slice_channels(%f) {begin=5}
%y = concat(%x, %w)
%v = crop(%y) {top=1, left=1}
%pd = pad(%v) {bottom=1, right=1} @padded
%cp = conv2d(%pd) {out_channels=6, kernel=2} @padded
%z = scale_by(%cp) {factor=0.25}
%k = gelu(%z)
%l = relu6(%k)
%j = add(%l, %l)
%fl = flatten(%j) @head
%li = linear(%fl) {out_features=5} @head
%nb = linear(%li) {out_features=4, bias=false} @head
%po = global_avg_pool(%f) @head
%cc = concat(%nb, %po) @head
return logits=%cc, embedding=%po
)";

inline const std::string kSequences = R"(%0 = input() : float[4,12]
%c = conv1d(%0) {out_channels=8, kernel=3, stride=2, padding=1, bias=true} @frame
%b = batch_norm(%c) @frame
%l = layer_norm(%b) {eps=0.001}
%n = layer_norm(%l) {affine=false}
%s = softmax(%n)
%w = weighted_stats(%b, %s)
%t = token_linear(%l) {out_features=8} @att
%k = token_linear(%l) {out_features=8, bias=false} @att
%x = swap_axes(%k)
%m = matmul(%t, %x) @att
%r = reshape(%m) {dim0=4, dim1=2, dim2=8}
%y = swap_axes(%r) {first=0, second=2}
%f = flatten(%y)
%g = global_avg_pool(%t)
%cc = concat(%f, %w, %g)
%o = linear(%cc) {out_features=3}
return logits=%o, stats=%w
)";

inline const std::string kPatches = R"(%0 = input() : float[3,8,12]
%c = conv2d(%0) {out_channels=6, kernel=4, stride=4, bias=true} @patches
%r = reshape(%c) {dim0=6, dim1=6} @patches
%k = class_token(%r) @patches
%e = position_embedding(%k) @patches
%n = layer_norm(%e) {over_channels=true} @block/attention
%q = conv1d(%n) {out_channels=6, kernel=1, bias=true} @block/attention
%h = reshape(%q) {dim0=2, dim1=3, dim2=7} @block/attention
%s = relative_scores(%h) {columns=3, reach=2} @block/attention
%z = scale_by(%s) {factor=0.57735026918962584} @block/attention
%w = softmax(%z) @block/attention
%v = relative_values(%w) {channels=5, columns=3, reach=2} @block/attention
%m = reshape(%v) {dim0=10, dim1=7} @block/attention
%u = layer_norm(%m) {affine=false, eps=0.001, over_channels=true} @block/mlp
%a = gelu(%u) @block/mlp
%g = global_avg_pool(%a) @head
%o = linear(%g) {out_features=3} @head
return logits=%o
)";

inline const std::string kEveryOperation[] = {kImages, kSequences, kPatches};

/// The lowest opset that a network of these operations has: gelu needs Erf.
inline int first_opset(const std::string& lines) {
  return lines == kSequences ? kFirstOnnxOpset : 9;
}

}  // namespace nas::test
