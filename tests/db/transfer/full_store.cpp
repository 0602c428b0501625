#include "tests/db/transfer/full_store.h"

#include <limits>
#include <vector>

#include "core/api/device_store.h"
#include "db/transfer/table_catalogue.h"
#include "tests/db/sample_rows.h"

namespace nas::test {

namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

void add_trials(Store& store, const StudyRow& study) {
  TrialFinish finish = sample_finish(store.claim(sample_claim(study.id, 0)).value(), 0.1 + 0.2);
  finish.metrics.push_back(sample_metric("latency_ms", 1.0 / 3));
  finish.metrics.push_back(sample_metric("loss", kNan));
  finish.metrics.push_back(sample_metric("score", -kInfinity));
  finish.curve = {{1, "loss", 2.5}, {2, "loss", kNan}, {2, "accuracy", -0.0}};
  finish.curve_network = "image: float[3,32,32] -> class: classes[10]; width=8; depth=3";
  store.finish(finish);
  TrialFinish failed = sample_finish(store.claim(sample_claim(study.id, 1)).value(), 0);
  failed.metrics.clear();
  failed.state = TrialState::kFailed;
  failed.error = "out of memory: 'n7' \xC3\xBC";
  store.finish(failed);
  TrialFinish infeasible = sample_finish(store.claim(sample_claim(study.id, 2)).value(), 50);
  infeasible.state = TrialState::kInfeasible;
  infeasible.violation = 0.75;
  infeasible.reused_from = "study '" + study.spec.name + "', trial 0";
  store.finish(infeasible);
  store.claim(sample_claim(study.id, 3));
}

void add_benchmark(Store& store) {
  Benchmark benchmark({.name = "table",
                       .space = "nasbench201",
                       .space_version = "1",
                       .source = "file.csv",
                       .licence = "MIT",
                       .sha256 = std::string(64, 'a')});
  benchmark.set_rows({"|a~0|", "|b~0|", "|c, d~0|"});
  benchmark.add_column({.metric = "accuracy", .unit = "%", .network = sample_claim(1, 1).network},
                       {90.5, kNan, 0.1 + 0.2});
  benchmark.add_column({.metric = "loss", .epochs = 2, .maximize = false, .width = 2},
                       {1, 2, 3, -0.0, kNan, kInfinity});
  store.put_benchmark(benchmark);
}

void add_files(Store& store, std::int64_t study_id) {
  const std::vector<TrialRow> trials = store.trials(study_id);
  store.add_model({.architecture_id = trials.at(0).architecture_id,
                   .trial_id = trials.at(0).id,
                   .path = "models/first.safetensors",
                   .sha256 = std::string(64, 'b'),
                   .fidelity = "data=glyphs,epochs=1",
                   .network = trials.at(0).network,
                   .metric = "test_accuracy",
                   .value = 91.25});
  PredictorRow predictor;
  predictor.name = "fitted";
  predictor.plugin = "mlp";
  predictor.options = "{}";
  predictor.space = "nasbench201";
  predictor.target = "table accuracy";
  predictor.samples = 3;
  predictor.seed = 18'446'744'073'709'551'615ULL;
  predictor.path = "predictors/fitted.safetensors";
  predictor.sha256 = std::string(64, 'c');
  predictor.report = R"({"spearman": 0.9})";
  store.put_predictor(predictor);
  ArtifactRow supernet;
  supernet.kind = "supernet";
  supernet.name = "weights";
  supernet.study_id = study_id;
  supernet.trial_id = trials.at(0).id;
  supernet.architecture_id = trials.at(0).architecture_id;
  supernet.path = "supernets/weights.safetensors";
  supernet.sha256 = std::string(64, 'd');
  supernet.bytes = 12;
  supernet.version = "0.1.0 (abc)";
  store.put_artifact(supernet, std::vector<CurvePoint>{{1, "loss", 2.5}, {2, "loss", kNan}});
}

}  // namespace

void fill_store(Store& store, const std::string& name) {
  store.add_dataset({"digits", "mnist:/data/mnist", "mnist[60000]", 10, 70'000});
  device_store(store).add_device({"board", "mcu", "batch=1,threads=1,precision=int8"});
  const StudyRow study = store.create_study(sample_study(name));
  add_trials(store, study);
  store.put_study_record(study.id, {{{1, "train_loss", 3.5}, {2, "train_loss", kNan}},
                                    {{"search", "epoch 1"}, {"search", "epoch 2"}}});
  add_benchmark(store);
  add_files(store, study.id);
  store.add_metrics({"nasbench201", "1", "|alone~0|", Digest{{9, 9}}, 10, 20},
                    std::vector{sample_metric("params", 10), sample_metric("accuracy", 70)});
  store.set_study_state(study.id, StudyState::kPaused);
}

std::map<std::string, std::int64_t> rows_by_table(const Store& store) {
  std::map<std::string, std::int64_t> rows;
  for (const auto& [table, count] : store.stats().table_rows) rows[table] = count;
  return rows;
}

}  // namespace nas::test
