#include "predictors/gennape/contrastive.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <numeric>

#include "core/util/adam.h"

namespace nas {
namespace {

constexpr std::size_t kHidden = 128, kProjected = 64;
constexpr std::size_t kChunk = 256;  // graphs that share one colouring

using Matrix = CgMatrix<float>;

Eigen::Index index(std::size_t i) {
  return static_cast<Eigen::Index>(i);
}

/// [2 n, 2 n]: what the similarities of a row shall be; both halves are the same n graphs.
Matrix wanted_shares(std::span<const Spectrum* const> spectra, double temperature) {
  const std::size_t n = spectra.size();
  Matrix shares = Matrix::Zero(index(2 * n), index(2 * n));
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) {
      const double sigma = spectral_distance(*spectra[i], *spectra[j]);
      const auto share = static_cast<float>(std::exp(-sigma / temperature));
      for (const auto& [row, column] : {std::pair{i, j}, {i, j + n}, {i + n, j}, {i + n, j + n}}) {
        shares(index(row), index(column)) = row == column ? 0.0F : share;
      }
    }
  }
  for (Eigen::Index i = 0; i < shares.rows(); ++i) shares.row(i) /= shares.row(i).sum();
  return shares;
}

/// Cross-entropy of the shares with the soft-max of z z' / temperature without the diagonal, mean
/// over the rows; `by_z` is its derivative.
double compare(const Matrix& z, const Matrix& wanted, double temperature, Matrix& by_z) {
  const auto rows = static_cast<float>(z.rows());
  Matrix slope = z * z.transpose() / static_cast<float>(temperature);
  double loss = 0;
  for (Eigen::Index i = 0; i < slope.rows(); ++i) {
    auto row = slope.row(i);
    const float most = row.maxCoeff();
    float total = 0, along = 0;
    for (Eigen::Index j = 0; j < row.size(); ++j) {
      if (j == i) continue;
      along += wanted(i, j) * (row(j) - most);
      row(j) = std::exp(row(j) - most);
      total += row(j);
    }
    row(i) = 0;
    loss += static_cast<double>(std::log(total) - along);
    row /= total;
  }
  slope -= wanted;
  by_z = (slope + slope.transpose()) * z / (static_cast<float>(temperature) * rows);
  return loss / static_cast<double>(rows);
}

}  // namespace

ContrastiveNet::ContrastiveNet(Rng rng) {
  const std::size_t start = CgEncoder::size();
  std::size_t at = start;
  const auto place = [&at](std::size_t rows, std::size_t columns) {
    const TensorPlace made{at - CgEncoder::size(), index(rows), index(columns)};
    at += rows * columns;
    return made;
  };
  first_ = place(kWidth, kHidden);
  first_bias_ = place(1, kHidden);
  second_ = place(kHidden, kProjected);
  second_bias_ = place(1, kProjected);
  parameters_.resize(at);
  initialise<float>(CgEncoder::tensors().list, rng, parameters_);
  const double first_bound = 1 / std::sqrt(static_cast<double>(kWidth)),
               second_bound = 1 / std::sqrt(static_cast<double>(kHidden));
  for (std::size_t i = start; i < at; ++i) {
    const double bound = i < start + second_.first ? first_bound : second_bound;
    parameters_[i] = static_cast<float>(rng.uniform(-bound, bound));
  }
}

Matrix ContrastiveNet::embed(std::span<const CompGraph> graphs) const {
  Matrix all(index(graphs.size()), index(kWidth));
  for (std::size_t begin = 0; begin < graphs.size(); begin += kChunk) {
    std::vector<const CompGraph*> chunk;
    for (const CompGraph& graph : graphs.subspan(begin, std::min(kChunk, graphs.size() - begin))) {
      chunk.push_back(&graph);
    }
    const Colouring colouring(chunk, CgEncoder::kLayers);
    const CgPass<float> pass = encode<float>(parameters_, colouring, nullptr);
    all.middleRows(index(begin), index(chunk.size())) = read_out(colouring, pass, 0);
  }
  return all;
}

double ContrastiveNet::loss(std::span<const CompGraph* const> graphs,
                            std::span<const Spectrum* const> spectra,
                            const ContrastiveSettings& settings, Rng noise,
                            std::vector<float>& gradient) const {
  const Colouring colouring(graphs, CgEncoder::kLayers);
  const Eigen::Index n = index(graphs.size());
  std::array<CgPass<float>, 2> views;
  Matrix embedded(2 * n, index(kWidth));
  for (std::size_t view = 0; view < 2; ++view) {
    CgDropout dropout{settings.dropout, noise.stream(view)};
    views[view] = encode<float>(parameters_, colouring, &dropout);
    embedded.middleRows(index(view) * n, n) = read_out(colouring, views[view], 0);
  }
  const std::span<const float> projection = std::span(parameters_).subspan(CgEncoder::size());
  Tape tape(projection, true);
  const auto layer = [&tape](Tape::Value x, const TensorPlace& weight, const TensorPlace& bias) {
    return tape.shifted(tape.product(x, tape.parameter(weight)), tape.parameter(bias));
  };
  const Tape::Value h = tape.input(embedded);
  const Tape::Value y = layer(tape.rectified(layer(h, first_, first_bias_)), second_, second_bias_);
  const Eigen::VectorXf lengths = tape.value(y).rowwise().norm().array().max(1e-12F);
  const Matrix z = tape.value(y).array().colwise() / lengths.array();
  Matrix by_z;
  const double mean =
      compare(z, wanted_shares(spectra, settings.spectral_temperature), settings.temperature, by_z);
  const Eigen::VectorXf along = by_z.cwiseProduct(z).rowwise().sum();
  const Matrix by_y =
      (by_z - (z.array().colwise() * along.array()).matrix()).array().colwise() / lengths.array();
  gradient.assign(parameters_.size(), 0.0F);
  tape.backward(y, by_y, std::span(gradient).subspan(CgEncoder::size()));
  for (std::size_t view = 0; view < 2; ++view) {
    const Matrix by_view = tape.slope_of(h).middleRows(index(view) * n, n);
    encode_back<float>(parameters_, colouring, views[view], by_view, 0, gradient);
  }
  return mean;
}

void train(ContrastiveNet& net, std::span<const CompGraph* const> graphs,
           const ContrastiveTraining& training, Rng rng,
           const std::function<void(int epoch, double loss)>& each_epoch) {
  std::vector<Spectrum> spectra;
  for (const CompGraph* graph : graphs) spectra.push_back(spectrum_of(*graph));
  std::vector<std::size_t> order(graphs.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  // Batches of nearly equal size: the last one shall not be a pair of graphs.
  const std::size_t batches = (graphs.size() + training.batch - 1) / training.batch;
  Adam<float> adam({.rate = training.learning_rate});
  std::vector<float> gradient;
  std::uint64_t step = 0;
  for (int epoch = 0; epoch < training.epochs; ++epoch) {
    rng.shuffle(std::span(order));
    const double at = static_cast<double>(epoch) / training.epochs;
    adam.set_rate(training.learning_rate * (1 + std::cos(std::numbers::pi * at)) / 2);
    double sum = 0;
    for (std::size_t b = 0; b < batches; ++b) {
      std::vector<const CompGraph*> chosen;
      std::vector<const Spectrum*> their;
      for (std::size_t i = b * order.size() / batches; i < (b + 1) * order.size() / batches; ++i) {
        chosen.push_back(graphs[order[i]]);
        their.push_back(&spectra[order[i]]);
      }
      sum += net.loss(chosen, their, training.settings, rng.stream(step++), gradient);
      adam.step(net.parameters(), gradient, training.weight_decay);
    }
    each_epoch(epoch, sum / static_cast<double>(batches));
  }
}

}  // namespace nas
