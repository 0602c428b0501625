#include <doctest/doctest.h>
#include <sched.h>

#include "app/devices/device_record.h"
#include "app/devices/device_table.h"
#include "app/devices/machine_load.h"
#include "app/measuring/device_import.h"
#include "app/measuring/network_timing.h"
#include "app/session/candidate.h"
#include "app/study/device_origin.h"
#include "core/api/decision_effects.h"
#include "core/api/device_store.h"
#include "core/util/error.h"
#include "core/util/file.h"

namespace nas {
namespace {

const std::string kCell = "|nor_conv_3x3~0|+|none~0|none~1|+|skip_connect~0|none~1|none~2|";
const std::string kOther = "|avg_pool_3x3~0|+|none~0|none~1|+|none~0|nor_conv_1x1~1|none~2|";

struct Place {
  TemporaryDirectory directory;
  Session session{{directory.path() / "r.db"}};
  Device phone = add_device(session, "phone", "cpu", {.batch = 1, .machine = "a phone"});

  std::filesystem::path write(const std::string& name, const std::string& text) {
    write_file_atomically(directory.path() / name, text);
    return directory.path() / name;
  }
  DeviceImport request(const std::string& csv) {
    return {.device = phone,
            .file = write("values.csv", csv),
            .space = {"nasbench201", {}},
            .task = session.space({"nasbench201", {}}).info().default_task};
  }
  /// A value of the phone as another command would have stored it.
  void keep(const std::string& text, double value, MetricSource source,
            const std::string& fidelity) {
    const SearchSpace& space = session.space({"nasbench201", {}});
    const Candidate candidate = identify(space, space.parse(text));
    const MetricValue metric{"latency_ms", value, source,
                             fidelity,     phone, network_text(space, space.info().default_task)};
    session.writer().add_metrics(
        {"nasbench201", space.info().version, candidate.text, candidate.digest,
         candidate.published_params, candidate.published_macs},
        {&metric, 1});
  }
  std::unique_ptr<Evaluator> evaluator(const std::string& origin) {
    const SearchSpace& space = session.space({"nasbench201", {}});
    return make_origin_evaluator(session, space, space.info().default_task, parse_origin(origin));
  }
  MetricValue value(const Evaluator& evaluator, const std::string& text) {
    const SearchSpace& space = session.space({"nasbench201", {}});
    const Architecture cell = space.parse(text);
    const ArchGraph graph = space.build(cell, space.info().default_task);
    return evaluator.evaluate({cell, graph, digest(graph), no_progress(), {}}).metrics.at(0);
  }
  std::string error(const DeviceImport& request) {
    try {
      import_device_values(session, request);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }
};

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

StudyConfig study_of(const std::string& metric) {
  StudyConfig config;
  config.space = {"nasbench201", {}};
  config.objectives = {"minimize " + metric};
  return config;
}

}  // namespace

TEST_CASE("measurements of a device are stored once, and the newest counts") {
  Place place;
  const std::string csv = "architecture,latency_ms\n" + kCell + ",3\n" + kOther + ",2\nindex:0,\n";
  DeviceImportReport report = import_device_values(place.session, place.request(csv));
  CHECK(report.stored == 2);
  CHECK(report.empty == 1);
  report = import_device_values(place.session, place.request(csv));
  CHECK(report.stored == 0);
  CHECK(report.known == 2);
  const DeviceStore& store = device_store(place.session.reader());
  CHECK(store.device_values(place.phone).size() == 2);
  DeviceImport other = place.request("architecture,latency_ms\n" + kCell + ",4\n");
  CHECK_THROWS_WITH_AS(import_device_values(place.session, other),
                       doctest::Contains("1 network has another latency_ms@phone already"), Error);
  CHECK(store.device_values(place.phone).size() == 2);
  other.force = true;
  CHECK(import_device_values(place.session, other).stored == 1);
  const StudyConfig config = with_device_origins(place.session, study_of("latency_ms@phone"));
  REQUIRE(config.origins == std::vector<std::string>{"latency_ms@phone=stored:phone"});
  const auto evaluator = place.evaluator(config.origins[0]);
  CHECK(place.value(*evaluator, kCell).value == 4);
  CHECK(place.value(*evaluator, kCell).source == MetricSource::kMeasured);
}

TEST_CASE("values of cold caches, tables and predictors are no plain measurements of a device") {
  Place place;
  place.keep(kCell, 9, MetricSource::kMeasured, "caches=cold");
  place.keep(kCell, 8, MetricSource::kTabular, "table=t; column=c");
  place.keep(kCell, 7, MetricSource::kPredicted, "");
  CHECK_THROWS_WITH_AS(place.evaluator("latency_ms@phone=stored:phone"),
                       doctest::Contains("has no measurement of latency_ms"), Error);
  for (const char* value : {"9", "8", "7"}) {
    const std::string csv = "architecture,latency_ms\n" + kCell + "," + value + "\n";
    DeviceImport request = place.request(csv);
    request.force = true;
    CHECK(import_device_values(place.session, request).stored == 1);
  }
  place.keep(kCell, 9, MetricSource::kMeasured, "caches=cold");
  CHECK(place.value(*place.evaluator("latency_ms@phone=stored:phone"), kCell).value == 7);
}

TEST_CASE("stored values have a digest in their fidelity, by which an import is noticed") {
  Place place;
  const auto fidelity = [&place](const std::string& value) {
    DeviceImport request = place.request("architecture,latency_ms\n" + kCell + "," + value + "\n");
    request.force = true;
    import_device_values(place.session, request);
    return place.evaluator("latency_ms@phone=stored:phone")->info().fidelity;
  };
  const std::string before = fidelity("3");
  CHECK(before.starts_with("stored; sha256="));
  CHECK(fidelity("3") == before);
  CHECK(fidelity("4") != before);
  CHECK(fidelity("3") == before);
}

TEST_CASE(
    "measurements are written as other tables are: separators, decimal commas, units, words") {
  Place place;
  const DeviceImportReport report = import_device_values(
      place.session,
      place.request("Architecture;Latency_ms\n" + kCell + ";3,5\n" + kOther + ";NA\n"));
  CHECK(report.stored == 1);
  CHECK(report.empty == 1);
  CHECK(place.evaluator("latency_ms@phone=stored:phone") != nullptr);
  CHECK(place.value(*place.evaluator("latency_ms@phone=stored:phone"), kCell).value == 3.5);
  DeviceImport again = place.request("architecture,latency_ms\n" + kCell + ",4500us\n");
  again.force = true;
  CHECK(import_device_values(place.session, again).stored == 1);
  CHECK(place.value(*place.evaluator("latency_ms@phone=stored:phone"), kCell).value == 4.5);
  CHECK(has(place.error(place.request("architecture,latency_ms\n" + kCell + ",3 J\n")),
            "values.csv, line 2: latency_ms: '3 J' is in J"));
  CHECK(place.error(place.request("architecture,latency_ms\n" + kCell + ",\"1,234\"\n"))
            .ends_with("values.csv, line 2: latency_ms: '1,234' may be 1234 or 1.234"));
}

TEST_CASE("bad measurements name file and line, and nothing of the file is stored") {
  Place place;
  const std::string heading = "architecture,latency_ms\n" + kCell + ",3\n";
  const auto error = [&](const std::string& line) {
    return place.error(place.request(heading + line));
  };
  CHECK(has(error(kOther + ",-1\n"), "values.csv, line 3: latency_ms = '-1'"));
  CHECK(has(error(kOther + ",-1\n"), "say --invalid -1"));
  CHECK(has(error(kOther + ",-3.5\n"), "expected a positive number"));
  CHECK(has(error(kOther + ",nan\n"), "line 3: latency_ms = 'nan'"));
  CHECK(has(error(kOther + ",0\n"), "latency_ms = '0'"));
  CHECK(has(error("|nor_conv_7x7~0|,3\n"), "values.csv, line 3: "));
  CHECK(has(error(kCell + ",5\n"), "has a value in line 2 already"));
  CHECK(has(place.error(place.request("architecture,ms\n" + kCell + ",5\n")), "'latency_ms'"));
  CHECK(has(place.error(place.request("architecture,latency_ms\n")), "holds no value"));
  CHECK(device_store(place.session.reader()).device_values(place.phone).empty());
}

TEST_CASE("values that a file marks as not measured are left out and counted") {
  Place place;
  DeviceImport request =
      place.request("architecture,latency_ms\n" + kCell + ",-1\n" + kOther + ",2\n");
  request.invalid = -1;
  const DeviceImportReport report = import_device_values(place.session, request);
  CHECK(report.invalid == 1);
  CHECK(report.stored == 1);
  DeviceImport seconds =
      place.request("architecture,latency_ms [s]\n" + kCell + ",-1\n" + kOther + ",0.002\n");
  seconds.invalid = -1;  // as it is written, not in ms
  CHECK(import_device_values(place.session, seconds).invalid == 1);
  DeviceImport none = place.request("architecture,latency_ms\n" + kCell + ",-1\n");
  none.invalid = -1;
  CHECK(has(place.error(none), "all 1 are marked as not measured"));
  std::string equal = "architecture,latency_ms\n";
  for (int i = 0; i < 10; ++i) equal += "index:" + std::to_string(i) + ",5\n";
  CHECK(import_device_values(place.session, place.request(equal)).all_equal);
}

TEST_CASE("a look-up table is kept for its device, and not under other settings") {
  Place place;
  const auto table = place.write("t.csv", "key,latency_ms\nconv2d *,1\nadd *,0.5\n");
  CHECK(keep_device_table(place.session, place.phone, table).entries == 2);
  CHECK(keep_device_table(place.session, place.phone, table).known);
  const auto kept = device_table(place.session, "phone");
  REQUIRE(kept.has_value());
  CHECK(read_file(kept->path) == read_file(table));
  const StudyConfig config = with_device_origins(place.session, study_of("latency_ms@phone"));
  CHECK(config.origins.at(0).starts_with("latency_ms@phone=lookup:"));
  const auto other =
      place.write("o.csv", "device,settings,key,latency_ms\nphone,batch=8,conv2d *,1\n");
  CHECK_THROWS_WITH_AS(
      keep_device_table(place.session, place.phone, other),
      doctest::Contains("as (batch=8), which is known as (batch=1,machine=a phone)"), Error);
  const auto bad = place.write("b.csv", "key,latency_ms\nconv2d *,-1\n");
  CHECK_THROWS_WITH_AS(keep_device_table(place.session, place.phone, bad),
                       doctest::Contains("b.csv, line 2: latency_ms = '-1'"), Error);
}

TEST_CASE("a device's table is replaced only by force, and not used once it was edited") {
  Place place;
  const auto first = place.write("a.csv", "key,latency_ms\nconv2d *,1\n");
  const auto second = place.write("b.csv", "key,latency_ms\nconv2d *,2\n");
  keep_device_table(place.session, place.phone, first);
  CHECK_THROWS_WITH_AS(keep_device_table(place.session, place.phone, second),
                       doctest::Contains("replace it with --force"), Error);
  const auto path = device_table(place.session, "phone")->path;
  CHECK(read_file(path) == read_file(first));
  CHECK_FALSE(keep_device_table(place.session, place.phone, second, true).known);
  CHECK(read_file(path) == read_file(second));
  write_file_atomically(path, read_file(first));
  CHECK_THROWS_WITH_AS(with_device_origins(place.session, study_of("latency_ms@phone")),
                       doctest::Contains("was changed since it was imported"), Error);
  CHECK_FALSE(keep_device_table(place.session, place.phone, second).known);  // restored
  // The edited file might be that of another database in the folder: it stays.
  const auto restored = device_table(place.session, "phone")->path;
  CHECK(restored != path);
  CHECK(read_file(path) == read_file(first));
  std::filesystem::remove(restored);
  CHECK_THROWS_WITH_AS(device_table(place.session, "phone"), doctest::Contains("is missing"),
                       Error);
  CHECK(has_device_table(place.session, "phone"));
}

TEST_CASE("devices: names, two settings, and one that nothing is known of") {
  Place place;
  const auto error_of = [](auto&& work) -> std::string {
    try {
      work();
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  CHECK(has(error_of([&] { add_device(place.session, "host", "cpu", {}); }), "every machine is"));
  CHECK(has(error_of([&] { add_device(place.session, "a b", "cpu", {}); }), "cannot be the name"));
  CHECK(has(error_of([&] { add_device(place.session, "x", "cpu", {.precision = "int8"}); }),
            "not measured on this machine"));
  CHECK(has(error_of([&] { add_device(place.session, "x", "npu", {}); }),
            "without a machine it is this one, a cpu"));
  CHECK(has(error_of([&] { add_device(place.session, "x", "cpu", {.runtime = "TF-Lite"}); }),
            "runtime 'TF-Lite' is not one of this machine's"));
  CHECK(has(error_of([&] { add_device(place.session, "x", "table", {.machine = "m"}); }),
            "unknown kind of device 'table'"));
  CHECK(has(error_of([&] { add_device(place.session, "phone", "cpu", {.batch = 8}); }),
            "(cpu, batch=1,machine=a phone)"));
  CHECK(has(error_of([&] { known_device(place.session, "phoen"); }), "did you mean 'phone'"));
  CHECK(has(error_of([&] { with_device_origins(place.session, study_of("latency_ms@phone")); }),
            "device 'phone' has no measurement of latency_ms in space 'nasbench201', and it is "
            "machine 'a phone'"));
  const Device two = add_device(place.session, "t2", "cpu", {.threads = 2});
  CHECK(known_settings(two.settings).threads == 2);
  CHECK(known_settings(two.settings).machine == this_machine());
  CHECK(with_device_origins(place.session, study_of("latency_ms@t2")).origins ==
        std::vector<std::string>{"latency_ms@t2=measured:t2"});
  CHECK(with_device_origins(place.session, study_of("latency_ms@host")).origins.empty());
}

TEST_CASE("a list of networks is measured once and continues where it was") {
  Place place;
  const SearchSpace& space = place.session.space({"nasbench201", {}});
  Task task = space.info().default_task;
  task.input = Shape({3, 8, 8});
  task.width = 4;
  task.depth = 1;
  TimingRequest request{.space = {"nasbench201", {}},
                        .task = space.settle(task),
                        .architectures = {kCell},
                        .device = host_device(1, 1),
                        .options = {}};
  const TimingReport first = time_networks(place.session, request);
  REQUIRE(first.networks.size() == 1);
  CHECK_FALSE(first.networks[0].known);
  CHECK(first.networks[0].latency.runs >= 5);
  request.architectures.push_back(kOther);
  const TimingReport second = time_networks(place.session, request);
  CHECK(second.networks[0].known);
  CHECK(second.networks[0].latency.milliseconds == first.networks[0].latency.milliseconds);
  CHECK_FALSE(second.networks[1].known);
  request.device = host_device(2, 1);
  CHECK_FALSE(time_networks(place.session, request).networks[0].known);
  request.options.cold_caches = true;
  CHECK_FALSE(time_networks(place.session, request).networks[0].known);
  request.device = host_device(1, 2);
  CHECK_THROWS_WITH_AS(time_networks(place.session, request), doctest::Contains("with one thread"),
                       Error);
}

TEST_CASE("a load is said from a quarter of a processor on") {
  CHECK(load_text(0).empty());
  CHECK(load_text(0.2).empty());
  CHECK(load_text(1.53).starts_with("this machine is busy: 1.5 of "));
  CHECK(busy_processors() >= 0);
  // Held on one processor, the process still sees the machine's.
  cpu_set_t all, one;
  REQUIRE(sched_getaffinity(0, sizeof all, &all) == 0);
  const std::string before = load_text(1.53);
  CPU_ZERO(&one);
  for (int i = 0; i < CPU_SETSIZE && CPU_COUNT(&one) == 0; ++i) {
    if (CPU_ISSET(i, &all)) CPU_SET(i, &one);
  }
  REQUIRE(sched_setaffinity(0, sizeof one, &one) == 0);
  const std::string held = load_text(1.53);
  sched_setaffinity(0, sizeof all, &all);
  CHECK(held == before);
}

}  // namespace nas
