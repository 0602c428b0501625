#include <doctest/doctest.h>

#include <fstream>
#include <string>
#include <vector>

#include "core/util/file.h"
#include "db/sqlite_connection.h"
#include "db/sqlite_store.h"
#include "tests/db/child_process.h"
#include "tests/db/sample_rows.h"

// What version 3 says of rows of version 2: the network that the study's configuration posed, or
// nothing.

namespace nas::test {

namespace {

namespace fs = std::filesystem;

constexpr char kRecipe[] =
    "preset = \"short\"\nauxiliary_weight = 0\ndepth = -1\nskeleton = \"\"\nwidth = -1\n";

struct OldStudy {
  std::string space = "nasbench201";
  std::string data = "cifar10:/data";
  std::string recipe = kRecipe;
  std::string final_recipe = kRecipe;
  std::string scores = "noise";
  std::string space_options;
};

std::string config_of(const OldStudy& study) {
  return "name = \"fixture\"\ndata = \"" + study.data + "\"\nworkers = 1\n\n[scores]\ndata = \"" +
         study.scores + "\"\nbatch = 64\n\n[space]\nname = \"" + study.space + "\"\n" +
         study.space_options + "\n[recipe]\n" + study.recipe + "\n[final]\nenabled = true\n" +
         study.final_recipe;
}

/// The fixture of version 2 with this study in place of its own, brought up to date. Its trial 0
/// has an accuracy, a latency and a curve; a score and a model of that trial are added.
class Upgraded {
 public:
  explicit Upgraded(const OldStudy& study, const std::string& more = {}) {
    const fs::path path = directory_.path() / "old.db";
    std::ofstream(path, std::ios::binary).close();
    {
      SqliteConnection connection({path, Access::kWrite, {}});
      connection.run_script(read_file(fs::path(NAS_DB_FIXTURES) / "schema_v2.sql"));
      connection.execute("UPDATE space SET name = ?", study.space);
      connection.execute("UPDATE study SET config = ?", config_of(study));
      connection.run_script(
          "UPDATE model SET trial_id = 1;"
          "INSERT INTO fidelity (text) VALUES ('untrained:data=noise,seed=0');"
          "INSERT INTO metric (architecture_id, trial_id, study_id, trial_number, name, value, "
          "status, source, fidelity_id, ranked) VALUES (1, 1, 1, 0, 'synflow', 5, 'finite', "
          "'proxy', (SELECT id FROM fidelity WHERE text LIKE 'untrained%'), 1);" +
          more);
    }
    const DigestOf no_space = [](const StoredArchitecture&) { return std::nullopt; };
    store_ = open_sqlite_store(path, OpenMode::kReadWrite, {.digest_of = no_space});
    check_sound(*store_);
  }

  Store& store() { return *store_; }
  TrialRow trial() const { return store_->trials(1).at(0); }
  std::string network_of(const std::string& metric) const {
    for (const MetricValue& value : trial().metrics) {
      if (value.name == metric) return value.network;
    }
    return "no such metric";
  }
  std::string curve_network() const {
    const QueryResult result = store_->query(
        "SELECT DISTINCT network.text FROM curve LEFT JOIN network ON network.id = network_id "
        "WHERE trial_id = 1",
        10);
    return result.rows.at(0).at(0).value_or("");
  }

 private:
  TemporaryDirectory directory_;
  std::unique_ptr<Store> store_;
};

const std::string kCifar = "image: float[3,32,32] -> class: classes[10]";

}  // namespace

TEST_CASE("old rows get the network that their study posed: small, large, or the published one") {
  Upgraded small{OldStudy{}};
  const std::string small_network = kCifar + "; width=8; depth=1";
  CHECK(small.trial().network == small_network);
  CHECK(small.network_of("accuracy") == small_network);
  CHECK(small.network_of("latency_ms") == small_network);
  CHECK(small.curve_network() == small_network);
  CHECK(small.store().models(1).at(0).network == small_network);
  CHECK(small.network_of("synflow") == kCifar + "; width=16; depth=5");

  OldStudy two;
  two.final_recipe =
      "preset = \"full\"\nauxiliary_weight = 0\ndepth = 0\nskeleton = \"\"\nwidth = 20\n";
  Upgraded differing{two};
  CHECK(differing.trial().network == kCifar + "; width=20; depth=5");
  CHECK(differing.network_of("latency_ms") == kCifar + "; width=20; depth=5");
  CHECK(differing.network_of("accuracy") == small_network);
  CHECK(differing.curve_network() == small_network);
  CHECK(differing.store().models(1).at(0).network == kCifar + "; width=20; depth=5");

  OldStudy untrained;
  untrained.data = "";
  CHECK(Upgraded{untrained}.trial().network == kCifar + "; width=16; depth=5");
}

TEST_CASE("old rows of every kind of space and data have the text that this version writes") {
  const auto network = [](const std::string& space, const std::string& data,
                          const std::string& recipe, const std::string& options = {}) {
    OldStudy study;
    study.space = space;
    study.data = data;
    study.final_recipe = recipe;
    study.space_options = options;
    return Upgraded{study}.trial().network;
  };
  CHECK(network("darts", "glyphs",
                "preset = \"full\"\nauxiliary_weight = 0.4\ndepth = 0\nskeleton = "
                "\"imagenet\"\nwidth = 0\n") ==
        kCifar + "; width=48; depth=14; skeleton=imagenet; auxiliary=true");
  CHECK(network("darts", "", kRecipe) == kCifar + "; width=36; depth=20; skeleton=cifar");
  CHECK(network("nats_size", "cifar100:x", kRecipe) ==
        "image: float[3,32,32] -> class: classes[100]");
  CHECK(network("cifar_resnet", "", kRecipe) ==
        "image: float[3,32,32] -> class: classes[100]; width=16");
  CHECK(network("transnas_macro", "cifar10:x", kRecipe) == kCifar + "; width=8");
  CHECK(network("ofa_mobilenetv3", "", kRecipe, "width_multiplier = \"1.2\"\n") ==
        "image: float[3,224,224] -> class: classes[1000]; space.width_multiplier=1.2");
  CHECK(network("ofa_mobilenetv3", "", kRecipe, "width_multiplier = \"1.0\"\n") ==
        "image: float[3,224,224] -> class: classes[1000]");
}

TEST_CASE("what an old row does not tell is unknown, not guessed") {
  OldStudy folder;
  folder.data = "folder:/pictures";  // of any size
  Upgraded unknown{folder};
  CHECK(unknown.trial().network.empty());
  CHECK(unknown.network_of("latency_ms").empty());
  CHECK(unknown.network_of("synflow") == kCifar + "; width=16; depth=5");  // scored on noise
  CHECK(unknown.store().query("SELECT network FROM latency", 1).rows[0][0] == "unknown");

  OldStudy named;
  named.data = "mine";  // a name that may stand for something else today
  CHECK(Upgraded{named}.trial().network.empty());
  // The training names what the data were.
  CHECK(Upgraded{named,
                 "UPDATE fidelity SET text = 'cifar100[50000+10000]#1a2b3c4d; epochs=1' "
                 "WHERE id = 1;"}
            .trial()
            .network == "image: float[3,32,32] -> class: classes[100]; width=8; depth=1");

  OldStudy sparse;
  sparse.final_recipe = "preset = \"short\"\n";
  CHECK(Upgraded{sparse}.trial().network.empty());
  OldStudy foreign;
  foreign.space = "elsewhere";
  CHECK(Upgraded{foreign}.trial().network.empty());
}

TEST_CASE("old values outside any trial get the network of their recipe or scores") {
  const auto network = [](const std::string& fidelity, const std::string& space) {
    OldStudy study;
    study.space = space;
    Upgraded upgraded{
        study, "INSERT INTO fidelity (text) VALUES ('" + fidelity +
                   "'); INSERT INTO metric (architecture_id, name, value, status, source, "
                   "fidelity_id, ranked) VALUES (2, 'free', 1, 'finite', 'measured', (SELECT id "
                   "FROM fidelity WHERE text = '" +
                   fidelity + "'), 0);"};
    return upgraded.store()
        .query(
            "SELECT ifnull(text, 'unknown') FROM metric LEFT JOIN network ON network.id = "
            "network_id WHERE name = 'free'",
            1)
        .rows[0][0]
        .value();
  };
  const std::string recipe =
      "; auxiliary_weight=0; width=-1; depth=3; skeleton=; precision=float32";
  CHECK(network("cifar10[50000+10000]#12345678" + recipe, "nasbench201") ==
        kCifar + "; width=8; depth=3");
  CHECK(network("folder[10+10]#12345678" + recipe, "nasbench201") == "unknown");
  CHECK(network("untrained:data=noise,seed=3,batch=64,engine=1", "nasbench201") ==
        kCifar + "; width=16; depth=5");
  CHECK(network("untrained:data=cifar100[50000+10000]#12345678,seed=0", "nasbench201") ==
        "image: float[3,32,32] -> class: classes[100]; width=16; depth=5");
  // Which multiplier it had is not kept.
  CHECK(network("untrained:data=noise,seed=4", "ofa_mobilenetv3") == "unknown");
}

}  // namespace nas::test
