#include "app/reports/smoke.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "app/reports/report.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

constexpr std::string_view kHeader = "searchlight-smoke 1";
constexpr std::string_view kData = "glyphs";
/// What the glyphs are judged by.
std::string_view judged_by() {
  return first_metric(kData).name;
}
std::string tolerance_key() {
  return std::string(judged_by()) + "_tolerance";
}
/// Percentage points. Kernels differ in rounding between CPU types; a short training amplifies it.
// The same build gave trial 4 of the signature 91.8 on one processor and 75.0 on another: five
// epochs at a high learning rate amplify the last bits, which differ between SIMD levels.
constexpr double kTolerance = 8;

struct Signature {
  double tolerance = kTolerance;
  std::map<std::int64_t, std::map<std::string, std::string>> trials;
};

[[noreturn]] void reject(std::size_t line, const std::string& why) {
  throw Error(ErrorKind::kData, "smoke signature, line " + std::to_string(line) + ": " + why);
}

/// "trial=0 outcome=complete params=1234 macs=5678 accuracy=45.67 architecture=|...|".
Signature parse(std::string_view text) {
  Signature signature;
  const std::vector<std::string> lines = split(text, '\n');
  if (lines.empty() || trim(lines[0]) != kHeader) {
    reject(1, "expected '" + std::string(kHeader) + "'");
  }
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const std::string_view line = trim(lines[i]);
    if (line.empty() || line.front() == '#') continue;
    std::map<std::string, std::string> fields;
    for (const std::string& word : split_words(line)) {
      const std::size_t equals = word.find('=');
      if (equals == std::string::npos) reject(i + 1, "'" + printable(word) + "' has no '='");
      fields[word.substr(0, equals)] = word.substr(equals + 1);
    }
    if (const auto tolerance = fields.find(tolerance_key()); tolerance != fields.end()) {
      signature.tolerance = parse_double(tolerance->second).value_or(kTolerance);
      continue;
    }
    const std::optional<std::int64_t> number = parse_int(fields["trial"]);
    if (!number) reject(i + 1, "expected trial=NUMBER");
    fields.erase("trial");
    signature.trials[*number] = std::move(fields);
  }
  return signature;
}

bool agree(const std::string& field, const std::string& expected, const std::string& actual,
           double tolerance) {
  if (expected == actual) return true;
  if (field != judged_by()) return false;
  const std::optional<double> a = parse_double(expected);
  const std::optional<double> b = parse_double(actual);
  return a && b && std::abs(*a - *b) <= tolerance;
}

void compare_trial(const std::string& trial, const std::map<std::string, std::string>& expected,
                   const std::map<std::string, std::string>& actual, double tolerance,
                   std::vector<std::string>& lines) {
  for (const auto& [field, value] : expected) {
    const auto other = actual.find(field);
    const std::string given = other == actual.end() ? "(none)" : other->second;
    if (agree(field, value, given, tolerance)) continue;
    std::string line = trial + ": " + field + " is " + given + ", expected " + value;
    if (field == judged_by()) line += " within " + format_double(tolerance);
    lines.push_back(line);
  }
  for (const auto& [field, value] : actual) {
    if (!expected.contains(field)) lines.push_back(trial + ": unexpected " + field + "=" + value);
  }
}

}  // namespace

StudyConfig smoke_config() {
  StudyConfig config;
  config.name = "smoke";
  config.space.name = "nasbench201";
  // Random search: its proposals do not depend on what trainings give, so they are the same on
  // every CPU.
  config.searcher.name = "random";
  config.data = std::string(kData);
  // Enough for the larger of these networks to learn the glyphs, and calm: at twice this rate
  // without warm-up one network had 92, 91 and 16 % on three kinds of processor, now all agree
  // within 3 points. Sizes are the preset's: another space may take its place.
  config.recipe = {"smoke",
                   {{"epochs", "5"},
                    {"train_samples", "2000"},
                    {"learning_rate", "0.05"},
                    {"warmup_epochs", "2"}}};
  config.final_recipe = config.recipe;
  config.final_recipe.options["epochs"] = "3";
  config.final_recipe.options["train_samples"] = "0";
  config.objectives = {std::string(judged_by()), "params"};
  config.constraints = {"macs<200M"};
  config.budget_trials = 5;
  return config;
}

std::string smoke_signature(Session& session, std::string_view name) {
  const StudyData study = load_study(session.reader(), name);
  const std::string judged(judged_by());
  std::string text = std::string(kHeader) + "\n" +
                     "# Proposals, outcomes, params and macs must agree exactly; accuracies in "
                     "percentage points within:\n" +
                     tolerance_key() + "=" + format_double(kTolerance) + "\n";
  for (const TrialRow& trial : study.trials) {
    text += "trial=" + std::to_string(trial.number) + " outcome=" + to_string(trial.state);
    const MetricValues values = to_values(trial.metrics);
    for (const std::string& metric : {std::string("params"), std::string("macs"), judged}) {
      const auto found = values.find({metric, ""});
      if (found == values.end()) continue;
      const double rounded = std::round(found->second * 100) / 100;
      text += " " + metric + "=" + format_double(rounded);
    }
    text += " architecture=" + trial.text + "\n";
  }
  return text;
}

void check_signature(std::string_view text) {
  parse(text);
}

std::vector<std::string> compare_signatures(std::string_view expected_text,
                                            std::string_view actual_text) {
  const Signature expected = parse(expected_text);
  const Signature actual = parse(actual_text);
  std::vector<std::string> lines;
  for (const auto& [number, fields] : expected.trials) {
    const std::string trial = "trial " + std::to_string(number);
    const auto other = actual.trials.find(number);
    if (other == actual.trials.end()) {
      lines.push_back(trial + " is missing");
    } else {
      compare_trial(trial, fields, other->second, expected.tolerance, lines);
    }
  }
  for (const auto& [number, fields] : actual.trials) {
    if (!expected.trials.contains(number)) {
      lines.push_back("trial " + std::to_string(number) + " is unexpected");
    }
  }
  return lines;
}

}  // namespace nas
