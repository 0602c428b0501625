#include "db/transfer/merge_stores.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "core/api/device_store.h"
#include "core/api/study_leads.h"
#include "core/api/trial_queue.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "db/open_store.h"
#include "tests/db/sample_rows.h"
#include "tests/db/transfer/full_store.h"

using namespace nas;
using namespace nas::test;

namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// Stores in a directory, by name.
class Stores {
 public:
  StoreAddress at(const std::string& name) const { return directory_.path() / (name + ".db"); }
  std::unique_ptr<Store> open(const std::string& name) const {
    return open_store(at(name), OpenMode::kCreate);
  }
  MergeReport merge(const std::vector<std::string>& from, const std::string& into,
                    bool rename = false) const {
    std::vector<StoreAddress> addresses;
    for (const std::string& name : from) addresses.push_back(at(name));
    MergeOptions options;
    options.rename = rename;
    options.renamed_config = [](const std::string& config, const std::string& name) {
      return "name = \"" + name + "\"\n" + config;
    };
    return merge_stores(addresses, at(into), options);
  }
  std::string refusal(const std::vector<std::string>& from, const std::string& into) const {
    try {
      merge(from, into);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }
  std::string answer(const std::string& name, const std::string& sql) const {
    std::string text;
    for (const auto& row : open(name)->query(sql, 1000).rows) {
      for (const auto& cell : row) text += cell.value_or("NULL") + " ";
      text += "\n";
    }
    return text;
  }
  /// A study of which trials `from` to `to` - 1 are complete, with values that follow from numbers.
  void add_trials(const std::string& name, const std::string& study, std::int64_t from,
                  std::int64_t to) const {
    const auto store = open(name);
    const auto known = store->find_study(study);
    const StudyRow row = known ? *known : store->create_study(sample_study(study));
    for (std::int64_t number = from; number < to; ++number)
      complete_trial(*store, row.id, number, 50 + static_cast<double>(number));
  }

 private:
  TemporaryDirectory directory_;
};

std::int64_t added(const MergeReport& report, const std::string& table) {
  for (const MergedTable& merged : report.tables) {
    if (merged.name == table) return merged.added;
  }
  return -1;
}

}  // namespace

TEST_CASE("merge: one full store becomes its like, and merging it again changes nothing") {
  const Stores stores;
  fill_store(*stores.open("a"));
  stores.merge({"a"}, "all");
  const auto original = rows_by_table(*stores.open("a"));
  CHECK(rows_by_table(*stores.open("all")) == original);
  check_sound(*stores.open("all"));
  for (const MergedTable& table : stores.merge({"a"}, "all").tables) {
    INFO(table.name);
    CHECK(table.added == 0);
    // `merit` is made by the target itself.
    CHECK(table.known == (table.name == "merit" ? 0 : original.at(table.name)));
  }
  CHECK(rows_by_table(*stores.open("all")) == original);
}

TEST_CASE("merge: three files with overlaps keep what is the same once") {
  const Stores stores;
  stores.add_trials("a", "shared", 0, 6);
  stores.add_trials("b", "shared", 3, 9);
  stores.add_trials("b", "of b", 0, 2);
  stores.add_trials("c", "shared", 8, 10);
  stores.add_trials("c", "of c", 1, 2);
  const std::vector<MetricValue> alone = {sample_metric("accuracy", 70)};
  for (const char* name : {"a", "b", "c"})
    stores.open(name)->add_metrics({"nasbench201", "1", "|alone~0|", Digest{{9, 9}}, 10, 20},
                                   alone);
  const MergeReport report = stores.merge({"a", "b", "c"}, "all");
  CHECK(added(report, "study") == 3);
  CHECK(added(report, "trial") == 10 + 2 + 1);
  CHECK(added(report, "architecture") == 10 + 1);
  CHECK(added(report, "fidelity") == 1);
  CHECK(added(report, "environment") == 1);
  CHECK(stores.answer("all", "SELECT count(*) FROM metric WHERE trial_id IS NULL") == "1 \n");
  CHECK(stores.answer("all",
                      "SELECT trial, value FROM leaderboard WHERE study = 'shared' AND metric = "
                      "'accuracy' ORDER BY trial") ==
        "0 50 \n1 51 \n2 52 \n3 53 \n4 54 \n5 55 \n6 56 \n7 57 \n8 58 \n9 59 \n");
  CHECK(stores.answer("all", "SELECT study, trial FROM pareto ORDER BY 1").empty());
  check_sound(*stores.open("all"));
}

TEST_CASE("merge: an unfinished trial gives way to a finished one, whichever comes first") {
  const Stores stores;
  {
    const auto store = stores.open("open");
    store->claim(sample_claim(store->create_study(sample_study("s")).id, 0));
  }
  stores.add_trials("done", "s", 0, 1);
  stores.open("done")->set_study_state(1, StudyState::kFinished);
  stores.merge({"open", "done"}, "one");
  stores.merge({"done", "open"}, "other");
  for (const char* name : {"one", "other"}) {
    CHECK(stores.answer(name, "SELECT trial.state, study.state FROM trial, study") ==
          "complete finished \n");
    CHECK(stores.answer(name, "SELECT count(*) FROM proposal") == "1 \n");
    check_sound(*stores.open(name));
  }
}

TEST_CASE("merge: a trial that comes finished waits no more, taken before or not") {
  const Stores stores;
  {
    const auto store = stores.open("queued");
    const StudyRow study = store->create_study(sample_study("s"));
    const Lead lead = study_leads(*store).lead({.study_id = study.id, .who = "host:1"}).value();
    std::vector<QueuedTrial> trials;
    for (std::int64_t number = 0; number < 3; ++number) {
      const TrialClaim claim = sample_claim(study.id, number);
      trials.push_back({.number = number,
                        .text = claim.text,
                        .digest = claim.digest,
                        .published_params = claim.published_params,
                        .published_macs = claim.published_macs});
    }
    const std::string network = sample_claim(study.id, 0).network;
    REQUIRE(trial_queue(*store).enqueue(lead, {"nasbench201", network, "random"}, trials));
    CHECK(trial_queue(*store).take({.study_id = study.id, .worker = "w"}).size() == 1);
  }
  stores.add_trials("done", "s", 0, 2);
  stores.merge({"done"}, "queued");
  CHECK(stores.answer("queued", "SELECT number FROM queue") == "2 \n");
  check_sound(*stores.open("queued"));
}

TEST_CASE("merge: another study of the same name is refused, or gets a free name") {
  const Stores stores;
  stores.add_trials("a", "s", 0, 2);
  {
    const auto store = stores.open("b");
    const std::int64_t id = store->create_study(sample_study("s")).id;
    complete_trial(*store, id, 0, 99);  // another value
    TrialFinish finish = sample_finish(store->claim(sample_claim(id, 1)).value(), 1);
    finish.reused_from = "study 's', trial 0";
    store->finish(finish);
  }
  const std::string refusal = stores.refusal({"a", "b"}, "all");
  CHECK(contains(refusal, "study 's' is not the one of this name"));
  CHECK(contains(refusal, "trial 0 has other values"));
  CHECK(contains(refusal, "--rename"));
  CHECK_FALSE(std::filesystem::exists(stores.at("all").path()));
  const MergeReport report = stores.merge({"a", "b"}, "all", true);
  REQUIRE(report.renamed.size() == 1);
  CHECK(contains(report.renamed[0], "study 's' became 's-2'"));
  CHECK(stores.answer("all", "SELECT name, config FROM study WHERE id = 2") ==
        "s-2 name = \"s-2\"\nsearcher = \"random\"\n \n");
  CHECK(stores.answer("all", "SELECT reused_from FROM trial WHERE reused_from <> ''") ==
        "study 's-2', trial 0 \n");
  // The same once more: it is known by its new name.
  CHECK(added(stores.merge({"b"}, "all", true), "study") == 0);
  StudySpec other = sample_study("s");
  other.seed = 8;
  stores.open("c")->create_study(other);
  CHECK(contains(stores.refusal({"c"}, "all"), "it has another seed"));
  other = sample_study("s");
  other.objectives.pop_back();
  stores.open("d")->create_study(other);
  CHECK(contains(stores.refusal({"d"}, "all"), "it has other objectives"));
}

TEST_CASE("merge: names that stand in configurations must mean the same") {
  const Stores stores;
  const Device board = {"board", "mcu", "batch=1,threads=1,precision=int8"};
  stores.open("a")->add_dataset({"digits", "mnist:/a", "mnist[60000]", 10, 70'000});
  device_store(*stores.open("a")).add_device(board);
  stores.open("b")->add_dataset({"digits", "mnist:/b", "mnist[60000]", 10, 70'000});
  stores.merge({"a", "b"}, "all");
  CHECK(stores.answer("all", "SELECT spec FROM dataset") == "mnist:/a \n");
  stores.open("c")->add_dataset({"digits", "mnist:/c", "mnist[10]", 10, 20});
  CHECK(contains(stores.refusal({"c"}, "all"), "dataset 'digits' has content 'mnist[10]'"));
  device_store(*stores.open("d")).add_device({"board", "mcu", "batch=2,threads=1,precision=int8"});
  CHECK(contains(stores.refusal({"d"}, "all"), "device 'board' was added as"));
  const auto artifact = [&](const char* name, char digit) {
    ArtifactRow row;
    row.kind = "supernet";
    row.name = "weights";
    row.path = "supernets/weights.safetensors";
    row.sha256 = std::string(64, digit);
    stores.open(name)->put_artifact(row, {});
  };
  artifact("e", '1');
  artifact("f", '2');
  CHECK(contains(stores.refusal({"e", "f"}, "other"), "artifact 'supernet' 'weights' has sha256"));
  CHECK(contains(stores.refusal({"e", "e"}, "other"), "are the same store"));
  CHECK(contains(stores.refusal({"e"}, "e"), "are the same store"));
  CHECK(contains(stores.refusal({"absent"}, "other"), "there is no results database"));
}

TEST_CASE("merge: paths of files lead to where the files are") {
  const TemporaryDirectory node;
  const Stores stores;
  const StoreAddress from = node.path() / "node.db";
  fill_store(*open_store(from, OpenMode::kCreate));
  merge_stores(std::vector{from}, stores.at("all"));
  CHECK(stores.answer("all", "SELECT path FROM model") ==
        (node.path() / "models/first.safetensors").string() + " \n");
  fill_store(*stores.open("beside"));
  stores.merge({"beside"}, "near");
  CHECK(stores.answer("near", "SELECT path FROM model") == "models/first.safetensors \n");
}
