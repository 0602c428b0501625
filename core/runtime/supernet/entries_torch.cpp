#include "core/runtime/supernet/entries_torch.h"

namespace nas {

// Found by name when the library is opened (torch_module.h).
extern "C" const SupernetTorch nas_supernet_torch;
const SupernetTorch nas_supernet_torch{
    .make_bank = on_torch::make_bank,
    .extract_subnet = on_torch::extract_subnet,
    .read_bank = on_torch::read_bank,
    .write_bank = on_torch::write_bank,
    .train_paths = on_torch::train_paths,
    .evaluate_subnet = on_torch::evaluate_subnet,
    .search_architecture = on_torch::search_architecture,
};

}  // namespace nas
