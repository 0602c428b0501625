#include "core/runtime/evaluate_torch.h"

#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/var_mean.h>
#include <ATen/ops/zeros_like.h>
#include <c10/core/GradMode.h>

#include <cstring>
#include <numeric>

#include "core/runtime/entries_torch.h"

namespace nas {
namespace {

/// `samples` indices spread evenly over the set.
std::vector<std::uint32_t> spread_indices(std::size_t size, std::int64_t samples) {
  const std::size_t count =
      std::min(size, static_cast<std::size_t>(std::max<std::int64_t>(samples, 1)));
  std::vector<std::uint32_t> indices(count);
  for (std::size_t i = 0; i < count; ++i) indices[i] = static_cast<std::uint32_t>(i * size / count);
  return indices;
}

void run_batches(
    ModelImpl& model, const std::shared_ptr<const ImageDataset>& dataset, const ImageSet& images,
    std::vector<std::uint32_t> indices, std::int64_t batch_size,
    const std::function<void(const at::Tensor& pixels, const at::Tensor& labels)>& body) {
  check_fits(model, *dataset);
  const c10::NoGradGuard no_grad;
  BatchLoader loader(dataset, images, std::move(indices), {.batch = batch_size});
  loader.start_epoch(0);
  Batch batch;
  while (loader.next(batch)) {
    body(batch_tensor(batch, images.shape, model.device), label_tensor(batch, model.device));
  }
}

/// Running means of the inputs' statistics, for one batch normalisation.
struct Calibration {
  at::Tensor mean;
  at::Tensor variance;
  double images = 0;

  void add(const at::Tensor& x) {
    const std::vector<std::int64_t> dims =
        x.dim() == 4 ? std::vector<std::int64_t>{0, 2, 3} : std::vector<std::int64_t>{0};
    const auto [batch_variance, batch_mean] =
        at::var_mean(x.to(at::kFloat), dims, /*unbiased=*/false);
    const auto n = static_cast<double>(x.size(0));
    if (images == 0) {
      mean = at::zeros_like(batch_mean);
      variance = at::zeros_like(batch_variance);
    }
    images += n;
    mean.add_(batch_mean.sub(mean), n / images);
    variance.add_(batch_variance.sub(variance), n / images);
  }
};

}  // namespace

Accuracy AccuracySums::mean() const {
  const auto n = static_cast<double>(std::max<std::int64_t>(images, 1));
  return {100 * top1 / n, 100 * top5 / n, loss / n};
}

void count_hits(AccuracySums& sums, const at::Tensor& logits, const at::Tensor& labels) {
  const at::Tensor host = logits.detach().to(at::kCPU, at::kFloat).contiguous();
  const at::Tensor host_labels = labels.to(at::kCPU);
  const std::int64_t classes = host.size(1);
  const auto* row = host.data_ptr<float>();
  const auto* label = host_labels.data_ptr<std::int64_t>();
  for (std::int64_t i = 0; i < host.size(0); ++i, row += classes) {
    // The rank of the true class; among equals the smaller index wins, as in a stable sort.
    const float score = row[label[i]];
    std::int64_t rank = 0;
    for (std::int64_t c = 0; c < classes; ++c) {
      rank += row[c] > score || (row[c] == score && c < label[i]) ? 1 : 0;
    }
    sums.top1 += rank < 1 ? 1 : 0;
    sums.top5 += rank < 5 ? 1 : 0;
  }
  sums.images += host.size(0);
}

at::Tensor label_tensor(const Batch& batch, at::Device device) {
  at::Tensor labels = at::empty({batch.size()}, at::TensorOptions(at::kLong));
  std::memcpy(labels.data_ptr<std::int64_t>(), batch.labels.data(),
              batch.labels.size() * sizeof(std::int64_t));
  return labels.to(device);
}

at::Tensor batch_tensor(const Batch& batch, const Shape& shape, at::Device device) {
  return image_tensor(batch.images, shape, batch.size(), device);
}

void check_fits(const ModelImpl& model, const ImageDataset& dataset) {
  const Shape& input = model.graph.output_types(model.graph.graph_inputs()[0])[0].shape;
  const GraphOutput& output = model.graph.graph_outputs()[0];
  const Shape& logits = model.graph.type(output.value).shape;
  const auto classes = static_cast<std::int64_t>(dataset.classes.size());
  if (input != dataset.train.shape) {
    throw Error(ErrorKind::kUsage, "the network reads " + to_string(input) + ", data set '" +
                                       dataset.id + "' has images of " +
                                       to_string(dataset.train.shape));
  }
  if (logits.rank() != 1 || logits[0] != classes) {
    throw Error(ErrorKind::kUsage, "output '" + output.name + "' is " + to_string(logits) +
                                       ", data set '" + dataset.id + "' has " +
                                       std::to_string(classes) + " classes");
  }
}

Accuracy on_torch::evaluate(Model& model, const std::shared_ptr<const ImageDataset>& dataset,
                            const ImageSet& images, std::vector<std::uint32_t> indices,
                            std::int64_t batch) {
  AccuracySums sums;
  translate_torch_errors("evaluate", [&] {
    run_batches(model.impl(), dataset, images, std::move(indices), batch,
                [&](const at::Tensor& pixels, const at::Tensor& labels) {
                  const at::Tensor logits = model.impl().forward(pixels, {})[0];
                  const at::Tensor loss = at::cross_entropy_loss(logits, labels);
                  sums.loss += loss.item<double>() * static_cast<double>(labels.size(0));
                  count_hits(sums, logits, labels);
                });
  });
  return sums.mean();
}

void on_torch::recalibrate_batch_norm(Model& model,
                                      const std::shared_ptr<const ImageDataset>& dataset,
                                      std::int64_t samples, std::int64_t batch) {
  ModelImpl& impl = model.impl();
  std::vector<Calibration> calibrations(impl.graph.size());
  ForwardOptions options{.batch_statistics = true};
  options.tap = [&](NodeId node, std::span<const at::Tensor> inputs, const at::Tensor&) {
    if (has_running_statistics(impl.graph, node)) calibrations[node].add(inputs[0]);
  };
  translate_torch_errors("batch norm calibration", [&] {
    run_batches(
        impl, dataset, dataset->train, spread_indices(dataset->train.size(), samples), batch,
        [&](const at::Tensor& pixels, const at::Tensor&) { impl.forward(pixels, options); });
    const c10::NoGradGuard no_grad;
    for (NodeId node = 0; node < impl.graph.size(); ++node) {
      if (calibrations[node].images == 0) continue;
      const auto mean = static_cast<std::size_t>(param_index(impl.graph, node, "running_mean"));
      const auto variance = static_cast<std::size_t>(param_index(impl.graph, node, "running_var"));
      impl.tensors[node][mean].copy_(calibrations[node].mean);
      impl.tensors[node][variance].copy_(calibrations[node].variance);
    }
  });
}

}  // namespace nas
