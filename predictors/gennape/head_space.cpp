#include "predictors/gennape/head_space.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/util/error.h"
#include "core/util/text.h"
#include "predictors/state.h"

namespace nas {
namespace {

using Matrix = CgMatrix<float>;

constexpr float kFurthest = 4;                      // deviations; beyond, networks are as far
constexpr int kMostIterations = 100;                // of fuzzy c-means; 1e-9 can take hundreds
constexpr Eigen::Index kNodes = CgEncoder::kWidth;  // of an embedding: the mean over the nodes

Eigen::Index index(std::size_t i) {
  return static_cast<Eigen::Index>(i);
}

void fill(std::span<const double> from, float* to) {
  std::ranges::transform(from, to, [](double value) { return static_cast<float>(value); });
}

}  // namespace

const std::vector<double>& gennape_tensor(const PredictorState& state, const std::string& name,
                                          std::size_t size) {
  const std::vector<double>& data = state_tensor(state, name).data;
  const bool finite = std::ranges::all_of(data, [](double v) { return std::isfinite(v); });
  if (data.size() == size && finite) return data;
  throw Error(ErrorKind::kData, "predictor 'gennape': tensor '" + name + "' does not fit");
}

void HeadSpace::fit(std::span<const CompGraph> graphs, const HeadSpaceSettings& settings, Rng rng,
                    const FitContext& context, const std::function<void()>& each) {
  ProgressSink& progress = context.progress == nullptr ? no_progress() : *context.progress;
  std::vector<const CompGraph*> chosen;
  for (const CompGraph& graph : graphs) chosen.push_back(&graph);
  rng.shuffle(std::span(chosen));
  chosen.resize(std::min(chosen.size(), settings.encoder_graphs));
  encoder_ = ContrastiveNet(rng.stream(1));
  each();
  progress.begin("contrastive encoder", settings.encoder_epochs);
  train(encoder_, chosen, {.epochs = settings.encoder_epochs}, rng.stream(2),
        [&](int epoch, double loss) {
          progress.update(epoch + 1, "loss " + format_short(loss, 4));
          each();
        });
  progress.end();
  const Matrix inputs = encoder_.embed(graphs);
  input_mean_ = inputs.colwise().mean();
  input_deviation_ =
      (inputs.rowwise() - input_mean_).array().square().colwise().mean().sqrt().max(1e-6F);
  if (settings.clusters == 0) return;
  const Matrix embedded = embed(graphs);
  const auto cluster = [&](const Matrix& points, std::uint64_t stream) {
    return fuzzy_means(points.cast<double>(), settings.clusters, settings.fuzzifier,
                       kMostIterations, rng.stream(stream), each);
  };
  whole_means_ = cluster(embedded, 3);
  node_means_ = cluster(embedded.leftCols(kNodes), 4);
}

Matrix HeadSpace::embed(std::span<const CompGraph> graphs) const {
  Matrix inputs = encoder_.embed(graphs);
  inputs.rowwise() -= input_mean_;
  inputs.array().rowwise() /= input_deviation_.array();
  return inputs.cwiseMax(-kFurthest).cwiseMin(kFurthest);
}

CodedGraphs HeadSpace::code(std::span<const CompGraph> graphs) const {
  CodedGraphs coded;
  for (const CompGraph& graph : graphs) coded.macs.push_back(static_cast<double>(graph.macs));
  if (!fitted()) return coded;
  coded.whole.inputs = embed(graphs);
  coded.nodes.inputs = coded.whole.inputs.leftCols(kNodes);
  coded.ones = Matrix::Ones(index(graphs.size()), 1);
  for (auto [view, means] :
       {std::pair{&coded.whole, &whole_means_}, std::pair{&coded.nodes, &node_means_}}) {
    if (means->centroids.rows() == 0) continue;
    view->shares = means->memberships(view->inputs.cast<double>()).cast<float>();
  }
  return coded;
}

std::vector<std::size_t> HeadSpace::most_different(std::span<const CompGraph> candidates,
                                                   std::span<const CompGraph> measured,
                                                   std::size_t count) const {
  const auto rows_of = [this](std::span<const CompGraph> graphs) {
    if (fitted()) return embed(graphs);
    Matrix sizes(index(graphs.size()), 1);
    for (std::size_t i = 0; i < graphs.size(); ++i) {
      const double macs = std::max(1.0, static_cast<double>(graphs[i].macs));
      sizes(index(i), 0) = static_cast<float>(std::log10(macs));
    }
    return sizes;
  };
  const Matrix rows = rows_of(candidates);
  const Eigen::RowVectorXf centre = rows.colwise().mean();
  Eigen::VectorXf nearest = -(rows.rowwise() - centre).rowwise().squaredNorm();
  bool first = true;
  const auto know = [&](const Eigen::RowVectorXf& row) {
    const Eigen::VectorXf to = (rows.rowwise() - row).rowwise().squaredNorm();
    nearest = std::exchange(first, false) ? to : Eigen::VectorXf(nearest.cwiseMin(to));
  };
  if (!measured.empty()) {
    const Matrix known = rows_of(measured);
    for (Eigen::Index i = 0; i < known.rows(); ++i) know(known.row(i));
  }
  std::vector<std::size_t> chosen, left(candidates.size());
  for (std::size_t i = 0; i < left.size(); ++i) left[i] = i;
  while (chosen.size() < count && !left.empty()) {
    const auto best =
        std::ranges::max_element(left, {}, [&nearest](std::size_t i) { return nearest(index(i)); });
    chosen.push_back(*best);
    left.erase(best);
    know(rows.row(index(chosen.back())));
  }
  return chosen;
}

void HeadSpace::save(std::vector<PredictorTensor>& tensors) const {
  if (!fitted()) return;
  const auto keep = [&tensors](const std::string& name, Eigen::Index rows, Eigen::Index columns,
                               const auto* data) {
    tensors.push_back(make_tensor(name, {rows, columns}, {data, data + rows * columns}));
  };
  keep("encoder", 1, std::ssize(encoder_.encoder()), encoder_.encoder().data());
  keep("input_mean", 1, input_mean_.size(), input_mean_.data());
  keep("input_deviation", 1, input_deviation_.size(), input_deviation_.data());
  for (const auto& [name, means] :
       {std::pair{"centroids", &whole_means_}, std::pair{"node_centroids", &node_means_}}) {
    const CgMatrix<double>& centroids = means->centroids;
    if (centroids.rows() > 0) keep(name, centroids.rows(), centroids.cols(), centroids.data());
  }
}

void HeadSpace::restore(const PredictorState& state, bool clusters, double fuzzifier) {
  constexpr std::size_t kWidth = ContrastiveNet::kWidth;
  encoder_ = ContrastiveNet(Rng({}));
  fill(gennape_tensor(state, "encoder", CgEncoder::size()), encoder_.parameters().data());
  for (auto [name, row] :
       {std::pair{"input_mean", &input_mean_}, std::pair{"input_deviation", &input_deviation_}}) {
    row->resize(index(kWidth));
    fill(gennape_tensor(state, name, kWidth), row->data());
  }
  whole_means_ = node_means_ = {};
  if (!clusters) return;
  const auto read = [&](const char* name, std::size_t width) {
    const std::size_t rows = state_tensor(state, name).data.size() / width;
    const std::vector<double>& data = gennape_tensor(state, name, rows * width);
    return FuzzyMeans{Eigen::Map<const CgMatrix<double>>(data.data(), index(rows), index(width)),
                      fuzzifier};
  };
  whole_means_ = read("centroids", width(CgView::kWhole));
  node_means_ = read("node_centroids", width(CgView::kNodes));
}

}  // namespace nas
