#include <doctest/doctest.h>

#include <cmath>
#include <string>

#include "tests/db/importers/byte_writers.h"
#include "tests/db/importers/importer_testing.h"
#include "tests/db/importers/pickle_writer.h"

// The official .pth files have gigabytes; these are objects of the same form.

namespace nas {
namespace {

using test::contains;
using test::error_of;
using test::legacy_torch;
using test::PickleWriter;

const std::string kCell0 =
    "|avg_pool_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|nor_conv_1x1~0|skip_connect~1|skip_"
    "connect~2|";

/// A run of `epochs` epochs on cifar10 with a test accuracy at the last one.
void write_run(PickleWriter& writer, int seed, int epochs, double accuracy, double params) {
  writer.dict().text("seed").integer(seed).text("epochs").integer(epochs);
  writer.text("params").real(params).text("flop").real(15.64737);
  writer.text("train_acc1es").dict();
  for (int epoch = 0; epoch < epochs; ++epoch) writer.integer(epoch).real(50 + epoch);
  writer.end_dict().text("train_times").dict();
  for (int epoch = 0; epoch < epochs; ++epoch) writer.integer(epoch).real(2.5);
  writer.end_dict().text("eval_acc1es").dict();
  writer.text("ori-test@" + std::to_string(epochs - 1)).real(accuracy).end_dict();
  writer.text("latency").list().real(0.5).real(0.25).end_list().end_dict();
}

void write_record(PickleWriter& writer, const std::string& arch, int epochs, double accuracy,
                  double params) {
  writer.dict().text("arch_index").integer(0).text("arch_str").text(arch);
  writer.text("all_results").dict();
  for (const int seed : {777, 888}) {
    writer.text("cifar10").integer(seed).pair();
    write_run(writer, seed, epochs, accuracy + (seed == 888 ? 2 : 0), params);
  }
  writer.end_dict().end_dict();
}

std::string pickle_of(const std::string& arch, double params) {
  PickleWriter writer(2);
  writer.dict().text("meta_archs").list().text(kCell0).end_list();
  writer.text("arch2infos").dict().integer(0).dict();
  writer.text("full");
  write_record(writer, arch, 200, 90, params);
  writer.text("less");
  write_record(writer, arch, 12, 70, params);
  writer.end_dict().end_dict().end_dict();
  return writer.finish();
}

std::string object_of(const std::string& arch, double params) {
  return legacy_torch(pickle_of(arch, params));
}

ImportResult import(const std::string& bytes) {
  const TemporaryDirectory folder;
  const auto path = folder.path() / "NAS-Bench-201-v1_1-096897.pth";
  write_file_atomically(path, bytes);
  CHECK(importer_for(path).name == "nasbench201_pth");
  return test::import_with("nasbench201_pth", test::request_for(path));
}

TEST_CASE("nasbench201_pth: both trainings, single seeds, means, times and latency") {
  const ImportResult result = import(object_of(kCell0, 0.129306));
  const Benchmark& benchmark = result.benchmark;
  REQUIRE(benchmark.rows() == 1);
  const auto value = [&](std::string_view column) {
    return benchmark.value(benchmark.column(column), 0);
  };
  CHECK(value("accuracy:dataset=cifar10,split=test,epochs=200,statistic=mean") == 91);
  CHECK(value("accuracy:dataset=cifar10,split=test,epochs=12,statistic=seed=888") == 72);
  CHECK(value("training_seconds:dataset=cifar10,epochs=200") == 500);
  CHECK(value("latency_ms:dataset=cifar10") == 375);
  CHECK(value("params:dataset=cifar10") == 129306);
  CHECK(result.notes.empty());
  const std::size_t curve =
      benchmark.column("accuracy_curve:split=train,epochs=200,statistic=seed=777");
  CHECK(benchmark.columns()[curve].width == 200);
}

TEST_CASE("nasbench201_pth: wrong parameters of old entries are recomputed, and said to be") {
  const ImportResult result = import(object_of(kCell0, 0.5));
  CHECK(result.benchmark.value(result.benchmark.column("params:dataset=cifar10"), 0) == 129306);
  REQUIRE(result.notes.size() == 1);
  CHECK(contains(result.notes[0], "1 of 1 values of the file were wrong and are recomputed"));
}

TEST_CASE("nasbench201_pth: a cell that is not at its index is found") {
  const std::string other =
      "|nor_conv_3x3~0|+|nor_conv_3x3~0|avg_pool_3x3~1|+|skip_connect~0|nor_conv_3x3~1|skip_"
      "connect~2|";
  CHECK(contains(error_of([&] { import(object_of(other, 0.802426)); }),
                 "architectures at their index of the list: expected 1, got 0"));
}

TEST_CASE("nats: the single file is read as a stream; its list must have all cells in order") {
  const TemporaryDirectory folder;
  const auto path = folder.path() / "NATS-tss-v1_0-3ffb9.pickle.pbz2";
  write_file_atomically(path, test::bzip2(pickle_of(kCell0, 0.129306)));
  CHECK(importer_for(path).name == "nats");
  ImportRequest request = test::request_for(path);
  CHECK(contains(error_of([&] { test::import_with("nats", request); }),
                 "list of architectures in the order of space nasbench201: expected 15625, got 1"));
  request.force = true;
  const Benchmark benchmark = test::import_with("nats", request).benchmark;
  CHECK(benchmark.value(benchmark.column("accuracy:split=test,epochs=200,statistic=mean"), 0) ==
        91);
}

TEST_CASE("transnas_pth: metrics by task, last and best, in percent as the authors give them") {
  PickleWriter writer(2);
  writer.dict().text("data").dict().text("micro").dict().text("64-41414-1_00_210").dict();
  writer.text("class_scene").dict().text("total_epochs").integer(3);
  writer.text("model_info").dict().text("inference_time").real(0.01).end_dict();
  writer.text("metrics").dict();
  writer.text("valid_top1").list().real(10).real(30).real(20).end_list();
  writer.text("valid_neg_loss").list().real(-3).real(-2).real(-1).end_list();
  writer.end_dict().end_dict().end_dict().end_dict().end_dict().end_dict();
  const TemporaryDirectory folder;
  const auto path = folder.path() / "transnas-bench_v10141024.pth";
  write_file_atomically(path, legacy_torch(writer.finish()));
  CHECK(importer_for(path).name == "transnas_pth");
  ImportRequest request = test::request_for(path);
  CHECK(contains(error_of([&] { test::import_with("transnas_pth", request); }),
                 "rows: expected 4,096, got 1"));
  request.force = true;
  const Benchmark benchmark = test::import_with("transnas_pth", request).benchmark;
  const auto value = [&](std::string_view column) {
    return benchmark.value(benchmark.column(column), 0);
  };
  CHECK(value("accuracy:dataset=class_scene,split=valid,statistic=last") == 20);
  CHECK(value("accuracy:dataset=class_scene,split=valid,statistic=best") == 30);
  CHECK(value("neg_loss:statistic=best") == -1);
  CHECK(value("inference_time") == 0.01);
  const auto with = [&](const OptionMap& options) {
    return test::import_with("transnas_pth", request, options);
  };
  CHECK(contains(error_of([&] { with({{"space", "macro"}}); }), "key 'macro' is missing"));
  CHECK(contains(error_of([&] { with({{"space", "micr"}}); }), "micro, macro"));
  CHECK(contains(error_of([&] { with({{"spase", "macro"}}); }), "did you mean 'space'"));
  CHECK(benchmark.columns().size() == with({{"curves", "false"}}).benchmark.columns().size() + 2);
}

TEST_CASE("hw_nas_bench: lists of another length, and the published first row") {
  const auto bytes_of = [](int cells, double first) {
    PickleWriter writer(2);
    writer.dict().text("nasbench201").dict().text("cifar10").dict();
    const std::pair<const char*, double> kFirst[] = {
        {"edgegpu_latency", first},       {"edgegpu_energy", 24.226614331},
        {"raspi4_latency", 10.481976820}, {"edgetpu_latency", 0.957181131},
        {"pixel3_latency", 3.60585},      {"eyeriss_latency", 3.64562},
        {"eyeriss_energy", 0.687282764},  {"fpga_latency", 2.57296},
        {"fpga_energy", 18.01072},        {"config", 0}};
    for (const auto& [metric, value] : kFirst) {
      writer.text(metric).list().real(value);
      for (int i = 1; i < cells; ++i) writer.real(i == 1 ? -1 : 1);
      writer.end_list();
    }
    return writer.end_dict().end_dict().end_dict().finish();
  };
  const TemporaryDirectory folder;
  const auto path = folder.path() / "HW-NAS-Bench-v1_0.pickle";
  const auto read = [&](const std::string& bytes) {
    write_file_atomically(path, bytes);
    CHECK(importer_for(path).name == "hw_nas_bench");
    return test::import_with("hw_nas_bench", test::request_for(path));
  };
  const ImportResult result = read(bytes_of(15625, 5.807418537));
  CHECK(result.checks.size() == 9);
  const std::size_t tpu = result.benchmark.column("latency_ms:device=edgetpu");
  CHECK(std::isinf(result.benchmark.value(tpu, 1)));
  CHECK(result.benchmark.value(tpu, 1) > 0);  // the worst of latencies
  CHECK(contains(error_of([&] { read(bytes_of(15624, 5.807418537)); }), "15624 values"));
  CHECK(contains(error_of([&] { read(bytes_of(15625, 9.0)); }), "got 9"));
}

}  // namespace
}  // namespace nas
