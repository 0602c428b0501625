#include <ATen/ops/adaptive_avg_pool2d.h>
#include <ATen/ops/bmm.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/softplus.h>
#include <ATen/ops/zeros.h>

#include <cmath>

#include "core/runtime/distill/terms_torch.h"

// Losses that compare feature maps. Where the maps of a pair differ in size, the larger is averaged
// down.

namespace nas {
namespace {

struct MapPair {
  at::Tensor student, teacher;  ///< of equal height and width
};

MapPair same_size(const at::Tensor& student, const at::Tensor& teacher) {
  const std::int64_t h = std::min(student.size(2), teacher.size(2));
  const std::int64_t w = std::min(student.size(3), teacher.size(3));
  const auto fit = [&](const at::Tensor& x) {
    return x.size(2) == h && x.size(3) == w ? x : at::adaptive_avg_pool2d(x, {h, w});
  };
  return {fit(student), fit(teacher)};
}

/// The sum of term(pair, index) over the pairs of maps, made equal in size.
template <class Term>
at::Tensor over_sized_maps(const DistillBatch& batch, const Term& term) {
  return over_maps(batch, [&](const at::Tensor& student, const at::Tensor& teacher, std::size_t i) {
    return term(same_size(student, teacher), i);
  });
}

/// The middle pair of maps, as the released setting of CIFAR ResNets (the second of three stages).
class Hint final : public DistillMethod {
 public:
  using DistillMethod::DistillMethod;

  std::vector<AdapterSpec> adapters(const FeatureShapes& student,
                                    const FeatureShapes& teacher) const override {
    const std::size_t i = student.maps.size() / 2;
    const std::int64_t in = student.maps[i][0], out = teacher.maps[i][0];
    return {pointwise("regressor.weight", in, out), learned("regressor.bias", {out}, in)};
  }

  at::Tensor loss(const DistillBatch& batch) const override {
    const std::size_t i = batch.student.maps.size() / 2;
    const MapPair pair = same_size(batch.student.maps[i], batch.teacher.maps[i]);
    const at::Tensor regressed = at::conv2d(pair.student, batch.adapters[0], batch.adapters[1]);
    return (regressed - pair.teacher).square().mean();
  }
};

class Attention final : public DistillMethod {
 public:
  using DistillMethod::DistillMethod;
  at::Tensor loss(const DistillBatch& batch) const override {
    // [N, C, H, W] -> [N, H W]
    const auto attention = [](const at::Tensor& x) {
      return unit_rows(x.square().mean(1).flatten(1), 1);
    };
    return over_sized_maps(batch, [&](const MapPair& pair, std::size_t) {
      return (attention(pair.student) - attention(pair.teacher)).square().mean();
    });
  }
};

/// Maximum mean discrepancy of the channels' spatial patterns with the kernel (x . y)^2.
class NeuronSelectivity final : public DistillMethod {
 public:
  using DistillMethod::DistillMethod;
  at::Tensor loss(const DistillBatch& batch) const override {
    const auto kernel = [](const at::Tensor& a, const at::Tensor& b) {
      return at::bmm(a, b.transpose(1, 2)).square().mean();
    };
    return over_sized_maps(batch, [&](const MapPair& pair, std::size_t) {
      const at::Tensor s = unit_rows(pair.student.flatten(2), 2);
      const at::Tensor t = unit_rows(pair.teacher.flatten(2), 2);
      return kernel(t, t) + kernel(s, s) - kernel(s, t).mul(2);
    });
  }
};

/// A Gaussian around a learned map of the student explains the teacher's map.
class VariationalInformation final : public DistillMethod {
 public:
  using DistillMethod::DistillMethod;

  std::vector<AdapterSpec> adapters(const FeatureShapes& student,
                                    const FeatureShapes& teacher) const override {
    std::vector<AdapterSpec> specs;
    for (std::size_t i = 0; i < student.maps.size(); ++i) {
      const std::string name = "map" + std::to_string(i);
      const std::int64_t out = teacher.maps[i][0];
      specs.push_back(pointwise(name + ".mean.0", student.maps[i][0], out));
      specs.push_back(pointwise(name + ".mean.1", out, out));
      specs.push_back(pointwise(name + ".mean.2", out, out));
      specs.push_back({name + ".scale", {out}, 0, std::log(std::expm1(kInitialVariance))});
    }
    return specs;
  }

  at::Tensor loss(const DistillBatch& batch) const override {
    return over_sized_maps(batch, [&](const MapPair& pair, std::size_t i) {
      const auto own = batch.adapters.subspan(kAdapters * i, kAdapters);
      at::Tensor mean = at::relu(at::conv2d(pair.student, own[0]));
      mean = at::conv2d(at::relu(at::conv2d(mean, own[1])), own[2]);
      const at::Tensor variance = (at::softplus(own[3]) + kSmallestVariance).view({1, -1, 1, 1});
      return ((mean - pair.teacher).square() / variance + variance.log()).mean().mul(0.5);
    });
  }

 private:
  static constexpr std::size_t kAdapters = 4;
  static constexpr double kInitialVariance = 5;
  static constexpr double kSmallestVariance = 1e-5;
};

constexpr DistillBuilder kLosses[] = {
    {"fitnet", make_distill_method<Hint>},
    {"at", make_distill_method<Attention>},
    {"nst", make_distill_method<NeuronSelectivity>},
    {"vid", make_distill_method<VariationalInformation>},
};

}  // namespace

std::span<const DistillBuilder> map_losses() {
  return kLosses;
}

}  // namespace nas
