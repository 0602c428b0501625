#include <bit>

#include "db/importers/import_source.h"
#include "tests/core/data/test_files.h"
#include "tests/db/hostile_samples.h"
#include "tests/db/importers/byte_writers.h"
#include "tests/db/importers/importer_testing.h"
#include "tests/db/importers/pickle_writer.h"

namespace nas::test {
namespace {

const std::string kCell =
    "|avg_pool_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|nor_conv_1x1~0|skip_connect~1|skip_"
    "connect~2|";

std::string as_it_is(const std::string& bytes) {
  return bytes;
}

std::string nats_pickle() {
  PickleWriter writer(2);
  writer.dict().text("meta_archs").list().text(kCell).end_list();
  writer.text("arch2infos").dict().integer(0).dict().text("full");
  writer.dict().text("arch_index").integer(0).text("arch_str").text(kCell);
  writer.text("all_results").dict().text("cifar10").integer(777).pair();
  writer.dict().text("seed").integer(777).text("epochs").integer(2);
  writer.text("params").real(0.129306);
  writer.text("train_acc1es").dict().integer(0).real(50).integer(1).real(60).end_dict();
  writer.text("eval_acc1es").dict().text("ori-test@1").real(55).end_dict();
  writer.text("latency").list().real(0.5).end_list().end_dict();
  writer.end_dict().end_dict().end_dict().end_dict().end_dict();
  return writer.finish();
}

std::string transnas_pickle() {
  PickleWriter writer(2);
  writer.dict().text("data").dict().text("micro").dict().text("64-41414-1_00_210").dict();
  writer.text("class_scene").dict().text("total_epochs").integer(2);
  writer.text("model_info").dict().text("inference_time").real(0.01).end_dict();
  writer.text("metrics").dict();
  writer.text("valid_top1").list().real(10).real(30).end_list().end_dict();
  return writer.end_dict().end_dict().end_dict().end_dict().end_dict().finish();
}

std::string hw_pickle() {
  PickleWriter writer(2);
  writer.dict().text("nasbench201").dict().text("cifar10").dict();
  writer.text("edgegpu_latency").list().real(1).end_list();
  return writer.end_dict().end_dict().end_dict().finish();
}

std::string evaluation() {
  std::string message;
  for (int number = 1; number <= 5; ++number) {
    message += static_cast<char>(number * 8 + 1);
    message += little_endian(std::bit_cast<std::uint64_t>(0.5), 8);
  }
  return "\x0a" + varint(message.size()) + message + "\x10" + varint(882570);
}

std::string training(const std::string& metrics) {
  return "[\"043721b9c7fe8c5fad811d47d83132ec\", 108, \"0100\", \"input,output\", \"" +
         base64(metrics) + "\"]";
}

const std::string kMapping = R"(name = "small"
space = "nasbench201"
rows = 1
[architecture]
fields = "arch"
notation = "naslib_nb201"
duplicates = "wide"
[pivot]
field = "set"
names = { a = "cifar10" }
[[column]]
field = "acc"
metric = "accuracy"
scale = 100
failed = -1
[[column]]
field = "list"
list = ";"
[[structure]]
column = "params:dataset=cifar10"
classes = 10
input = 32
[[column]]
field = "params"
)";
const std::string kTable =
    "arch,set,acc,list,params\n433000,a,0.5,1;2,129306\n\"433001\",b,-1,3;4,5\n";

const std::string kNdsJob =
    R"([{"net": {"genotype": {"normal": [["sep_conv_3x3", 0], ["sep_conv_3x3", 1]],
"normal_concat": [2], "reduce": [["max_pool_3x3", 0]], "reduce_concat": [2, 3]}, "width": 16},
"optim": {"lr": 0.1}, "test_ep_top1": [60, 7.5], "min_test_top1": 7.5, "params": 3.1}])";

std::string nb301() {
  std::string text = R"({"optimized_hyperparamater_config": {)";
  const std::string darts = "\"NetworkSelectorDatasetInfo:darts:";
  for (const std::string cell : {"normal", "reduce"}) {
    for (const char* node : {"3", "4", "5"}) {
      text += darts + "inputs_node_" + cell + "_" + node + "\": \"0_1\", ";
    }
    for (const char* edge : {"0", "1", "2", "3", "5", "6", "9", "10"}) {
      text += darts + "edge_" + cell + "_" + edge + "\": \"skip_connect\", ";
    }
  }
  text += darts + "init_channels\": 16, " + darts + "layers\": 8}, \"budget\": 10, ";
  return text + R"("info": [{"val_accuracy": 91.5, "model_parameters": 5}], "runtime": 1})";
}
const std::string kNb301 = nb301();

}  // namespace

void put_file(const std::filesystem::path& path, const std::string& bytes) {
  std::filesystem::remove(path);
  write_bytes(path, bytes);
}

std::function<void(const std::string&)> importing(const std::string& importer,
                                                  const std::string& name, Wrap wrap,
                                                  const std::string& mapping) {
  auto folder = std::make_shared<TemporaryDirectory>();
  return [=](const std::string& bytes) {
    const auto path = folder->path() / name;
    put_file(path, wrap(bytes));
    ImportRequest request = request_for(path);
    request.force = true;
    if (!mapping.empty()) {
      request.mapping = (folder->path() / "mapping.toml").string();
      put_file(request.mapping, mapping);
    }
    if (importer.empty()) {
      import_file(request, "", {});
    } else {
      import_with(importer, request);
    }
  };
}

std::vector<HostileFormat> importer_formats() {
  const auto record = [](const std::string& payload) { return tf_record(payload); };
  const auto metrics = [](const std::string& bytes) { return tf_record(training(bytes)); };
  const auto packed = [](const std::string& bytes) { return bzip2(bytes); };
  return {
      {"nats", nats_pickle(), importing("nats", "NATS-tss.pickle.pbz2", packed), 5},
      {"nasbench201_pth", nats_pickle(),
       importing("nasbench201_pth", "NAS-Bench-201.pth", legacy_torch), 5},
      {"transnas_pth", transnas_pickle(), importing("transnas_pth", "transnas.pth", legacy_torch),
       2},
      {"hw_nas_bench", hw_pickle(), importing("hw_nas_bench", "HW-NAS-Bench.pickle", as_it_is), 29,
       false},
      {"nasbench101, JSON", training(evaluation()),
       importing("nasbench101_tfrecord", "x.tfrecord", record), 3},
      {"nasbench101, protobuf", evaluation(),
       importing("nasbench101_tfrecord", "x.tfrecord", metrics), 2},
      {"nasbench_macro_json",
       R"({"00000000": {"test_acc": [45.32, 45.33], "mean_acc": 45.3, "std": 0.05,
          "params": 387882, "flops": 7713280}})",
       importing("nasbench_macro_json", "nas-bench-macro.json", as_it_is), 3},
      {"nds_json", kNdsJob, importing("nds_json", "DARTS.json", as_it_is), 3},
      {"suite_zero_json",
       R"json({"cifar10": {"(4, 3, 3, 0, 0, 0)": {"idx": 0, "val_accuracy": 81.9,
          "synflow": {"score": -1e8, "time": 0.5}, "params": {"score": 0.129306}}}})json",
       importing("suite_zero_json", "zc_nasbench201.json", as_it_is), 3},
      {"table, CSV", kTable, importing("table", "x.csv", as_it_is, kMapping), 2},
      {"table, JSON lines",
       "{\"arch\": \"433000\", \"set\": \"a\", \"acc\": 0.5, \"list\": [1, 2], \"params\": "
       "129306}\n",
       importing("table", "x.jsonl", as_it_is, kMapping), 2},
      {"table, JSON",
       R"({"columns": ["arch", "set", "acc", "list", "params"],
           "data": [["433000", "a", 0.5, [1, NaN], 129306]]})",
       importing("table", "x.json", as_it_is, kMapping), 2},
      {"table, object of objects",
       R"({"433000": {"set": "a", "acc": "0,5", "list": "1;2", "params": Infinity}})",
       importing("table", "x.json", as_it_is, kMapping), 2},
      {"table, semicolons", "arch;set;acc;list;params\n433000;a;0,5;\"1;2\";129306\n",
       importing("table", "x.csv", as_it_is, kMapping), 2},
      {"table, UTF-16",
       std::string("\xFF\xFE"
                   "a\0,\0"
                   "b\0\n\0"
                   "1\0,\0"
                   "2\0",
                   16),
       importing("table", "x.csv", as_it_is, kMapping), 1, false},
      {"nb301_json", kNb301, importing("nb301_json", "results_0.json", as_it_is), 7},
      {"archive, tar", tar_of("d/x.csv", kTable), importing("", "x.tar", as_it_is, kMapping), 7},
      {"archive, tar.gz", gzip(tar_of("d/x.csv", kTable)),
       importing("", "x.tgz", as_it_is, kMapping), 3},
      {"archive, zip", zip_of("d/x.csv", kTable, 8), importing("", "x.zip", as_it_is, kMapping), 3},
      {"mapping", kMapping,
       [](const std::string& bytes) {
         importing(
             "table", "x.csv", [](const std::string&) { return kTable; }, bytes)(bytes);
       },
       3},
  };
}

}  // namespace nas::test
