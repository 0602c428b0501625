#include "cli/commands.h"
#include "cli/context.h"
#include "core/runtime/latency.h"

namespace nas::cli {
namespace {

int run_list(const Arguments&, Context& context) {
  Table table{.kind = "devices",
              .columns = {{"name", "", false, true},
                          {"kind"},
                          {"settings"},
                          {"values"},
                          {"description", "", true}}};
  const RuntimeInfo info = runtime_info();
  table.rows.push_back({std::string("host"), std::string("cpu"), host_device(1, 1).settings,
                        std::monostate{},
                        info.cpu + ", " + info.simd + ", " + std::to_string(info.threads) +
                            " threads; measured by latency_ms@host"});
  if (context.session().store_exists()) {
    for (const DeviceRow& row : context.session().reader().devices()) {
      table.rows.push_back({row.device.name, row.device.kind, row.device.settings, row.values,
                            std::string("in the database")});
    }
  }
  context.print(table);
  return 0;
}

int run_measure(const Arguments&, Context& context) {
  const RuntimeInfo info = runtime_info();
  Table table = single_table("device");
  const auto add = [&](const char* name, Cell value) { add_fact(table, name, std::move(value)); };
  add("cpu", info.cpu);
  add("simd", info.simd);
  add("threads", static_cast<std::int64_t>(info.threads));
  add("blas", info.blas);
  add("cuda", cuda_is_available());
  add("bfloat16", info.bfloat16);
  add("matmul_gflops_one_thread", measured_matmul_gflops());
  add("convolution_gflops_one_thread", measured_conv_gflops());
  context.print(table);
  return 0;
}

}  // namespace

const Command device_list{.noun = "device",
                          .verb = "list",
                          .summary = "what latencies can refer to",
                          .examples = "nasctl device list",
                          .run = run_list};

const Command device_measure{.noun = "device",
                             .verb = "measure",
                             .summary = "speed of this machine: matrix product, convolution",
                             .examples = "nasctl device measure --json",
                             .run = run_measure};

}  // namespace nas::cli
