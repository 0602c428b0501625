// Predictors that learn a device from a few measurements, beside what is simpler, on public tables:
// `scripts/reproduce latency-transfer`.
// usage: latency_transfer_bench DATA [SEEDS [PREDICTOR[:OPTION=VALUE,...] [FITS [FIRST]]]]
// DATA: the folder with hw-help-nb201, ...; SEEDS: draws of transfer, 20; PREDICTOR: transfer,
// help, nasflat, or one space of these two (help-nb201, help-fbnet, help-ofa, nasflat-nb201,
// nasflat-fbnet; nasflat-FD, ..: one task), all of them if none is given, with options of the
// plug-in (what stands beside it has none); FITS: of help and nasflat, 3, with the seeds from FIRST
// on, 0; without fits only what stands beside help is printed.

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "benchmarks/ofa_selection.h"
#include "core/api/plugin_choice.h"
#include "core/util/csv.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/statistics.h"
#include "core/util/text.h"
#include "predictors/registry.h"
#include "tests/predictors/latency_protocol.h"

namespace {

using namespace nas;
using namespace nas::test;

void print(const std::string& name, const LatencyScore& score) {
  std::printf("%-22s %.4f %.4f  %.3f  %.4f %.4f   %.4f %.4f   %.4f %.4f   %.2f   %.2f %.2f %.2f\n",
              name.c_str(), score.middle, score.all, score.worst, score.ridge, score.ridge_all,
              score.source, score.source_all, score.macs, score.macs_all, score.within_10,
              score.covered[0], score.covered[1], score.covered[2]);
}

/// Seeds of fits.
struct Fits {
  std::uint64_t first = 0, last = 3;
};

double processor_seconds() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

std::string samples_text(const LatencyProtocol& protocol) {
  std::string text = std::to_string(protocol.samples);
  text += protocol.designed      ? " suggested samples"
          : protocol.middle_pool ? " random samples of the middle pool"
                                 : " random samples";
  if (protocol.whole_pool) text += ", references and the pool's scale beside them";
  return text;
}

LatencyScore run(const LatencyTable& table, const LatencyTask& task,
                 const LatencyProtocol& protocol, Predictor& predictor, double fit_seconds) {
  const double start = processor_seconds();
  const auto scores =
      run_protocol(table, task, protocol, dynamic_cast<TransferPredictor&>(predictor));
  std::printf(
      "\n%s, %s: %zu source devices, %s, fit of seed %llu, %llu draws; processor: fit "
      "%.1f s, draws %.1f s\n",
      task.name.c_str(), protocol.predictor.c_str(), task.sources.size(),
      samples_text(protocol).c_str(), static_cast<unsigned long long>(protocol.fit_seed),
      static_cast<unsigned long long>(protocol.seeds), fit_seconds, processor_seconds() - start);
  std::printf(
      "                       it             worst  ridge            best source     MACs"
      "            <10 %%  in 50 80 95 %%\n"
      "                       middle all            middle all       middle all      middle all\n");
  for (const auto& [device, score] : scores) print(device, score);
  const LatencyScore mean = mean_of(scores);
  print("mean (worst)", mean);
  std::fflush(stdout);
  return mean;
}

LatencyScore fit_and_run(const LatencyTable& table, const LatencyTask& task,
                         const LatencyProtocol& protocol) {
  const double start = processor_seconds();
  const auto predictor = fit_sources(table, task, protocol);
  return run(table, task, protocol, *predictor, processor_seconds() - start);
}

void run_transfer_cells(const LatencyTable& cells, std::uint64_t seeds, const OptionMap& options) {
  for (const bool designed : {true, false}) {
    fit_and_run(cells, nb201_task(), {.designed = designed, .seeds = seeds, .options = options});
  }
  fit_and_run(cells, nb201_compiler_task(), {.seeds = seeds, .options = options});
}

void run_transfer_layers(const LatencyTable& layers, std::uint64_t seeds,
                         const OptionMap& options) {
  for (const LatencyTask& task : fbnet_tasks()) {
    fit_and_run(
        layers, task,
        {.pool = 4000, .source_rows = 800, .samples = 20, .seeds = seeds, .options = options});
  }
}

/// HELP's selection under a latency limit: of the candidates that MetaD2A proposed, in its order,
/// the first three that are predicted to keep the limit; of them the most accurate.
void select_cells(const LatencyTable& table, const LatencyTask& task,
                  const std::filesystem::path& file, TransferPredictor& predictor,
                  const char* name) {
  struct Limits {
    const char* device;
    double limits[3];
  };
  constexpr Limits kLimits[] = {{"titan_rtx_256", {18, 21, 25}},
                                {"gold_6226", {8, 11, 14}},
                                {"pixel2", {14, 18, 22}},
                                {"eyeriss", {5, 7, 9}},
                                {"fpga", {4, 5, 6}}};  // HELP, table 4
  const CsvTable csv = CsvTable::parse(read_file(file), file.filename().string());
  std::vector<std::size_t> candidates;
  std::vector<double> accuracy;
  std::vector<Subject> subjects;
  for (std::size_t row = 0; row < csv.rows(); ++row) {
    candidates.push_back(
        static_cast<std::size_t>(parse_int(csv.at(row, csv.column("index"))).value()));
    accuracy.push_back(parse_double(csv.at(row, csv.column("true_cifar100_test_acc"))).value());
    subjects.push_back({table.space.get(), &table.architectures[candidates.back()], nullptr});
  }
  const std::vector<std::size_t> rows = search_measurements(table, task, 900);
  std::printf("\n%s, %zu measurements: limit, latency and CIFAR-100 accuracy of the choice\n", name,
              rows.size());
  for (const Limits& each : kLimits) {
    const std::vector<double>& truth = table.devices.at(each.device);
    std::vector<Subject> measured;
    std::vector<double> values;
    for (const std::size_t row : rows) {
      measured.push_back({table.space.get(), &table.architectures[row], nullptr});
      values.push_back(truth[row]);
    }
    predictor.adapt(measured, values);
    const std::vector<Forecast> forecasts = predictor.forecast(subjects);
    std::printf("%-14s", each.device);
    for (const double limit : each.limits) {
      std::size_t kept = 0, best = subjects.size();
      for (std::size_t i = 0; i < subjects.size() && kept < 3; ++i) {
        if (forecasts[i].mean > limit) continue;
        ++kept;
        if (best == subjects.size() || accuracy[i] > accuracy[best]) best = i;
      }
      if (best == subjects.size()) {
        std::printf("   %g: none", limit);
      } else {
        std::printf("   %g: %.1f ms %.1f %%", limit, truth[candidates[best]], accuracy[best]);
      }
    }
    std::printf("\n");
  }
  std::fflush(stdout);
}

/// What an adapted predictor is worth in a search under a limit.
using Select = std::function<void(TransferPredictor& predictor, const char* name)>;

/// Published protocol and, of the same meta-training, ten measurements in all (the references).
void run_help(const LatencyTable& table, const LatencyTask& task, LatencyProtocol protocol,
              const Fits& fits, const Select& select) {
  protocol.predictor = "help";
  protocol.seeds = 5;
  const OptionMap options = protocol.options;
  double published = 0, honest = 0;
  for (std::uint64_t seed = fits.first; seed < fits.last; ++seed) {
    protocol.fit_seed = seed;
    protocol.options = options;
    protocol.options["protocol"] = "published";
    protocol.designed = false;
    protocol.middle_pool = protocol.whole_pool = true;
    const double start = processor_seconds();
    const auto predictor = fit_sources(table, task, protocol);
    published += run(table, task, protocol, *predictor, processor_seconds() - start).middle;
    protocol.options["protocol"] = "honest";
    const auto same = make_predictor("help", protocol.options);
    same->restore(predictor->save());
    LatencyProtocol ten = protocol;
    ten.designed = true;
    ten.middle_pool = ten.whole_pool = false;
    ten.seeds = 1;  // the references are always the same
    honest += run(table, task, ten, *same, 0).middle;
    if (select) select(dynamic_cast<TransferPredictor&>(*same), "help");
  }
  const auto count = static_cast<double>(fits.last - fits.first);
  if (count > 0) {
    std::printf("\n%s, help, mean of %.0f fits: published %.4f, ten measurements %.4f\n",
                task.name.c_str(), count, published / count, honest / count);
  }
  // The same draws for the others.
  LatencyProtocol others = protocol;
  others.predictor = "transfer";
  others.options = {};
  others.fit_seed = 0;
  others.middle_pool = true;
  others.whole_pool = others.designed = false;
  const auto transfer = fit_sources(table, task, others);
  run(table, task, others, *transfer, 0);
  if (select) select(dynamic_cast<TransferPredictor&>(*transfer), "transfer");
}

/// Twenty measurements: those that it suggests, then random ones, where transfer has the same.
void run_nasflat(const LatencyTable& table, const LatencyTask& task, LatencyProtocol protocol,
                 const Fits& fits) {
  protocol.samples = 20;
  protocol.seeds = 5;
  for (std::uint64_t seed = fits.first; seed < fits.last; ++seed) {
    protocol.predictor = "nasflat";
    protocol.fit_seed = seed;
    const double start = processor_seconds();
    const auto predictor = fit_sources(table, task, protocol);
    const double fit = processor_seconds() - start;
    for (const bool designed : {true, false}) {
      protocol.designed = designed;
      run(table, task, protocol, *predictor, fit);
    }
  }
  protocol.predictor = "transfer";
  protocol.options = {};
  protocol.fit_seed = 0;
  for (const bool designed : {true, false}) {
    protocol.designed = designed;
    fit_and_run(table, task, protocol);
  }
}

/// The plug-in that a PREDICTOR of the command line runs; "" for all of them. Throws Error(kUsage).
std::string plugin_of(const PluginChoice& only) {
  std::vector<std::string> names = {"all",        "transfer",      "help",
                                    "help-nb201", "help-fbnet",    "help-ofa",
                                    "nasflat",    "nasflat-nb201", "nasflat-fbnet"};
  for (const LatencyTask& task : fbnet_tasks()) names.push_back("nasflat-" + task.name);
  if (std::ranges::count(names, only.name) == 0) {
    throw Error(ErrorKind::kUsage, unknown_name("PREDICTOR", printable(only.name), names));
  }
  return only.name == "all" ? "" : only.name.substr(0, only.name.find('-'));
}

/// Throws Error(kUsage) for options that would have no effect.
void check_choice(const PluginChoice& only) {
  const std::string plugin = plugin_of(only);
  if (only.options.empty()) return;
  if (plugin.empty()) throw Error(ErrorKind::kUsage, "options are of one PREDICTOR");
  if (plugin == "help" && only.options.contains("protocol")) {
    throw Error(ErrorKind::kUsage, "both protocols of help are run; leave the option away");
  }
  find_plugin(predictor_plugins(), "predictor", plugin).resolve(only.options);
}

/// What the command line says wins over what a task needs.
OptionMap with_options(OptionMap options, const OptionMap& chosen) {
  for (const auto& [name, value] : chosen) options[name] = value;
  return options;
}

void run_cells(const std::filesystem::path& data, const PluginChoice& only, std::uint64_t seeds,
               const Fits& fits) {
  const auto wanted = [&](std::string_view one) { return only.name == "all" || only.name == one; };
  const LatencyTable cells = read_nb201_latencies(data / "hw-help-nb201", data / "tab-nb201");
  const LatencyTask task = nb201_task();
  if (wanted("transfer")) run_transfer_cells(cells, seeds, only.options);
  if (wanted("help") || wanted("help-nb201")) {
    run_help(cells, task, {.options = with_options(help_options(cells, task), only.options)}, fits,
             [&](TransferPredictor& predictor, const char* name) {
               select_cells(cells, task, data / "hw-help-nb201" / "metad2a_candidates.csv",
                            predictor, name);
             });
  }
  if (wanted("nasflat") || wanted("nasflat-nb201")) {
    run_nasflat(cells, task, {.options = only.options}, fits);
  }
}

void run_layers(const std::filesystem::path& data, const PluginChoice& only, std::uint64_t seeds,
                const Fits& fits) {
  const auto wanted = [&](std::string_view one) { return only.name == "all" || only.name == one; };
  const LatencyTable layers = read_fbnet_latencies(data / "hw-help-fbnet", 5000);
  if (wanted("transfer")) run_transfer_layers(layers, seeds, only.options);
  if (wanted("help") || wanted("help-fbnet")) {
    const LatencyTask task = fbnet_tasks().front();
    OptionMap options = help_options(layers, task);
    options["episodes"] = "4000";
    run_help(layers, task,
             {.pool = 4000, .source_rows = 4000, .options = with_options(options, only.options)},
             fits, {});
  }
  for (const LatencyTask& task : fbnet_tasks()) {
    if (!wanted("nasflat") && !wanted("nasflat-fbnet") && !wanted("nasflat-" + task.name)) continue;
    run_nasflat(layers, task, {.pool = 4000, .source_rows = 800, .options = only.options}, fits);
  }
}

void run_ofa(const std::filesystem::path& data, const PluginChoice& only, const Fits& fits) {
  const LatencyTable networks = read_ofa_latencies(data / "hw-help-ofa", 5000);
  const LatencyTask task = ofa_task();
  run_help(networks, task,
           {.pool = 4000,
            .source_rows = 4000,
            .options = with_options(help_options(networks, task), only.options)},
           fits, [&](TransferPredictor& predictor, const char* name) {
             bench::print_ofa_selection(networks, task, data, predictor, name);
           });
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc < 2) {
    std::fprintf(stderr, "usage: latency_transfer_bench DATA [SEEDS [PREDICTOR [FITS [FIRST]]]]\n");
    return 2;
  }
  const std::filesystem::path data(argv[1]);
  const std::uint64_t seeds = argc > 2 ? std::stoull(argv[2]) : 20;
  const PluginChoice only = parse_plugin_choice(argc > 3 && *argv[3] != 0 ? argv[3] : "all");
  const std::uint64_t count = argc > 4 ? std::stoull(argv[4]) : 3;
  const std::uint64_t first = argc > 5 ? std::stoull(argv[5]) : 0;
  const Fits fits{first, first + count};
  check_choice(only);
  const bool cells = only.name.ends_with("-nb201"), ofa = only.name == "help-ofa";
  const bool every = only.name == "all" || only.name == plugin_of(only);
  if (every || cells) run_cells(data, only, seeds, fits);
  if (every || (!cells && !ofa)) run_layers(data, only, seeds, fits);
  if (ofa || only.name == "all" || only.name == "help") run_ofa(data, only, fits);
  return 0;
} catch (const nas::Error& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 2;
}
