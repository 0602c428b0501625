#include "tests/core/tflite/other_engine.h"

#include <cstdint>
#include <iostream>
#include <stdexcept>

#ifdef NAS_ARM_NN_BACKENDS
#include <armnn/ArmNN.hpp>
#include <armnnTfLiteParser/ITfLiteParser.hpp>
#endif

namespace nas::test {

namespace {

#ifdef NAS_ARM_NN_BACKENDS

/// One for all networks: it loads the back ends.
armnn::IRuntime& runtime() {
  static const armnn::IRuntimePtr kRuntime = [] {
    armnn::IRuntime::CreationOptions options;
    options.m_DynamicBackendsPath = NAS_ARM_NN_BACKENDS;
    armnn::ConfigureLogging(false, false, armnn::LogSeverity::Fatal);
    return armnn::IRuntime::Create(options);
  }();
  return *kRuntime;
}

class ArmNn final : public OtherEngine {
 public:
  std::string_view name() const override { return "Arm NN"; }
  /// Groups are newer than Arm NN 20.08, which computes such layers as something else.
  bool reads_groups() const override { return false; }
  std::int64_t patience() const override { return 100'000'000; }

  Bytes answer(const std::string& file, const Bytes& input) const override {
    const auto parser = armnnTfLiteParser::ITfLiteParser::Create();
    const armnn::INetworkPtr network =
        parser->CreateNetworkFromBinary(std::vector<std::uint8_t>(file.begin(), file.end()));
    const auto from =
        parser->GetNetworkInputBindingInfo(0, parser->GetSubgraphInputTensorNames(0)[0]);
    const auto to =
        parser->GetNetworkOutputBindingInfo(0, parser->GetSubgraphOutputTensorNames(0)[0]);
    armnn::IOptimizedNetworkPtr optimised =
        armnn::Optimize(*network, {armnn::Compute::CpuRef}, runtime().GetDeviceSpec());
    if (!optimised) throw std::runtime_error("Arm NN cannot optimise the network");
    armnn::NetworkId id = 0;
    std::string problem;
    if (runtime().LoadNetwork(id, std::move(optimised), problem) != armnn::Status::Success) {
      throw std::runtime_error("Arm NN cannot load the network: " + problem);
    }
    if (from.second.GetNumBytes() != input.size())
      throw std::runtime_error("an input of another size");
    Bytes output(to.second.GetNumBytes());
    const armnn::Status status =
        runtime().EnqueueWorkload(id, {{from.first, armnn::ConstTensor(from.second, input.data())}},
                                  {{to.first, armnn::Tensor(to.second, output.data())}});
    runtime().UnloadNetwork(id);
    if (status != armnn::Status::Success) throw std::runtime_error("Arm NN cannot run the network");
    return output;
  }
};

#endif

}  // namespace

const OtherEngine* arm_nn() {
#ifdef NAS_ARM_NN_BACKENDS
  static const ArmNn kEngine;
  return &kEngine;
#else
  std::cout << "SKIPPED: Arm NN is not installed (libarmnn-dev, libarmnntfliteparser-dev, "
               "libarmnn-cpuref-backend22), or was not when this was configured\n";
  return nullptr;
#endif
}

}  // namespace nas::test
