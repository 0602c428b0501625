#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "core/api/predictor.h"
#include "predictors/gennape/contrastive.h"
#include "predictors/gennape/fuzzy_means.h"

namespace nas {

/// What heads read of an embedding: all of it, or the mean over the nodes alone, without what the
/// layers found around them. The latter orders spaces that were never seen; of what stands around a
/// node the heads learn what holds in their own.
enum class CgView : std::uint8_t { kWhole, kNodes };

/// Graphs as GENNAPE's heads read them. Empty matrices where nothing was learned.
struct CodedGraphs {
  struct View {
    CgMatrix<float> inputs;  ///< embeddings, in deviations of the sources' and within +-4
    CgMatrix<float> shares;  ///< memberships of the clusters
  };
  View whole, nodes;
  CgMatrix<float> ones;  ///< of one cluster that all belong to
  std::vector<double> macs;
  const View& view(CgView view) const { return view == CgView::kWhole ? whole : nodes; }
};

struct HeadSpaceSettings {
  std::size_t encoder_graphs = 0;  ///< at most, that the encoder learns from
  int encoder_epochs = 0;
  std::size_t clusters = 0;  ///< 0: none
  double fuzzifier = 2;
};

/// The frozen contrastive encoder with the scale of its embeddings, and the clusters in each view
/// of them; all from the spaces that are learned from.
class HeadSpace {
 public:
  /// `each` is called now and then and may throw.
  void fit(std::span<const CompGraph> graphs, const HeadSpaceSettings& settings, Rng rng,
           const FitContext& context, const std::function<void()>& each);
  bool fitted() const { return input_mean_.size() > 0; }
  std::size_t clusters(CgView view) const {
    return static_cast<std::size_t>(means(view).centroids.rows());
  }
  /// Numbers of a network.
  static std::size_t width(CgView view) {
    return view == CgView::kWhole ? ContrastiveNet::kWidth : CgEncoder::kWidth;
  }

  CodedGraphs code(std::span<const CompGraph> graphs) const;
  /// Positions of `count` candidates: each is the one whose nearest neighbour among the measured
  /// and those before it is farthest; the first of all is the one nearest to the mean. By size,
  /// where nothing was learned.
  std::vector<std::size_t> most_different(std::span<const CompGraph> candidates,
                                          std::span<const CompGraph> measured,
                                          std::size_t count) const;

  void save(std::vector<PredictorTensor>& tensors) const;
  /// Throws Error(kData) for tensors that do not fit.
  void restore(const PredictorState& state, bool clusters, double fuzzifier);

 private:
  const FuzzyMeans& means(CgView view) const {
    return view == CgView::kWhole ? whole_means_ : node_means_;
  }
  CgMatrix<float> embed(std::span<const CompGraph> graphs) const;

  ContrastiveNet encoder_;
  Eigen::RowVectorXf input_mean_, input_deviation_;  ///< of the sources' embeddings
  FuzzyMeans whole_means_, node_means_;
};

/// The tensor of a state, of this many finite numbers. Throws Error(kData).
const std::vector<double>& gennape_tensor(const PredictorState& state, const std::string& name,
                                          std::size_t size);

}  // namespace nas
