#include "predictors/help/help_net.h"

#include <Eigen/Core>
#include <algorithm>
#include <array>
#include <cmath>

#include "core/util/error.h"

namespace nas {
namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Row = Eigen::RowVectorXd;

constexpr Eigen::Index kNodes = 9, kFeatures = 8, kReferences = 10, kWidth = 100;
constexpr std::array<Eigen::Index, 3> kHeadInputs{2 * kWidth, 2 * kWidth, 2 * kWidth};
constexpr double kModulation = 0.01;

/// Who hears whom: each node itself and those before it, the global node all (the sheet's A,
/// transposed). Edges of the cell: 0->1, 0->2, 1->2, 0->3, 1->3, 2->3.
Matrix hearing() {
  Matrix a = Matrix::Identity(kNodes, kNodes);
  const std::array<std::pair<int, int>, 10> kReads{
      {{1, 0}, {2, 0}, {4, 0}, {3, 1}, {5, 1}, {6, 2}, {6, 3}, {7, 4}, {7, 5}, {7, 6}}};
  for (const auto& [reader, source] : kReads) a(reader, source) = 1;
  a.row(kNodes - 1).setOnes();
  return a;
}

struct Layer {
  std::string name;            ///< "gc1", "fc3"
  bool graph = false;          ///< weight [in, out] of a graph convolution; otherwise [out, in]
  Matrix weight, weight_rate;  ///< [in, out] here
  Row bias, bias_rate;
};

struct Gradient {
  Matrix weight;
  Row bias;
};

/// What the backward pass needs of one layer.
struct Trace {
  Matrix input;   ///< of a graph convolution after the nodes were mixed
  Matrix before;  ///< its result before the rectifier
};

Matrix rectified(const Matrix& x) {
  return x.cwiseMax(0.0);
}

/// Keeps what passed the rectifier.
Matrix passed(const Matrix& gradient, const Matrix& before) {
  return (before.array() > 0).select(gradient, 0.0);
}

/// Applies `a` to every block of nodes.
Matrix mixed(const Matrix& a, const Matrix& x) {
  Matrix y(x.rows(), x.cols());
  for (Eigen::Index first = 0; first < x.rows(); first += kNodes) {
    y.middleRows(first, kNodes) = a * x.middleRows(first, kNodes);
  }
  return y;
}

}  // namespace

struct HelpNet::Impl {
  HelpEncoder encoder = HelpEncoder::kVector;
  Matrix a = hearing();
  std::vector<Layer> meta;  ///< encoder, device encoder (2), head (3), in this order
  std::vector<Layer> now;   ///< adapted
  Matrix z1, z2;            ///< [in, out]
  Row z1_bias, z2_bias;
  Row embedding;

  std::size_t encoders() const { return meta.size() - 5; }

  Matrix stacked(std::span<const std::vector<double>> encodings) const {
    const Eigen::Index rows_each = encoder == HelpEncoder::kGraph ? kNodes : 1;
    const Eigen::Index width = meta.front().weight.rows();
    Matrix x(static_cast<Eigen::Index>(encodings.size()) * rows_each, width);
    for (std::size_t i = 0; i < encodings.size(); ++i) {
      NAS_CHECK(static_cast<Eigen::Index>(encodings[i].size()) == rows_each * width,
                "an encoding of the network's kind");
      x.middleRows(static_cast<Eigen::Index>(i) * rows_each, rows_each) =
          Eigen::Map<const Matrix>(encodings[i].data(), rows_each, width);
    }
    return x;
  }

  Matrix run(std::size_t layer, const Matrix& x, Trace* trace) const {
    const Layer& one = now[layer];
    const Matrix input = one.graph ? mixed(a, x) : x;
    Matrix y = input * one.weight;
    y.rowwise() += one.bias;
    if (trace != nullptr) *trace = {input, y};
    return y;
  }

  /// [samples, 1]; traces of all layers where wanted.
  Matrix forward(std::span<const std::vector<double>> encodings, std::vector<Trace>* traces) const {
    if (traces != nullptr) traces->resize(now.size());
    const auto trace = [traces](std::size_t layer) {
      return traces == nullptr ? nullptr : &(*traces)[layer];
    };
    const std::size_t first_device = encoders();
    Matrix x = stacked(encodings);
    for (std::size_t i = 0; i < first_device; ++i) x = rectified(run(i, x, trace(i)));
    Matrix device = embedding;
    for (std::size_t i = first_device; i < first_device + 2; ++i) {
      device = rectified(run(i, device, trace(i)));
    }
    const auto samples = static_cast<Eigen::Index>(encodings.size());
    Matrix joined(samples, 2 * kWidth);
    for (Eigen::Index i = 0; i < samples; ++i) {
      const Eigen::Index row = encoder == HelpEncoder::kGraph ? i * kNodes + kNodes - 1 : i;
      joined.row(i).head(kWidth) = x.row(row);
      joined.row(i).tail(kWidth) = device.row(0);
    }
    for (std::size_t i = first_device + 2; i + 1 < now.size(); ++i) {
      joined = rectified(run(i, joined, trace(i)));
    }
    return run(now.size() - 1, joined, trace(now.size() - 1));
  }

  /// Gradient of one layer; returns that of its input.
  Matrix back(std::size_t layer, const Matrix& at_result, const Trace& trace,
              std::vector<Gradient>& gradients) const {
    gradients[layer] = {trace.input.transpose() * at_result, at_result.colwise().sum()};
    const Matrix at_input = at_result * now[layer].weight.transpose();
    return now[layer].graph ? mixed(a.transpose(), at_input) : at_input;
  }

  std::vector<Gradient> backward(const std::vector<Trace>& traces, Matrix at_result) const {
    std::vector<Gradient> gradients(now.size());
    const std::size_t first_device = encoders(), head = first_device + 2;
    for (std::size_t i = now.size(); i-- > head;) {
      if (i + 1 < now.size()) at_result = passed(at_result, traces[i].before);
      at_result = back(i, at_result, traces[i], gradients);
    }
    Matrix device = at_result.rightCols(kWidth).colwise().sum();
    for (std::size_t i = head; i-- > first_device;) {
      device = back(i, passed(device, traces[i].before), traces[i], gradients);
    }
    const Eigen::Index samples = at_result.rows();
    Matrix x = Matrix::Zero(traces[first_device - 1].before.rows(), kWidth);
    for (Eigen::Index i = 0; i < samples; ++i) {
      const Eigen::Index row = encoder == HelpEncoder::kGraph ? i * kNodes + kNodes - 1 : i;
      x.row(row) = at_result.row(i).head(kWidth);
    }
    for (std::size_t i = first_device; i-- > 0;) {
      x = back(i, passed(x, traces[i].before), traces[i], gradients);
    }
    return gradients;
  }
};

namespace {

using Tensors = std::map<std::string, PredictorTensor>;

const PredictorTensor& tensor_of(const Tensors& tensors, const std::string& name,
                                 std::vector<std::int64_t> shape) {
  const auto found = tensors.find(name);
  if (found == tensors.end()) {
    throw Error(ErrorKind::kData, "checkpoint of HELP: tensor '" + name + "' is missing");
  }
  if (found->second.shape != shape) {
    throw Error(ErrorKind::kData, "checkpoint of HELP: tensor '" + name + "' has another shape");
  }
  return found->second;
}

/// [in, out], whichever way the checkpoint has it.
Matrix weight_of(const Tensors& tensors, const std::string& name, Eigen::Index in, Eigen::Index out,
                 bool in_first) {
  const PredictorTensor& tensor =
      tensor_of(tensors, name,
                in_first ? std::vector<std::int64_t>{in, out} : std::vector<std::int64_t>{out, in});
  if (in_first) return Eigen::Map<const Matrix>(tensor.data.data(), in, out);
  return Eigen::Map<const Matrix>(tensor.data.data(), out, in).transpose();
}

Row bias_of(const Tensors& tensors, const std::string& name, Eigen::Index size) {
  return Eigen::Map<const Row>(tensor_of(tensors, name, {size}).data.data(), size);
}

Layer layer_of(const Tensors& tensors, const std::string& name, Eigen::Index in, Eigen::Index out,
               bool graph) {
  const std::string full = "meta_learner." + name;
  return {name,
          graph,
          weight_of(tensors, "model/" + full + ".weight", in, out, graph),
          weight_of(tensors, "task_lr/" + full + ".weight", in, out, graph),
          bias_of(tensors, "model/" + full + ".bias", out),
          bias_of(tensors, "task_lr/" + full + ".bias", out)};
}

}  // namespace

HelpNet::HelpNet(HelpEncoder encoder, const Tensors& tensors) : impl_(new Impl) {
  impl_->encoder = encoder;
  if (encoder == HelpEncoder::kGraph) {
    for (int i = 1; i <= 4; ++i) {
      impl_->meta.push_back(
          layer_of(tensors, "gc" + std::to_string(i), i == 1 ? kFeatures : kWidth, kWidth, true));
    }
  } else {
    const auto first = tensors.find("model/meta_learner.fc1.weight");
    const bool matrix = first != tensors.end() && first->second.shape.size() == 2;
    const Eigen::Index width = matrix ? first->second.shape[1] : 0;
    impl_->meta.push_back(layer_of(tensors, "fc1", width, kWidth, false));
    impl_->meta.push_back(layer_of(tensors, "fc2", kWidth, kWidth, false));
  }
  impl_->meta.push_back(layer_of(tensors, "fc_hw1", kReferences, kWidth, false));
  impl_->meta.push_back(layer_of(tensors, "fc_hw2", kWidth, kWidth, false));
  impl_->meta.push_back(layer_of(tensors, "fc3", kHeadInputs[0], 2 * kWidth, false));
  impl_->meta.push_back(layer_of(tensors, "fc4", kHeadInputs[1], 2 * kWidth, false));
  impl_->meta.push_back(layer_of(tensors, "fc5", kHeadInputs[2], 1, false));
  const std::string z = "inference_network/z_encoder.";
  const Eigen::Index outputs = 2 * (kHeadInputs[0] + kHeadInputs[1] + kHeadInputs[2] + 3);
  impl_->z1 = weight_of(tensors, z + "0.weight", kReferences, kReferences, false);
  impl_->z1_bias = bias_of(tensors, z + "0.bias", kReferences);
  impl_->z2 = weight_of(tensors, z + "2.weight", kReferences, outputs, false);
  impl_->z2_bias = bias_of(tensors, z + "2.bias", outputs);
}

HelpNet::~HelpNet() = default;

HelpNet::Modulation HelpNet::modulation(std::span<const double> embedding) const {
  NAS_CHECK(embedding.size() == static_cast<std::size_t>(kReferences), "ten reference latencies");
  const Row e = Eigen::Map<const Row>(embedding.data(), kReferences);
  const Row hidden = (e * impl_->z1 + impl_->z1_bias).cwiseMax(0.0);
  const Row out = hidden * impl_->z2 + impl_->z2_bias;
  const Eigen::Index half = out.size() / 2;
  Modulation result;
  for (Eigen::Index i = 0; i < half; ++i) {
    const double mean = out(i), raw = out(half + i);
    const double deviation = raw > 30 ? raw : std::log1p(std::exp(raw));  // softplus
    result.kl += 0.5 * (deviation * deviation + mean * mean - 1) - std::log(deviation);
    (i < half - 3 ? result.weights : result.biases).push_back(mean);
  }
  return result;
}

void HelpNet::start(std::span<const double> embedding, bool modulated) {
  const Modulation z = modulation(embedding);
  impl_->embedding = Eigen::Map<const Row>(embedding.data(), kReferences);
  impl_->now = impl_->meta;
  if (!modulated) return;
  std::size_t first = 0;
  for (std::size_t k = 0; k < kHeadInputs.size(); ++k) {
    Layer& layer = impl_->now[impl_->now.size() - 3 + k];
    for (Eigen::Index column = 0; column < kHeadInputs[k]; ++column) {
      layer.weight.row(column) *= 1 + kModulation * z.weights[first++];
    }
    layer.bias.array() += kModulation * z.biases[k];
  }
}

double HelpNet::step(std::span<const std::vector<double>> encodings,
                     std::span<const double> labels) {
  NAS_CHECK(!impl_->now.empty() && encodings.size() == labels.size(), "started, a label each");
  std::vector<Trace> traces;
  Matrix errors = impl_->forward(encodings, &traces);
  for (std::size_t i = 0; i < labels.size(); ++i) errors(static_cast<Eigen::Index>(i)) -= labels[i];
  const auto count = static_cast<double>(labels.size());
  const double before = errors.squaredNorm() / count;
  const std::vector<Gradient> gradients = impl_->backward(traces, 2 / count * errors);
  for (std::size_t i = 0; i < gradients.size(); ++i) {
    Layer& layer = impl_->now[i];
    layer.weight -= layer.weight_rate.cwiseProduct(gradients[i].weight);
    layer.bias -= layer.bias_rate.cwiseProduct(gradients[i].bias);
  }
  return before;
}

double HelpNet::loss(std::span<const std::vector<double>> encodings,
                     std::span<const double> labels) const {
  const std::vector<double> values = predict(encodings);
  double sum = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    sum += (values[i] - labels[i]) * (values[i] - labels[i]);
  }
  return sum / static_cast<double>(values.size());
}

std::vector<double> HelpNet::predict(std::span<const std::vector<double>> encodings) const {
  NAS_CHECK(!impl_->now.empty(), "started");
  const Matrix values = impl_->forward(encodings, nullptr);
  return {values.data(), values.data() + values.size()};
}

std::vector<double> help_graph(std::span<const std::uint16_t> choices) {
  // Columns: input, pool, 1x1, 3x3, none, skip, output, global.
  constexpr std::array<std::size_t, 5> kColumn{4, 5, 2, 3, 1};
  std::vector<double> nodes(static_cast<std::size_t>(kNodes * kFeatures), 0.0);
  const auto set = [&nodes](std::size_t node, std::size_t column) {
    nodes[node * static_cast<std::size_t>(kFeatures) + column] = 1;
  };
  set(0, 0);
  for (std::size_t edge = 0; edge < choices.size(); ++edge) set(1 + edge, kColumn[choices[edge]]);
  set(7, 6);
  set(8, 7);
  return nodes;
}

std::vector<double> help_fbnet(std::span<const std::uint16_t> choices) {
  constexpr std::uint16_t kSkip = 8;
  std::vector<double> code;
  for (const std::uint16_t choice : choices) {
    std::array<double, 6> layer{};
    if (choice != kSkip) {
      layer[choice < 4 ? 0 : 1] = 1;
      layer[std::size_t{2} + choice % 4] = 1;
    }
    code.insert(code.end(), layer.begin(), layer.end());
  }
  return code;
}

std::vector<double> help_ofa(std::int64_t resolution, std::span<const std::int64_t> depths,
                             std::span<const std::int64_t> kernels,
                             std::span<const std::int64_t> expansions) {
  constexpr std::size_t kStageBlocks = 4;
  const auto one_of = [](std::vector<double>& code, std::int64_t value, bool active,
                         std::initializer_list<std::int64_t> choices) {
    for (const std::int64_t choice : choices) code.push_back(active && value == choice ? 1 : 0);
  };
  const auto active = [&depths](std::size_t block) {
    return static_cast<std::int64_t>(block % kStageBlocks) < depths[block / kStageBlocks];
  };
  std::vector<double> code;
  for (std::size_t i = 0; i < kernels.size(); ++i) one_of(code, kernels[i], active(i), {3, 5, 7});
  for (std::size_t i = 0; i < expansions.size(); ++i) {
    one_of(code, expansions[i], active(i), {3, 4, 6});
  }
  for (std::int64_t r = 128; r <= 224; r += 4) code.push_back(r == resolution ? 1 : 0);
  return code;
}

double help_label(double value, double low, double high) {
  constexpr double kPart = 0.9;
  return (value - low) / (high - low) * kPart + (1 - kPart) / 2;
}

std::vector<double> help_embedding(std::span<const double> reference_latencies) {
  const auto [low, high] =
      std::minmax_element(reference_latencies.begin(), reference_latencies.end());
  std::vector<double> embedding;
  for (const double value : reference_latencies) {
    embedding.push_back((value - *low) / (*high - *low));
  }
  return embedding;
}

}  // namespace nas
