#include "core/runtime/entries_torch.h"

namespace nas {

// Found by name when the library is opened (torch_module.h).
extern "C" const RuntimeTorch nas_runtime_torch;
const RuntimeTorch nas_runtime_torch{
    .make_model = on_torch::make_model,
    .predict = on_torch::predict,
    .read_weights = on_torch::read_weights,
    .write_weights = on_torch::write_weights,
    .train = on_torch::train,
    .evaluate = on_torch::evaluate,
    .answers = on_torch::answers,
    .observe_nodes = on_torch::observe_nodes,
    .recalibrate_batch_norm = on_torch::recalibrate_batch_norm,
    .time_on_host = on_torch::time_on_host,
    .measure_layers = on_torch::measure_layers,
    .measured_matmul_gflops = on_torch::measured_matmul_gflops,
    .measured_conv_gflops = on_torch::measured_conv_gflops,
    .cuda_is_available = on_torch::cuda_is_available,
    .set_intra_op_threads = on_torch::set_intra_op_threads,
};

}  // namespace nas
