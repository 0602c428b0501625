#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/predictor.h"
#include "predictors/gennape/cluster_heads.h"
#include "predictors/gennape/graph_terms.h"
#include "predictors/gennape/head_space.h"
#include "predictors/gennape/kgnn.h"
#include "predictors/gennape/label_transform.h"

namespace nas {

/// A way to score a network; their votes are GENNAPE. `cl` members read the embedding of the
/// contrastive encoder.
struct GennapeMember {
  enum class Kind : std::uint8_t { kRegress, kCompare, kKGnn, kFlops };
  std::string_view name;
  Kind kind;
  bool clusters = false;   ///< one head for each cluster instead of one
  bool transform = false;  ///< learns accuracy by size
};
/// Throws Error(kUsage) with the near miss for an unknown name.
const GennapeMember& gennape_member(std::string_view name);
/// The four learned members, k-GNN and FLOPs of the paper.
constexpr std::string_view kGennapeMembers = "cl_fcm_t+cl_t+pair_fcm+pair+kgnn+flops";
/// Those, and what its ablation has beside them.
constexpr std::string_view kAllGennapeMembers = "cl+cl_fcm+cl_t+cl_fcm_t+pair+pair_fcm+kgnn+flops";

struct GennapeOptions {
  std::string members{kGennapeMembers};
  std::int64_t source_graphs = 1000;  ///< at most, of each source
  double least_label = 80;            ///< networks of less are not learned from
  std::int64_t encoder_graphs = 500;  ///< of all, the encoder is learned from
  std::int64_t encoder_epochs = 10;
  std::int64_t clusters = 10;
  double fuzzifier = 2;
  std::int64_t head_epochs = 30;
  std::int64_t kgnn_epochs = 15;
  double kgnn_rate = 5e-4;
  std::int64_t tune_epochs = 100;
  double tune_rate = 1e-3;       ///< of the heads
  double kgnn_tune_rate = 1e-4;  ///< of the k-GNN
};

/// Labelled networks of one space.
struct GennapeSource {
  std::vector<CompGraph> graphs;
  std::vector<double> targets;  ///< larger is better
};

/// Scores networks of a space from labels of others: the sum of its members' votes, each
/// standardised over a pool of the space, by weights. Mills et al., AAAI 2023, sections 3 and 4;
/// what the paper leaves open is in docs/decisions.md. A copy is another ensemble. Graphs are read
/// in the terms of the spaces that it learned from (graph_terms.h). Until it has labels of the
/// space, its heads read the nodes alone (CgView).
class Gennape {
 public:
  using Each = std::function<void()>;  ///< called now and then; may throw

  Gennape() = default;
  /// Throws Error(kUsage) for unknown, repeated or no members.
  explicit Gennape(GennapeOptions options);

  void fit(std::span<const GennapeSource> sources, Rng rng, const FitContext& context,
           const Each& each);
  /// Sets what votes are relative to. Requires a fit.
  void settle(std::span<const CompGraph> pool);
  /// Fine-tuned on labels of the space: every member learns on, and its weight is the soft-max of
  /// its Kendall's tau on them. Requires `settle`.
  Gennape tuned(std::span<const CompGraph> graphs, std::span<const double> targets, Rng rng,
                const Each& each) const;
  /// Weights as `tuned` sets them, without learning: where the sources are of the space itself.
  void weigh(std::span<const CompGraph> graphs, std::span<const double> targets);

  bool fitted() const { return fitted_; }
  std::size_t members() const { return members_.size(); }
  std::string_view name(std::size_t member) const { return members_[member].what->name; }
  double weight(std::size_t member) const { return members_[member].weight; }
  /// By member, standardised over the pool. Members with the transform know accuracies too:
  std::vector<std::vector<double>> votes(std::span<const CompGraph> graphs) const;
  /// The sum of votes by weight. One for each network.
  std::vector<double> score(std::span<const CompGraph> graphs) const;
  /// Which networks to measure: HeadSpace::most_different.
  std::vector<std::size_t> most_different(std::span<const CompGraph> candidates,
                                          std::span<const CompGraph> measured,
                                          std::size_t count) const {
    return space_.most_different(read(candidates), read(measured), count);
  }

  void save(std::vector<PredictorTensor>& tensors) const;
  /// Throws Error(kData) for tensors that do not fit.
  void restore(const PredictorState& state);

 private:
  struct Member {
    const GennapeMember* what = nullptr;
    ClusterHeads heads, node_heads;  ///< of kRegress and kCompare, by view
    std::vector<double> references;  ///< of kCompare: scores of networks of the pool
    double mean = 0, deviation = 1;  ///< over the pool
    double weight = 1;
  };

  bool has(GennapeMember::Kind kind) const;
  bool reads_embeddings() const;
  bool has_clusters() const;
  ClusterHeads new_heads(const Member& member, CgView view, Rng rng) const;
  std::vector<CompGraph> read(std::span<const CompGraph> graphs) const;
  CgView view() const { return has_labels_ ? CgView::kWhole : CgView::kNodes; }
  void fit_heads(Member& member, const CodedGraphs& coded, std::span<const double> targets,
                 std::span<const std::uint32_t> groups, Rng rng, const Each& each);
  std::vector<double> raw(const Member& member, std::span<const CompGraph> graphs,
                          const CodedGraphs& coded) const;
  std::vector<double> labels(const Member& member, const CodedGraphs& coded,
                             std::span<const double> targets) const;
  HeadBatch batch_of(const Member& member, const CodedGraphs& coded, CgView view,
                     std::span<const double> targets, std::span<const std::uint32_t> groups) const;
  void rescale();
  /// Graphs as they are read.
  void weigh_read(std::span<const CompGraph> graphs, const CodedGraphs& coded,
                  std::span<const double> targets);

  GennapeOptions options_;
  std::vector<Member> members_;
  bool fitted_ = false;
  bool has_labels_ = false;  ///< of the space
  CgVocabulary words_;       ///< of the sources
  CgScale scale_;            ///< of the space
  HeadSpace space_;
  TargetScale plain_;
  LabelTransform transform_;
  std::optional<KGnn<float>> kgnn_;
  std::vector<CompGraph> pool_;  ///< as they are read; not saved
};

}  // namespace nas
