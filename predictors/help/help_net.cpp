#include "predictors/help/help_net.h"

#include <algorithm>
#include <array>

#include "core/util/error.h"
#include "core/util/text.h"
#include "predictors/encoding.h"

namespace nas {
namespace {

using Layers = HelpLayers<double>;

constexpr std::size_t kNodes = 9, kFeatures = 8;
constexpr std::int64_t kOfaResolutions = 25;

std::vector<const std::vector<double>*> pointers(std::span<const std::vector<double>> encodings) {
  std::vector<const std::vector<double>*> result;
  for (const std::vector<double>& encoding : encodings) result.push_back(&encoding);
  return result;
}

}  // namespace

struct HelpNet::Impl {
  Impl(HelpEncoder encoder, const HelpTensors& tensors)
      : layers(help_layers(encoder, tensors)), meta(read_help(layers, tensors)) {}

  Layers layers;
  HelpWeights meta;
  Layers::Vector now;  ///< adapted
  Layers::Row embedding;
};

HelpNet::HelpNet(HelpEncoder encoder, const HelpTensors& tensors)
    : impl_(std::make_unique<Impl>(encoder, tensors)) {}
HelpNet::~HelpNet() = default;

HelpNet::Modulation HelpNet::modulation(std::span<const double> embedding) const {
  const HelpGaussians z(impl_->meta.modulator, embedding);
  const auto biases = z.mean.end() - 3;
  return {{z.mean.begin(), biases}, {biases, z.mean.end()}, z.kl()};
}

void HelpNet::start(std::span<const double> embedding, bool modulated) {
  const HelpGaussians z(impl_->meta.modulator, embedding);
  impl_->embedding = Eigen::Map<const Layers::Row>(embedding.data(), kHelpReferences);
  impl_->now = impl_->meta.theta;
  if (modulated) impl_->layers.modulate(z.mean, impl_->now);
}

double HelpNet::step(std::span<const std::vector<double>> encodings,
                     std::span<const double> labels) {
  NAS_CHECK(impl_->now.size() > 0 && encodings.size() == labels.size(), "started, a label each");
  const Layers::Batch batch = impl_->layers.batch(pointers(encodings));
  Layers::Trace trace;
  const auto count = static_cast<double>(labels.size());
  const Layers::Matrix errors =
      impl_->layers.forward(impl_->now, batch, impl_->embedding, trace) -
      Eigen::Map<const Layers::Matrix>(labels.data(), static_cast<Eigen::Index>(labels.size()), 1);
  Layers::Vector gradient;
  impl_->layers.backward(impl_->now, batch, 2 / count * errors, trace, gradient);
  impl_->now -= impl_->meta.rates.cwiseProduct(gradient);
  return errors.squaredNorm() / count;
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
  NAS_CHECK(impl_->now.size() > 0, "started");
  constexpr std::size_t kAtOnce = 500;  // what a trace of them takes is a few megabytes
  std::vector<double> result;
  Layers::Trace trace;
  while (!encodings.empty()) {
    const auto some = encodings.first(std::min(kAtOnce, encodings.size()));
    const Layers::Batch batch = impl_->layers.batch(pointers(some));
    const Layers::Matrix& values =
        impl_->layers.forward(impl_->now, batch, impl_->embedding, trace);
    result.insert(result.end(), values.data(), values.data() + values.size());
    encodings = encodings.subspan(some.size());
  }
  return result;
}

std::vector<double> help_graph(std::span<const std::uint16_t> choices) {
  // Columns: input, pool, 1x1, 3x3, none, skip, output, global.
  constexpr std::array<std::size_t, 5> kColumn{4, 5, 2, 3, 1};
  std::vector<double> nodes(kNodes * kFeatures, 0.0);
  const auto set = [&nodes](std::size_t node, std::size_t column) {
    nodes[node * kFeatures + column] = 1;
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
  for (std::int64_t i = 0; i < kOfaResolutions; ++i) {
    code.push_back(resolution == 128 + 4 * i ? 1 : 0);
  }
  return code;
}

namespace {

/// Are these the choices of every decision?
bool chooses(const SearchSpace& space, const std::vector<std::string>& choices) {
  const std::span<const Decision> decisions = space.decisions();
  return std::all_of(decisions.begin(), decisions.end(),
                     [&](const Decision& one) { return one.choices == choices; });
}

bool is_fbnet(const SearchSpace& space) {
  return chooses(space, {"k3_e1", "k3_e1_g2", "k3_e3", "k3_e6", "k5_e1", "k5_e1_g2", "k5_e3",
                         "k5_e6", "skip"});
}

/// What an architecture of Once-for-All chooses among numbers, by kind of decision and in order.
struct OfaChoices {
  std::vector<std::int64_t> resolutions, depths, kernels, expansions;

  OfaChoices(const SearchSpace& space, const Architecture& architecture) {
    const std::span<const Decision> decisions = space.decisions();
    for (DecisionId id = 0; id < decisions.size(); ++id) {
      std::vector<std::int64_t>* const of =
          decisions[id].kind == DecisionKind::kResolution ? &resolutions
          : decisions[id].kind == DecisionKind::kDepth    ? &depths
          : decisions[id].kind == DecisionKind::kKernel   ? &kernels
                                                          : &expansions;
      const std::string& choice = decisions[id].choices[architecture.choices[id]];
      of->push_back(parse_int(choice).value());
    }
  }
};

/// Five stages of four blocks, each with a kernel and an expansion ratio, and a resolution.
bool is_ofa_mobilenetv3(const SearchSpace& space) {
  constexpr std::int64_t kStages = 5, kBlocks = 20;
  const std::span<const Decision> decisions = space.decisions();
  const auto count = [&](DecisionKind kind) {
    return std::ranges::count(decisions, kind, &Decision::kind);
  };
  return std::ssize(decisions) == 1 + kStages + 2 * kBlocks &&
         count(DecisionKind::kResolution) == 1 && count(DecisionKind::kDepth) == kStages &&
         count(DecisionKind::kKernel) == kBlocks && count(DecisionKind::kExpansion) == kBlocks;
}

std::vector<double> ofa_encoding(const SearchSpace& space, const Architecture& architecture) {
  const OfaChoices choices(space, architecture);
  std::vector<double> code =
      help_ofa(choices.resolutions.front(), choices.depths, choices.kernels, choices.expansions);
  if (std::find(code.end() - kOfaResolutions, code.end(), 1) != code.end()) return code;
  throw Error(ErrorKind::kUsage, "HELP knows resolutions from 128 to 224 in steps of 4, not " +
                                     std::to_string(choices.resolutions.front()) +
                                     "; take the space with grid=coarse");
}

}  // namespace

HelpEncoder help_encoder(const SearchSpace& space) {
  constexpr std::size_t kEdges = 6;
  const bool cell =
      space.decisions().size() == kEdges &&
      chooses(space, {"none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3"});
  return cell ? HelpEncoder::kGraph : HelpEncoder::kVector;
}

std::vector<double> help_encoding(const SearchSpace& space, const Architecture& architecture) {
  if (help_encoder(space) == HelpEncoder::kGraph) return help_graph(architecture.choices);
  if (is_fbnet(space)) return help_fbnet(architecture.choices);
  if (is_ofa_mobilenetv3(space)) return ofa_encoding(space, architecture);
  return one_hot(space, architecture);
}

double help_label(double value, double low, double high) {
  constexpr double kPart = 0.9;
  if (low == high) return 0.5;
  return (value - low) / (high - low) * kPart + (1 - kPart) / 2;
}

std::vector<double> help_embedding(std::span<const double> reference_latencies) {
  const auto [low, high] =
      std::minmax_element(reference_latencies.begin(), reference_latencies.end());
  std::vector<double> embedding;
  for (const double value : reference_latencies) {
    embedding.push_back(*low == *high ? 0.5 : (value - *low) / (*high - *low));
  }
  return embedding;
}

}  // namespace nas
