#include "app/session/doctor.h"

#include <algorithm>
#include <cstdlib>

#include "core/runtime/engines/onnx_runtime.h"
#include "core/runtime/latency.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

/// One thread of a ten-year-old desktop with an optimised BLAS does more.
constexpr double kSlowGflops = 5;

Finding good(std::string_view what, std::string detail) {
  return {Health::kGood, std::string(what), std::move(detail), ""};
}

std::string gflops_text(double gflops) {
  return format_short(gflops, 3) + " GFLOP/s";
}

void check_speed(std::string_view what, double gflops, std::vector<Finding>& findings) {
  Finding finding = good(what, gflops_text(gflops) + " on one thread");
  if (gflops < kSlowGflops) {
    finding.health = Health::kWarning;
    finding.remedy = "slow: trainings take long; look for other load, or install an optimised BLAS";
  }
  findings.push_back(std::move(finding));
}

/// Whether LibTorch can be loaded.
bool check_libtorch(const RuntimeInfo& info, std::vector<Finding>& findings) {
  try {
    const bool cuda = cuda_is_available();
    findings.push_back(good("libtorch", info.torch_version + (cuda ? ", CUDA" : ", CPU")));
    return true;
  } catch (const Error& error) {
    findings.push_back(
        {Health::kBad, "libtorch", error.what(), "nothing can be trained or scored without it"});
    return false;
  }
}

/// Nobody has to have it.
Finding check_onnx_runtime() {
  try {
    return good("onnx runtime", onnx_runtime());
  } catch (const Error& error) {
    if (const char* wanted = std::getenv("SEARCHLIGHT_ONNXRUNTIME"); wanted && *wanted) {
      return {Health::kWarning, "onnx runtime", error.what(), "see docs/devices.md"};
    }
    return good("onnx runtime",
                "not here; with it latencies of a second engine can be measured (docs/devices.md)");
  }
}

void check_runtime(bool measure, std::vector<Finding>& findings) {
  const RuntimeInfo info = runtime_info();
  findings.push_back(good("version", "searchlight " + version_text()));
  const bool runs = check_libtorch(info, findings);
  findings.push_back(check_onnx_runtime());
  findings.push_back(
      good("cpu", info.cpu + ", " + info.simd + (info.bfloat16 ? ", bfloat16" : "")));
  findings.push_back(good("threads", std::to_string(info.threads) + " cores"));
  Finding blas = good("blas", info.blas);
  if (!info.blas_is_fast) {
    blas.health = Health::kWarning;
    blas.remedy = "install libopenblas0-pthread";
  }
  findings.push_back(std::move(blas));
  if (!measure || !runs) return;
  check_speed("matrix product", measured_matmul_gflops(), findings);
  check_speed("convolution", measured_conv_gflops(), findings);
}

void check_glyphs(Session& session, std::vector<Finding>& findings) {
  try {
    const auto problem = session.problem("glyphs");
    const ProblemData& data = problem->data();
    findings.push_back(good(
        "built-in data", format_count(static_cast<std::int64_t>(data.samples(Part::kTraining))) +
                             " glyph images, " + std::to_string(data.classes.size()) + " classes"));
  } catch (const Error& error) {
    findings.push_back(
        {Health::kWarning, "built-in data", error.what(),
         "install the font packages of scripts/packages.txt, or use data of your own"});
  }
}

void check_expired(const Store& store, std::vector<Finding>& findings) {
  for (const StudyRow& study : store.studies()) {
    const bool unfinished = study.state == StudyState::kPaused ||
                            (study.state == StudyState::kRunning && study.trials_running == 0);
    if (!unfinished) continue;
    findings.push_back({Health::kWarning, "study '" + study.spec.name + "'",
                        to_string(study.state) + " with " + std::to_string(study.trials_complete) +
                            " complete trials",
                        "nasctl search resume '" + study.spec.name + "' continues it"});
  }
}

void check_store(Session& session, std::vector<Finding>& findings) {
  const std::string path = session.store_address().text();
  try {
    if (!session.store_exists()) {
      findings.push_back(good("store", path + " does not exist yet; a search makes it"));
      return;
    }
    const Store& store = session.reader();
    const StoreStats stats = store.stats();
    findings.push_back(good("store", path + ": " + stats.backend + ", schema " +
                                         std::to_string(stats.schema_version) + ", " +
                                         format_bytes(stats.file_bytes)));
    for (const std::string& problem : store.check()) {
      findings.push_back({Health::kBad, "store", problem, "see nasctl db check"});
    }
    check_expired(store, findings);
  } catch (const Error& error) {
    findings.push_back({Health::kBad, "store", error.what(), "name another with --store"});
  }
}

}  // namespace

std::vector<Finding> diagnose(Session& session, bool measure) {
  std::vector<Finding> findings;
  check_runtime(measure, findings);
  check_glyphs(session, findings);
  check_store(session, findings);
  return findings;
}

Table findings_table(const std::vector<Finding>& findings) {
  static constexpr const char* kWords[] = {"good", "warning", "bad"};
  Table table{
      "doctor",
      {{"health", "", false}, {"what", "", true}, {"detail", "", true}, {"remedy", "", true}},
      {},
      ""};
  for (const Finding& finding : findings) {
    table.rows.push_back({kWords[static_cast<std::size_t>(finding.health)], finding.what,
                          finding.detail, finding.remedy});
  }
  return table;
}

bool healthy(const std::vector<Finding>& findings) {
  return std::none_of(findings.begin(), findings.end(),
                      [](const Finding& finding) { return finding.health == Health::kBad; });
}

}  // namespace nas
