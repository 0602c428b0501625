#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/api/transfer_predictor.h"

namespace nas {

/// Some subjects as several groups of numbers. `blocks[b]` is row-major, rows x width of block b.
struct BlockRows {
  std::size_t rows = 0;
  std::vector<std::vector<double>> blocks;
};

/// One part of a covariance: x z' / scale of a block, or exp(-|x - z|^2 / scale).
struct KernelPart {
  std::size_t block = 0;
  bool distance = false;
  double scale = 1;
};

/// One hypothesis of what the covariance is: bias + sum of weights x parts, and noise on top.
struct KernelVariant {
  std::string name;             ///< for people
  std::vector<double> weights;  ///< by part
  double noise = 0.1;           ///< variance, of standardised targets
  double prior = 1;             ///< odds before any sample, relative to the other variants; > 0
};

struct EvidenceOptions {
  double bias = 20;  ///< prior variance of the common level, of standardised targets
  /// Prior odds that one given sample is stray (its noise variance is 30 larger); 0: never. With
  /// ten samples a stray one cannot be told from structure.
  double stray = 0;
  double stray_variance = 30;
};

/// A mixture of Gaussian processes, one for each variant, weighted by the evidence of the samples:
///   L = log prior - (n/2) log(y' A^-1 y / n) - 1/2 log|A|,
///   weight = softmax(L),  f = sum weight k' A^-1 y,
/// y standardised, A = K + noise I; the amplitude is integrated out, so that errors follow
/// Student's t, with fewer degrees of freedom than n - 1 since the samples weigh the variants too.
/// Const methods are safe from several threads.
class EvidenceGp {
 public:
  EvidenceGp(std::vector<KernelPart> parts, std::vector<KernelVariant> variants,
             EvidenceOptions options);
  ~EvidenceGp();
  EvidenceGp(EvidenceGp&&) noexcept;
  EvidenceGp& operator=(EvidenceGp&&) noexcept;

  /// Requires at least two targets that are not all equal. Cost: variants x n^3.
  void condition(BlockRows samples, std::span<const double> targets);
  std::vector<Forecast> forecast(const BlockRows& queries) const;
  /// Every sample predicted from all others, the evidence weighted anew.
  std::vector<Forecast> leave_one_out() const;

  /// By variant: its part of the evidence.
  std::vector<double> evidence() const;
  const BlockRows& samples() const;
  std::span<const double> targets() const;  ///< as given

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Pivoted Cholesky: `count` of the candidates, each the one of largest posterior variance after
/// `measured` and those chosen before, under bias + sum of weights x parts (D-optimal design).
std::vector<std::size_t> most_uncertain(const BlockRows& candidates, const BlockRows& measured,
                                        std::span<const KernelPart> parts,
                                        const KernelVariant& kernel, double bias,
                                        std::size_t count);

}  // namespace nas
