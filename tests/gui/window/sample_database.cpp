#include "tests/gui/window/sample_database.h"

#include <stdlib.h>

#include <cmath>
#include <limits>
#include <stdexcept>
#include <system_error>

#include "db/sqlite_store.h"

namespace nas::testing {

namespace {

StudySpec spec(const std::string& name) {
  return {.name = name,
          .space = "nasbench201",
          .space_version = "1",
          .searcher = "random",
          .config = "",
          .seed = 1,
          .budget_trials = 500,
          .objectives = {{"accuracy", true}, {"latency_ms@host", false}},
          .environment = {"test", "", "", 1}};
}

TrialClaim claim_of(std::int64_t study_id, std::int64_t number, const std::string& text) {
  TrialClaim claim{.study_id = study_id,
                   .number = number,
                   .space = "nasbench201",
                   .text = text,
                   .published_params = 1000 + number,
                   .published_macs = 5000 - number,
                   .worker = "host:1:0",
                   .searcher = "random",
                   .reason = "sample"};
  claim.digest.words = {7, static_cast<std::uint64_t>(number)};
  return claim;
}

}  // namespace

TemporaryDirectory::TemporaryDirectory() {
  std::string pattern =
      (std::filesystem::temp_directory_path() / "searchlight-gui-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary directory");
  path_ = pattern;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code error;
  std::filesystem::remove_all(path_, error);
}

bool sample_fails(std::int64_t number) {
  return number % 10 == 9;
}

double sample_accuracy(std::int64_t number) {
  if (number % 7 == 6) return std::numeric_limits<double>::quiet_NaN();
  return 50 + static_cast<double>(number * 37 % 41);
}

double sample_latency(std::int64_t number, bool on_phone) {
  return (on_phone ? 10.0 : 1.0) + static_cast<double>(number % 13);
}

std::string sample_text(std::int64_t number) {
  const std::string operation = number % 3 == 0 ? "skip_connect" : "nor_conv_3x3";
  return std::string("|").append(operation).append(
      "~0|+|none~0|nor_conv_1x1~1|+|none~0|skip_connect~1|avg_pool_3x3~2|");
}

void add_sample_trials(const std::filesystem::path& file, std::int64_t first, std::int64_t trials) {
  const auto store = open_sqlite_store(file, OpenMode::kCreate);
  const auto found = store->find_study("sample");
  const std::int64_t study = found ? found->id : store->create_study(spec("sample")).id;
  for (std::int64_t number = first; number < first + trials; ++number) {
    const auto claim = store->claim(claim_of(study, number, sample_text(number)));
    TrialFinish finish{.claim = claim.value(), .seconds = 0.25};
    if (sample_fails(number)) {
      finish.state = TrialState::kFailed;
      finish.error = "the loss is not finite";
    } else {
      finish.metrics = {
          {.name = "accuracy", .value = sample_accuracy(number)},
          {.name = "latency_ms",
           .value = sample_latency(number, false),
           .device = Device{"host", "cpu", "batch=1"}},
          {.name = "latency_ms",
           .value = sample_latency(number, true),
           .device = Device{"phone", "cpu", "batch=1"}},
      };
      finish.curve = {{1, "accuracy", 40}, {2, "accuracy", sample_accuracy(number)}};
    }
    store->finish(finish);
  }
  store->add_event({.study_id = study, .kind = "note", .text = "trials were added"});
}

ClaimedTrial start_sample_trial(Store& store, std::int64_t number) {
  const std::int64_t study = store.find_study("sample").value().id;
  return store.claim(claim_of(study, number, sample_text(number))).value();
}

void add_named_study(const std::filesystem::path& file, const std::string& name,
                     const std::string& text) {
  const auto store = open_sqlite_store(file, OpenMode::kCreate);
  const std::int64_t study = store->create_study(spec(name)).id;
  if (text.empty()) return;
  const auto claim = store->claim(claim_of(study, 0, text));
  store->finish({.claim = claim.value(), .metrics = {{.name = "accuracy", .value = std::nan("")}}});
}

}  // namespace nas::testing
