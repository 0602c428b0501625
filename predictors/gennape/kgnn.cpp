#include "predictors/gennape/kgnn.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "core/util/adam.h"
#include "core/util/error.h"
#include "predictors/gennape/encoder.h"
#include "predictors/state.h"

namespace nas {
namespace {

constexpr std::size_t kHead = 5;  // linear layers, a ReLU behind the second
constexpr std::size_t kWidth = CgEncoder::kWidth;

/// The tensors of the encoder and of the head, under their released names.
struct Layout {
  CgTensors tensors = CgEncoder::tensors();
  std::array<std::size_t, kHead> head{}, head_bias{};

  Layout() {
    const std::array<const char*, kHead> names{"post_proj.0", "post_proj.1", "post_proj.3",
                                               "post_proj.4", "regressor"};
    for (std::size_t i = 0; i < kHead; ++i) {
      const std::size_t out = i + 1 == kHead ? 1 : kWidth;
      head[i] = tensors.add(names[i] + std::string(".weight"), out, kWidth);
      head_bias[i] = tensors.add(names[i] + std::string(".bias"), out, 1, true);
    }
  }
};

const Layout& layout() {
  static const Layout instance;
  return instance;
}

template <class T>
using Weights = Eigen::Map<const CgMatrix<T>>;
template <class T>
using Gradient = Eigen::Map<CgMatrix<T>>;
template <class T>
using BiasMap = Eigen::Map<const Eigen::Matrix<T, 1, Eigen::Dynamic>>;

Eigen::Index index(std::size_t i) {
  return static_cast<Eigen::Index>(i);
}

}  // namespace

/// A batch on its way through: what the derivatives need.
template <class T>
struct KGnn<T>::Pass {
  Colouring colouring;
  CgPass<T> encoder;
  std::vector<CgMatrix<T>> head;  ///< inputs of the head's layers, [graphs, 32], and the output
};

template <class T>
KGnn<T>::KGnn(Rng rng) : parameters_(layout().tensors.size) {
  initialise<T>(layout().tensors.list, rng, parameters_);
}

template <class T>
KGnn<T>::KGnn(const PredictorState& state) : parameters_(layout().tensors.size) {
  for (const CgTensor& tensor : layout().tensors.list) {
    const std::vector<double>& data = state_tensor(state, tensor.name).data;
    if (data.size() != tensor.size()) {
      throw Error(ErrorKind::kData, "k-GNN: tensor '" + tensor.name + "' has " +
                                        std::to_string(data.size()) + " values, expected " +
                                        std::to_string(tensor.size()));
    }
    for (std::size_t i = 0; i < data.size(); ++i) {
      parameters_[tensor.offset + i] = static_cast<T>(data[i]);
    }
  }
}

template <class T>
std::vector<PredictorTensor> KGnn<T>::tensors() const {
  std::vector<PredictorTensor> result;
  for (const CgTensor& tensor : layout().tensors.list) {
    const auto first = parameters_.begin() + static_cast<std::ptrdiff_t>(tensor.offset);
    std::vector<std::int64_t> shape{static_cast<std::int64_t>(tensor.rows)};
    if (!tensor.bias) shape.push_back(static_cast<std::int64_t>(tensor.columns));
    result.push_back(make_tensor(tensor.name, shape,
                                 {first, first + static_cast<std::ptrdiff_t>(tensor.size())}));
  }
  return result;
}

template <class T>
typename KGnn<T>::Pass KGnn<T>::forward(std::span<const CompGraph* const> graphs) const {
  const Layout& at = layout();
  const T* p = parameters_.data();
  Pass pass{Colouring(graphs, CgEncoder::kLayers), {}, {}};
  pass.encoder = encode<T>(parameters_, pass.colouring, nullptr);
  pass.head.push_back(read_out(pass.colouring, pass.encoder, CgEncoder::kLayers));
  for (std::size_t i = 0; i < kHead; ++i) {
    const std::size_t out = i + 1 == kHead ? 1 : kWidth;
    CgMatrix<T> y =
        pass.head.back() * Weights<T>(p + at.head[i], index(out), index(kWidth)).transpose();
    y.rowwise() += BiasMap<T>(p + at.head_bias[i], index(out));
    pass.head.push_back(i == 1 ? CgMatrix<T>(y.cwiseMax(T(0))) : std::move(y));
  }
  return pass;
}

template <class T>
std::vector<T> KGnn<T>::predict(std::span<const CompGraph* const> graphs) const {
  if (graphs.empty()) return {};
  const Pass pass = forward(graphs);
  return {pass.head.back().data(), pass.head.back().data() + pass.head.back().size()};
}

template <class T>
std::vector<T> KGnn<T>::embed(std::span<const CompGraph* const> graphs) const {
  if (graphs.empty()) return {};
  const Pass pass = forward(graphs);
  return {pass.head.front().data(), pass.head.front().data() + pass.head.front().size()};
}

template <class T>
double KGnn<T>::loss(std::span<const CompGraph* const> graphs, std::span<const double> targets,
                     std::vector<T>& gradient) const {
  const Pass pass = forward(graphs);
  backward(pass, targets, gradient);
  double sum = 0;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const double off = static_cast<double>(pass.head.back()(index(i), 0)) - targets[i];
    sum += off * off;
  }
  return sum / static_cast<double>(targets.size());
}

template <class T>
void KGnn<T>::backward(const Pass& pass, std::span<const double> targets,
                       std::vector<T>& gradient) const {
  const Layout& at = layout();
  const T* p = parameters_.data();
  gradient.assign(parameters_.size(), T(0));
  T* g = gradient.data();
  CgMatrix<T> back(index(targets.size()), 1);
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const double off = static_cast<double>(pass.head.back()(index(i), 0)) - targets[i];
    back(index(i), 0) = static_cast<T>(2 * off / static_cast<double>(targets.size()));
  }
  for (std::size_t i = kHead; i-- > 0;) {
    const std::size_t out = i + 1 == kHead ? 1 : kWidth;
    if (i == 1) back = back.cwiseProduct((pass.head[2].array() > T(0)).template cast<T>().matrix());
    Gradient<T>(g + at.head[i], index(out), index(kWidth)).noalias() =
        back.transpose() * pass.head[i];
    Gradient<T>(g + at.head_bias[i], 1, index(out)) = back.colwise().sum();
    back = back * Weights<T>(p + at.head[i], index(out), index(kWidth));
  }
  encode_back<T>(parameters_, pass.colouring, pass.encoder, back, CgEncoder::kLayers, gradient);
}

template class KGnn<float>;
template class KGnn<double>;

void train(KGnn<float>& net, std::span<const CompGraph> graphs, std::span<const double> targets,
           const KGnnTraining& training, Rng rng,
           const std::function<void(int epoch, double loss)>& each_epoch) {
  std::vector<std::size_t> order(graphs.size());
  std::iota(order.begin(), order.end(), 0);
  Adam<float> adam({.rate = training.learning_rate});
  std::vector<float> gradient;
  for (int epoch = 0; epoch < training.epochs; ++epoch) {
    rng.shuffle(std::span(order));
    double sum = 0;
    for (std::size_t begin = 0; begin < order.size(); begin += training.batch) {
      std::vector<const CompGraph*> batch;
      std::vector<double> labels;
      for (std::size_t i = begin; i < std::min(begin + training.batch, order.size()); ++i) {
        batch.push_back(&graphs[order[i]]);
        labels.push_back(targets[order[i]]);
      }
      sum += net.loss(batch, labels, gradient) * static_cast<double>(batch.size());
      double squares = 0;
      for (const float value : gradient) squares += static_cast<double>(value) * value;
      const double norm = std::sqrt(squares);
      if (norm > training.largest_norm) {
        const auto factor = static_cast<float>(training.largest_norm / norm);
        for (float& value : gradient) value *= factor;
      }
      adam.step(net.parameters(), gradient);
    }
    each_epoch(epoch, sum / static_cast<double>(order.size()));
  }
}

}  // namespace nas
