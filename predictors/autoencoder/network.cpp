#include "predictors/autoencoder/network.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace nas {
namespace {

constexpr float kNormEpsilon = 1e-5F;
constexpr float kMomentum = 0.1F;  // of the running statistics

void add_to(float* __restrict sums, const float* __restrict row, std::size_t n) {
  for (std::size_t k = 0; k < n; ++k) sums[k] += row[k];
}

/// to = (1 + epsilon) from + A from.
void aggregate(const GraphBatch& batch, float epsilon, const FloatMatrix& from, FloatMatrix& to) {
  to.resize(from.rows, from.columns);
  for (std::size_t i = 0; i < from.values.size(); ++i) {
    to.values[i] = (1 + epsilon) * from.values[i];
  }
  for (const GraphBatch::Link& link : batch.links) {
    const float *a = from.row(link.from), *b = from.row(link.to);
    add_to(to.row(link.from), b, from.columns);
    add_to(to.row(link.to), a, from.columns);
  }
}

float sigmoid(float x) {
  return 1 / (1 + std::exp(-x));
}

/// -log of the probability of `target` (0 or 1) where `x` is the logit of 1.
double cross_entropy(float x, float target) {
  return std::max(x, 0.0F) - x * target + std::log1p(std::exp(-std::abs(x)));
}

float log_sum_exp(const float* x, std::size_t n) {
  const float largest = *std::max_element(x, x + n);
  float sum = 0;
  for (std::size_t k = 0; k < n; ++k) sum += std::exp(x[k] - largest);
  return largest + std::log(sum);
}

float dot(const float* a, const float* b, std::size_t n) {
  float sum = 0;
  for (std::size_t k = 0; k < n; ++k) sum += a[k] * b[k];
  return sum;
}

void add_squares(float* __restrict sums, const float* __restrict row, const float* __restrict mean,
                 std::size_t n) {
  for (std::size_t k = 0; k < n; ++k) sums[k] += (row[k] - mean[k]) * (row[k] - mean[k]);
}

}  // namespace

void Reconstruction::add(const Reconstruction& more) {
  vertices += more.vertices;
  operations += more.operations;
  flags += more.flags;
  right_flags += more.right_flags;
  pairs += more.pairs;
  right_pairs += more.right_pairs;
}

struct GraphAutoencoder::Running {
  std::vector<float> mean, variance;
};

struct GraphAutoencoder::Workspace {
  /// Of one normalisation: the normalised values, and what its rectifier gave.
  struct Norm {
    FloatMatrix normalised, output;
    std::vector<float> inverse;  ///< 1 / deviation
  };
  std::vector<FloatMatrix> summed;  ///< by layer: what its first linear layer reads
  std::vector<Norm> norms;          ///< two a layer
  FloatMatrix linear;
  FloatMatrix mean, log_deviation, noise, kept, z;
  FloatMatrix logits, by_z, by_mean, by_deviation, by_hidden, by_summed;
  std::vector<float> transposed;
};

GraphAutoencoder::GraphAutoencoder(const AutoencoderShape& shape, Rng rng) : shape_(shape) {
  for (std::size_t l = 0; l < shape.layers; ++l) {
    Layer layer;
    layer.epsilon = parameters_.size();
    parameters_.push_back(shape.epsilon);
    layer.linear1 = add_linear(l == 0 ? shape.inputs() : shape.hidden, shape.hidden, rng);
    layer.norm1 = add_norm(shape.hidden);
    layer.linear2 = add_linear(shape.hidden, shape.hidden, rng);
    layer.norm2 = add_norm(shape.hidden);
    layers_.push_back(layer);
  }
  mean_ = add_linear(shape.hidden, shape.latent, rng);
  deviation_ = add_linear(shape.hidden, shape.latent, rng);
  decoder_ = add_linear(shape.latent, shape.inputs(), rng);
  running_.assign(2 * shape.layers,
                  {std::vector<float>(shape.hidden, 0), std::vector<float>(shape.hidden, 1)});
  work_.resize(1);
  work_[0].summed.resize(shape.layers);
  work_[0].norms.resize(2 * shape.layers);
}

GraphAutoencoder::~GraphAutoencoder() = default;
GraphAutoencoder::GraphAutoencoder(GraphAutoencoder&&) noexcept = default;
GraphAutoencoder& GraphAutoencoder::operator=(GraphAutoencoder&&) noexcept = default;

GraphAutoencoder::Place GraphAutoencoder::add_linear(std::size_t in, std::size_t out, Rng& rng) {
  const double bound = 1 / std::sqrt(static_cast<double>(in));  // as LibTorch starts them
  const Place place{parameters_.size(), parameters_.size() + in * out, in, out};
  for (std::size_t i = 0; i < in * out + out; ++i) {
    parameters_.push_back(static_cast<float>(rng.uniform(-bound, bound)));
  }
  return place;
}

GraphAutoencoder::Place GraphAutoencoder::add_norm(std::size_t width) {
  const Place place{parameters_.size(), parameters_.size() + width, width, width};
  parameters_.insert(parameters_.end(), width, 1.0F);
  parameters_.insert(parameters_.end(), width, 0.0F);
  return place;
}

void GraphAutoencoder::apply(const Place& linear, const FloatMatrix& x, FloatMatrix& y) const {
  y.resize(x.rows, linear.out);
  const float* bias = parameters_.data() + linear.second;
  for (std::size_t i = 0; i < x.rows; ++i) std::copy_n(bias, linear.out, y.row(i));
  multiply({x.rows, linear.in, linear.out}, {x.values.data(), linear.in, 1},
           parameters_.data() + linear.first, y.values.data(), true);
}

void GraphAutoencoder::apply_back(const Place& linear, const FloatMatrix& x, const FloatMatrix& dy,
                                  FloatMatrix* dx, std::vector<float>& gradient) {
  multiply({linear.in, x.rows, linear.out}, {x.values.data(), 1, linear.in}, dy.values.data(),
           gradient.data() + linear.first, true);
  float* bias = gradient.data() + linear.second;
  for (std::size_t i = 0; i < dy.rows; ++i) add_to(bias, dy.row(i), linear.out);
  if (dx == nullptr) return;
  std::vector<float>& weights = work_[0].transposed;
  transpose(parameters_.data() + linear.first, linear.in, linear.out, weights);
  dx->resize(x.rows, linear.in);
  multiply({x.rows, linear.out, linear.in}, {dy.values.data(), linear.out, 1}, weights.data(),
           dx->values.data());
}

/// Batch normalisation of the columns of `x` and a rectifier, into a slot of the workspace.
void GraphAutoencoder::normalise(const Place& norm, Running& running, const FloatMatrix& x,
                                 std::size_t slot) {
  Workspace::Norm& to = work_[0].norms[slot];
  const std::size_t width = norm.in;
  const auto rows = static_cast<float>(x.rows);
  std::vector<float> mean(width, 0), variance(width, 0);
  for (std::size_t i = 0; i < x.rows; ++i) add_to(mean.data(), x.row(i), width);
  for (float& value : mean) value /= rows;
  for (std::size_t i = 0; i < x.rows; ++i) {
    add_squares(variance.data(), x.row(i), mean.data(), width);
  }
  to.inverse.resize(width);
  for (std::size_t k = 0; k < width; ++k) {
    const float unbiased = variance[k] / std::max(rows - 1, 1.0F);
    running.mean[k] += kMomentum * (mean[k] - running.mean[k]);
    running.variance[k] += kMomentum * (unbiased - running.variance[k]);
    to.inverse[k] = 1 / std::sqrt(variance[k] / rows + kNormEpsilon);
  }
  to.normalised.resize(x.rows, width);
  to.output.resize(x.rows, width);
  const float *gain = parameters_.data() + norm.first, *shift = parameters_.data() + norm.second;
  const float *centre = mean.data(), *inverse = to.inverse.data();
  for (std::size_t i = 0; i < x.rows; ++i) {
    const float* row = x.row(i);
    float* __restrict plain = to.normalised.row(i);
    float* __restrict out = to.output.row(i);
    for (std::size_t k = 0; k < width; ++k) plain[k] = (row[k] - centre[k]) * inverse[k];
    for (std::size_t k = 0; k < width; ++k) out[k] = std::max(plain[k] * gain[k] + shift[k], 0.0F);
  }
}

/// From the slope of the rectified output to that of the input, in place.
void GraphAutoencoder::normalise_back(const Place& norm, std::size_t slot, FloatMatrix& dy,
                                      std::vector<float>& gradient) {
  const Workspace::Norm& made = work_[0].norms[slot];
  const std::size_t width = norm.in;
  std::vector<float> sum(width, 0), along(width, 0), scale(width);
  for (std::size_t i = 0; i < dy.rows; ++i) {
    const float *out = made.output.row(i), *plain = made.normalised.row(i);
    float* slope = dy.row(i);
    for (std::size_t k = 0; k < width; ++k) {
      slope[k] = out[k] > 0 ? slope[k] : 0.0F;
      sum[k] += slope[k];
      along[k] += slope[k] * plain[k];
    }
  }
  const auto rows = static_cast<float>(dy.rows);
  for (std::size_t k = 0; k < width; ++k) {
    gradient[norm.first + k] += along[k];
    gradient[norm.second + k] += sum[k];
    scale[k] = parameters_[norm.first + k] * made.inverse[k];
    sum[k] /= rows;
    along[k] /= rows;
  }
  for (std::size_t i = 0; i < dy.rows; ++i) {
    const float* plain = made.normalised.row(i);
    float* slope = dy.row(i);
    for (std::size_t k = 0; k < width; ++k) {
      slope[k] = scale[k] * (slope[k] - sum[k] - plain[k] * along[k]);
    }
  }
}

double GraphAutoencoder::loss(const GraphBatch& batch, const AutoencoderLoss& kind, Rng noise,
                              std::vector<float>& gradient) {
  Workspace& work = work_[0];
  gradient.assign(parameters_.size(), 0);
  const FloatMatrix* x = &batch.vertices;
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    aggregate(batch, parameters_[layers_[l].epsilon], *x, work.summed[l]);
    apply(layers_[l].linear1, work.summed[l], work.linear);
    normalise(layers_[l].norm1, running_[2 * l], work.linear, 2 * l);
    apply(layers_[l].linear2, work.norms[2 * l].output, work.linear);
    normalise(layers_[l].norm2, running_[2 * l + 1], work.linear, 2 * l + 1);
    x = &work.norms[2 * l + 1].output;
  }
  apply(mean_, *x, work.mean);
  apply(deviation_, *x, work.log_deviation);
  work.noise.resize(x->rows, shape_.latent);
  work.kept.resize(x->rows, shape_.latent);
  work.z.resize(x->rows, shape_.latent);
  const auto scale = static_cast<float>(1 / (1 - kind.dropout));
  for (std::size_t i = 0; i < work.z.values.size(); ++i) {
    work.noise.values[i] = static_cast<float>(noise.normal());
    work.kept.values[i] = kind.dropout > 0 && noise.bernoulli(kind.dropout) ? 0.0F : scale;
    const float sample =
        work.mean.values[i] + std::exp(work.log_deviation.values[i]) * work.noise.values[i];
    work.z.values[i] = work.kept.values[i] * sample;
  }
  const double loss = decode_loss(batch, kind, gradient);
  encode_back(batch, gradient);
  return loss;
}

/// Turns the logits of vertices into slopes.
double GraphAutoencoder::vertex_loss(const GraphBatch& batch, const AutoencoderLoss& kind) {
  FloatMatrix& logits = work_[0].logits;
  const auto share = 1 / static_cast<float>(logits.values.size());
  const auto weight = share * static_cast<float>(kind.operation_weight);
  double operations = 0, flags = 0;
  for (std::size_t i = 0; i < logits.rows; ++i) {
    float* row = logits.row(i);
    const float* target = batch.vertices.row(i);
    const float together = kind.softmax ? log_sum_exp(row, shape_.operations) : 0;
    for (std::size_t k = 0; k < logits.columns; ++k) {
      const bool is_operation = k < shape_.operations;
      const bool one_of_several = is_operation && kind.softmax;
      (is_operation ? operations : flags) +=
          one_of_several ? static_cast<double>(target[k] * (together - row[k]))
                         : cross_entropy(row[k], target[k]);
      const float probability = one_of_several ? std::exp(row[k] - together) : sigmoid(row[k]);
      row[k] = (is_operation ? weight : share) * (probability - target[k]);
    }
  }
  return operations * static_cast<double>(weight) + flags * static_cast<double>(share);
}

/// Fills the slopes of mean and log-deviation.
double GraphAutoencoder::decode_loss(const GraphBatch& batch, const AutoencoderLoss& kind,
                                     std::vector<float>& gradient) {
  Workspace& work = work_[0];
  apply(decoder_, work.z, work.logits);
  const double vertices = vertex_loss(batch, kind);
  apply_back(decoder_, work.z, work.logits, &work.by_z, gradient);
  double edges = 0, entries = 0;
  for (std::size_t g = 0; g < batch.graphs(); ++g) {
    const auto count = static_cast<double>(batch.starts[g + 1] - batch.starts[g]);
    entries += count * count;
  }
  const auto edge_share = static_cast<float>(1 / entries);
  const auto pull = [&](std::size_t a, std::size_t b, float slope) {
    const float *za = work.z.row(a), *zb = work.z.row(b);
    float *da = work.by_z.row(a), *db = work.by_z.row(b);
    for (std::size_t k = 0; k < shape_.latent; ++k) {
      da[k] += slope * zb[k];
      db[k] += slope * za[k];
    }
  };
  for (std::size_t g = 0; g < batch.graphs(); ++g) {
    for (std::size_t a = batch.starts[g]; a < batch.starts[g + 1]; ++a) {
      for (std::size_t b = a + 1; b < batch.starts[g + 1]; ++b) {
        const float logit = dot(work.z.row(a), work.z.row(b), shape_.latent);
        edges += cross_entropy(logit, 0);
        pull(a, b, edge_share * sigmoid(logit));
      }
    }
  }
  for (const GraphBatch::Link& link : batch.links) {
    edges -= dot(work.z.row(link.from), work.z.row(link.to), shape_.latent);
    pull(link.from, link.to, -edge_share);
  }
  double divergence = 0;
  const auto rows = static_cast<float>(batch.rows());
  const float weight = 1 / (rows * rows);
  work.by_mean.resize(batch.rows(), shape_.latent);
  work.by_deviation.resize(batch.rows(), shape_.latent);
  for (std::size_t i = 0; i < work.mean.values.size(); ++i) {
    const float mu = work.mean.values[i], s = work.log_deviation.values[i];
    const float deviation = std::exp(s);
    divergence += -0.5 * (1 + 2 * s - mu * mu - deviation * deviation);
    const float slope = work.kept.values[i] * work.by_z.values[i];
    work.by_mean.values[i] = slope + weight * mu;
    work.by_deviation.values[i] =
        slope * deviation * work.noise.values[i] + weight * (deviation * deviation - 1);
  }
  return vertices + edges / entries + divergence * static_cast<double>(weight);
}

void GraphAutoencoder::encode_back(const GraphBatch& batch, std::vector<float>& gradient) {
  Workspace& work = work_[0];
  const FloatMatrix& last = work.norms.back().output;
  FloatMatrix& slope = work.by_hidden;
  apply_back(mean_, last, work.by_mean, &slope, gradient);
  apply_back(deviation_, last, work.by_deviation, &work.by_summed, gradient);
  for (std::size_t i = 0; i < slope.values.size(); ++i) {
    slope.values[i] += work.by_summed.values[i];
  }
  for (std::size_t l = layers_.size(); l-- > 0;) {
    const Layer& layer = layers_[l];
    normalise_back(layer.norm2, 2 * l + 1, slope, gradient);
    apply_back(layer.linear2, work.norms[2 * l].output, slope, &work.by_summed, gradient);
    std::swap(slope, work.by_summed);
    normalise_back(layer.norm1, 2 * l, slope, gradient);
    apply_back(layer.linear1, work.summed[l], slope, &work.by_summed, gradient);
    const FloatMatrix& x = l == 0 ? batch.vertices : work.norms[2 * l - 1].output;
    gradient[layer.epsilon] += dot(x.values.data(), work.by_summed.values.data(), x.values.size());
    if (l > 0) aggregate(batch, parameters_[layer.epsilon], work.by_summed, slope);
  }
}

FloatMatrix GraphAutoencoder::encode(const GraphBatch& batch) const {
  FloatMatrix x = batch.vertices, summed, linear;
  const auto rectified = [&](const Place& norm, const Running& running) {
    std::vector<float> factor(norm.in), offset(norm.in);
    for (std::size_t k = 0; k < norm.in; ++k) {
      factor[k] = parameters_[norm.first + k] / std::sqrt(running.variance[k] + kNormEpsilon);
      offset[k] = parameters_[norm.second + k] - running.mean[k] * factor[k];
    }
    x.resize(linear.rows, linear.columns);
    for (std::size_t i = 0; i < x.rows; ++i) {
      const float* row = linear.row(i);
      float* to = x.row(i);
      for (std::size_t k = 0; k < norm.in; ++k) {
        to[k] = std::max(row[k] * factor[k] + offset[k], 0.0F);
      }
    }
  };
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    aggregate(batch, parameters_[layers_[l].epsilon], x, summed);
    apply(layers_[l].linear1, summed, linear);
    rectified(layers_[l].norm1, running_[2 * l]);
    apply(layers_[l].linear2, x, linear);
    rectified(layers_[l].norm2, running_[2 * l + 1]);
  }
  FloatMatrix mean;
  apply(mean_, x, mean);
  return mean;
}

Reconstruction GraphAutoencoder::reconstruct(const GraphBatch& batch) const {
  const FloatMatrix z = encode(batch);
  FloatMatrix logits;
  apply(decoder_, z, logits);
  Reconstruction result;
  for (std::size_t i = 0; i < logits.rows; ++i) {
    const float *given = batch.vertices.row(i), *made = logits.row(i);
    const auto best = std::max_element(made, made + shape_.operations) - made;
    ++result.vertices;
    result.operations += given[best] > 0 ? 1 : 0;
    for (std::size_t k = shape_.operations; k < shape_.inputs(); ++k) {
      ++result.flags;
      result.right_flags += (made[k] > 0) == (given[k] > 0) ? 1 : 0;
    }
  }
  std::vector<bool> linked(batch.rows() * batch.rows(), false);
  for (const GraphBatch::Link& link : batch.links)
    linked[link.from * batch.rows() + link.to] = true;
  for (std::size_t g = 0; g < batch.graphs(); ++g) {
    for (std::size_t a = batch.starts[g]; a < batch.starts[g + 1]; ++a) {
      for (std::size_t b = a + 1; b < batch.starts[g + 1]; ++b) {
        ++result.pairs;
        const bool made = dot(z.row(a), z.row(b), shape_.latent) > 0;
        result.right_pairs += made == linked[a * batch.rows() + b] ? 1 : 0;
      }
    }
  }
  return result;
}

}  // namespace nas
