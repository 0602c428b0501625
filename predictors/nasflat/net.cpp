#include "predictors/nasflat/net.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/util/error.h"

namespace nas {
namespace {

constexpr std::size_t kOperation = 40, kDevice = 8, kVertex = 96, kHead = 200,
                      kSupplementLayer = 128, kSupplement = 48;
constexpr std::size_t kFirstLayers = 2, kSecondLayers = 3;
constexpr float kMargin = 0.1F;

/// The graphs of a batch one below the other.
struct Stacked {
  std::vector<std::size_t> operations;
  RowLinks before;  ///< from the sources of each vertex
  RowLinks around;  ///< from the vertex itself and its sources
  RowLinks mean;    ///< of the vertices of each graph

  explicit Stacked(std::span<const NasflatGraph* const> graphs) {
    for (std::size_t g = 0; g < graphs.size(); ++g) {
      const CellGraph& cell = graphs[g]->cell;
      const std::size_t first = operations.size(), count = cell.operations.size();
      operations.insert(operations.end(), cell.operations.begin(), cell.operations.end());
      for (std::size_t v = 0; v < count; ++v) {
        const auto row = static_cast<Eigen::Index>(first + v);
        around.links.push_back({row, row});
        for (const auto& [from, to] : cell.edges) {
          if (to != v) continue;
          before.links.push_back({static_cast<Eigen::Index>(first + from), row});
          around.links.push_back(before.links.back());
        }
        mean.links.push_back({row, static_cast<Eigen::Index>(g), 1 / static_cast<float>(count)});
      }
    }
    before.rows = around.rows = static_cast<Eigen::Index>(operations.size());
    mean.rows = static_cast<Eigen::Index>(graphs.size());
  }
};

}  // namespace

TensorPlace NasflatNet::place(std::size_t rows, std::size_t columns, Start start, Rng& rng) {
  const TensorPlace result{parameters_.size(), static_cast<Eigen::Index>(rows),
                           static_cast<Eigen::Index>(columns)};
  const double bound = std::sqrt(6.0 / static_cast<double>(rows + columns));
  for (std::size_t i = 0; i < rows * columns; ++i) {
    const double value = start == Start::kGlorot   ? rng.uniform(-bound, bound)
                         : start == Start::kNormal ? rng.normal()
                         : start == Start::kOne    ? 1
                                                   : 0;
    parameters_.push_back(static_cast<float>(value));
  }
  return result;
}

NasflatNet::Dense NasflatNet::dense(std::size_t in, std::size_t out, Rng& rng) {
  return {place(in, out, Start::kGlorot, rng), place(1, out, Start::kZero, rng)};
}

NasflatNet::Layer NasflatNet::layer(std::size_t in, std::size_t operation, Rng& rng) {
  const std::size_t out = shape_.width;
  Layer result;
  result.flow = dense(in, out, rng);
  result.gate = dense(operation, out, rng);
  result.attend = place(in, out, Start::kGlorot, rng);
  result.own = place(out, 1, Start::kGlorot, rng);
  result.other = place(out, 1, Start::kGlorot, rng);
  result.gain = place(1, out, Start::kOne, rng);
  result.shift = place(1, out, Start::kZero, rng);
  result.attend_gate = dense(operation, out, rng);
  return result;
}

NasflatNet::NasflatNet(const NasflatShape& shape, Rng rng) : shape_(shape) {
  const std::size_t width = shape.width;
  operations_ = place(shape.vocabulary, kOperation, Start::kNormal, rng);
  devices_ = place(shape.devices, kDevice, Start::kNormal, rng);
  node_ = dense(kOperation + kDevice, kVertex, rng);
  for (std::size_t i = 0; i < kFirstLayers; ++i) {
    first_.push_back(layer(i == 0 ? kVertex : width, kOperation + kDevice, rng));
  }
  refine_ = dense(width + kOperation + kDevice, width, rng);
  join_ = dense(width, kOperation + kDevice, rng);
  for (std::size_t i = 0; i < kSecondLayers; ++i) {
    second_.push_back(layer(i == 0 ? kVertex : width, kOperation + kDevice, rng));
  }
  if (shape.supplement > 0) {
    supplement_ = {dense(shape.supplement, kSupplementLayer, rng),
                   dense(kSupplementLayer, kSupplementLayer, rng),
                   dense(kSupplementLayer, kSupplement, rng)};
  }
  head_ = {dense(width + (shape.supplement > 0 ? kSupplement : 0), kHead, rng),
           dense(kHead, kHead, rng), dense(kHead, kHead, rng), dense(kHead, 1, rng)};
}

std::span<float> NasflatNet::device(std::size_t number) {
  NAS_CHECK(number < shape_.devices, "a device of the network");
  return std::span(parameters_).subspan(devices_.first + number * kDevice, kDevice);
}

Tape::Value NasflatNet::run(Tape& tape, const Dense& dense, Tape::Value x) const {
  return tape.shifted(tape.product(x, tape.parameter(dense.weight)), tape.parameter(dense.bias));
}

Tape::Value NasflatNet::run(Tape& tape, const Layer& layer, Tape::Value x, Tape::Value operation,
                            const RowLinks& before, const RowLinks& around) const {
  const auto gate = [&](const Dense& dense) { return tape.sigmoid(run(tape, dense, operation)); };
  // sigmoid(operation) * (A X W) + X W + b
  const Tape::Value own = tape.product(x, tape.parameter(layer.flow.weight));
  const Tape::Value flow =
      tape.shifted(tape.sum(tape.times(gate(layer.gate), tape.linked(own, before)), own),
                   tape.parameter(layer.flow.bias));
  const Tape::Value h = tape.product(x, tape.parameter(layer.attend));
  const Tape::Value heard = tape.attention(h, tape.product(h, tape.parameter(layer.own)),
                                           tape.product(h, tape.parameter(layer.other)), around);
  const Tape::Value attention =
      tape.normalised(tape.times(gate(layer.attend_gate), heard), tape.parameter(layer.gain),
                      tape.parameter(layer.shift));
  return tape.rectified(tape.sum(flow, attention, 0.5F));
}

Tape::Value NasflatNet::run(Tape& tape, const std::vector<Dense>& layers, Tape::Value x) const {
  for (std::size_t i = 0; i < layers.size(); ++i) {
    x = run(tape, layers[i], x);
    if (i + 1 < layers.size()) x = tape.rectified(x);
  }
  return x;
}

Tape::Value NasflatNet::score(Tape& tape, std::span<const NasflatGraph* const> graphs,
                              std::size_t device) const {
  const Stacked stacked(graphs);
  const std::vector<std::size_t> same(stacked.operations.size(), device);
  const Tape::Value operations =
      tape.beside(tape.rows_of(tape.parameter(operations_), stacked.operations),
                  tape.rows_of(tape.parameter(devices_), same));
  const Tape::Value vertices = tape.rectified(run(tape, node_, operations));
  Tape::Value x = vertices;
  for (const Layer& one : first_) {
    x = run(tape, one, x, operations, stacked.before, stacked.around);
  }
  // What an operation costs depends on those around it.
  const Tape::Value refined =
      run(tape, join_, tape.rectified(run(tape, refine_, tape.beside(x, operations))));
  x = tape.rectified(run(tape, node_, refined));
  for (const Layer& one : second_) {
    x = run(tape, one, x, refined, stacked.before, stacked.around);
  }
  Tape::Value y = tape.linked(x, stacked.mean);
  if (shape_.supplement > 0) {
    Tape::Matrix numbers(static_cast<Eigen::Index>(graphs.size()),
                         static_cast<Eigen::Index>(shape_.supplement));
    for (std::size_t i = 0; i < graphs.size(); ++i) {
      NAS_CHECK(graphs[i]->supplement.size() == shape_.supplement,
                "a supplement as the shape says");
      std::ranges::copy(graphs[i]->supplement, numbers.row(static_cast<Eigen::Index>(i)).data());
    }
    y = tape.beside(y, run(tape, supplement_, tape.constant(std::move(numbers))));
  }
  return run(tape, head_, y);
}

std::vector<float> NasflatNet::scores(std::span<const NasflatGraph* const> graphs,
                                      std::size_t device) const {
  constexpr std::size_t kAtOnce = 100;
  std::vector<float> result;
  while (!graphs.empty()) {
    const auto some = graphs.first(std::min(kAtOnce, graphs.size()));
    Tape tape(parameters_, false);
    const Tape::Matrix& y = tape.value(score(tape, some, device));
    result.insert(result.end(), y.data(), y.data() + y.size());
    graphs = graphs.subspan(some.size());
  }
  return result;
}

double NasflatNet::loss(std::span<const NasflatGraph* const> graphs, std::size_t device,
                        std::span<const Pair> pairs, std::vector<float>& gradient) const {
  gradient.assign(parameters_.size(), 0.0F);
  if (pairs.empty()) return 0;
  Tape tape(parameters_, true);
  const Tape::Value scored = score(tape, graphs, device);
  const Tape::Matrix& y = tape.value(scored);
  Tape::Matrix slope = Tape::Matrix::Zero(y.rows(), 1);
  const auto part = 1 / static_cast<float>(pairs.size());
  double sum = 0;
  for (const auto& [faster, slower] : pairs) {
    const auto a = static_cast<Eigen::Index>(faster), b = static_cast<Eigen::Index>(slower);
    const float missing = kMargin - (y(b, 0) - y(a, 0));
    if (missing <= 0) continue;
    sum += static_cast<double>(missing * part);
    slope(a, 0) += part;
    slope(b, 0) -= part;
  }
  tape.backward(scored, slope, gradient);
  return sum;
}

}  // namespace nas
