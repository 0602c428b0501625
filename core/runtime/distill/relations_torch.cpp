#include <ATen/ops/bmm.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/smooth_l1_loss.h>

#include "core/runtime/distill/terms_torch.h"

// Losses that compare how samples (or channels) relate to each other.

namespace nas {
namespace {

/// Row-normalised Gram matrices of the samples, of every pair of maps.
class SimilarityPreserving final : public DistillMethod {
 public:
  using DistillMethod::DistillMethod;
  at::Tensor loss(const DistillBatch& batch) const override {
    return over_maps(batch, [&](const at::Tensor& student, const at::Tensor& teacher, std::size_t) {
      return (sample_relations(student) - sample_relations(teacher)).square().mean();
    });
  }
};

/// Products of the embedded differences of consecutive samples.
class CorrelationCongruence final : public DistillMethod {
 public:
  using DistillMethod::DistillMethod;

  std::vector<AdapterSpec> adapters(const FeatureShapes& student,
                                    const FeatureShapes& teacher) const override {
    const auto embedding = [](const std::string& name, std::int64_t in) {
      return std::vector<AdapterSpec>{learned(name + ".weight", {kEmbedding, in}, in),
                                      learned(name + ".bias", {kEmbedding}, in)};
    };
    std::vector<AdapterSpec> specs = embedding("student", student.pooled);
    for (AdapterSpec& spec : embedding("teacher", teacher.pooled)) specs.push_back(spec);
    return specs;
  }

  at::Tensor loss(const DistillBatch& batch) const override {
    const at::Tensor s = at::linear(batch.student.pooled, batch.adapters[0], batch.adapters[1]);
    const at::Tensor t = at::linear(batch.teacher.pooled, batch.adapters[2], batch.adapters[3]);
    const at::Tensor delta = (s - t).abs();
    const std::int64_t pairs = delta.size(0) - 1;
    return (delta.narrow(0, 0, pairs) * delta.narrow(0, 1, pairs)).sum(1).mean();
  }

 private:
  static constexpr std::int64_t kEmbedding = 128;
};

/// Distances of pairs and angles of triplets.
class Relational final : public DistillMethod {
 public:
  using DistillMethod::DistillMethod;
  at::Tensor loss(const DistillBatch& batch) const override {
    const at::Tensor& s = batch.student.pooled;
    const at::Tensor& t = batch.teacher.pooled;
    return at::smooth_l1_loss(distances(s), distances(t)).mul(kDistance) +
           at::smooth_l1_loss(angles(s), angles(t)).mul(kAngle);
  }

 private:
  static constexpr double kDistance = 25, kAngle = 50;

  /// [N, F] -> [N, N], divided by their mean over pairs of different samples.
  static at::Tensor distances(const at::Tensor& x) {
    const std::int64_t n = x.size(0);
    // The square root has no derivative at the zeros of the diagonal: lift those to 1, then drop
    // them.
    const at::Tensor diagonal = at::eye(n, x.options());
    const at::Tensor squares =
        (x.unsqueeze(0) - x.unsqueeze(1)).square().sum(2).clamp_min(kSmallestNorm);
    const at::Tensor lengths = (squares + diagonal).sqrt() * (diagonal.mul(-1) + 1);
    return lengths / (lengths.sum() / static_cast<double>(n * (n - 1)));
  }

  /// [N, F] -> [N, N, N]: cosine at sample i between the directions to j and k.
  static at::Tensor angles(const at::Tensor& x) {
    const at::Tensor directions = x.unsqueeze(0) - x.unsqueeze(1);
    const at::Tensor length =
        directions.square().sum(2, true).clamp_min(kSmallestNorm * kSmallestNorm).sqrt();
    const at::Tensor units = directions / length.clamp_min(kSmallestNorm);
    return at::bmm(units, units.transpose(1, 2));
  }
};

/// Probabilities of the samples to be each other's neighbours.
class Probabilistic final : public DistillMethod {
 public:
  using DistillMethod::DistillMethod;
  at::Tensor loss(const DistillBatch& batch) const override {
    const auto probabilities = [](const at::Tensor& x) {
      const at::Tensor rows = x / (x.norm(2, 1, true) + kTiny);
      const at::Tensor similarity = (at::mm(rows, rows.t()) + 1).div(2);
      return similarity / similarity.sum(1, true);
    };
    const at::Tensor s = probabilities(batch.student.pooled);
    const at::Tensor t = probabilities(batch.teacher.pooled);
    return (t * ((t + kTiny) / (s + kTiny)).log()).mean();
  }

 private:
  static constexpr double kTiny = 1e-7;
};

/// Row-normalised Gram matrices of the channels of the last map, sample by sample. Where student
/// and teacher have different channels, a learned 1x1 convolution goes before.
class InterChannel final : public DistillMethod {
 public:
  using DistillMethod::DistillMethod;

  std::vector<AdapterSpec> adapters(const FeatureShapes& student,
                                    const FeatureShapes& teacher) const override {
    const std::int64_t in = student.maps.back()[0], out = teacher.maps.back()[0];
    if (in == out) return {};
    return {pointwise("regressor.weight", in, out)};
  }

  at::Tensor loss(const DistillBatch& batch) const override {
    const at::Tensor& map = batch.student.maps.back();
    const at::Tensor student = batch.adapters.empty() ? map : at::conv2d(map, batch.adapters[0]);
    const auto gram = [](const at::Tensor& x) {
      const at::Tensor rows = x.flatten(2);
      return unit_rows(at::bmm(rows, rows.transpose(1, 2)), 2);
    };
    const auto scale = static_cast<double>(student.size(0) * student.size(1));
    return (gram(student) - gram(batch.teacher.maps.back())).square().sum().div(scale);
  }
};

constexpr DistillBuilder kLosses[] = {
    {"sp", make_distill_method<SimilarityPreserving>},
    {"cc", make_distill_method<CorrelationCongruence>},
    {"rkd", make_distill_method<Relational>},
    {"pkt", make_distill_method<Probabilistic>},
    {"ickd", make_distill_method<InterChannel>},
};

}  // namespace

std::span<const DistillBuilder> relation_losses() {
  return kLosses;
}

}  // namespace nas
