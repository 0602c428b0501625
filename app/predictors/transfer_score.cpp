#include "app/predictors/transfer_score.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <vector>

#include "app/predictors/json_number.h"
#include "app/predictors/measurement_file.h"
#include "app/study/constraint.h"
#include "core/api/column_names.h"
#include "core/util/statistics.h"

namespace nas {

TransferScore score_of(std::span<const Forecast> forecasts, std::span<const double> truth) {
  TransferScore score;
  score.judged = truth.size();
  std::vector<double> means;
  const double part = 1 / static_cast<double>(std::max<std::size_t>(1, truth.size()));
  for (std::size_t i = 0; i < truth.size(); ++i) {
    means.push_back(forecasts[i].mean);
    const auto holds = [&](double probability) {
      const Interval interval = interval_of(forecasts[i], probability);
      return truth[i] >= interval.low && truth[i] <= interval.high ? part : 0;
    };
    score.within_50 += holds(0.5);
    score.within_80 += holds(0.8);
    score.within_95 += holds(0.95);
    score.within_10_percent += std::abs(means[i] - truth[i]) <= 0.1 * truth[i] ? part : 0;
  }
  score.spearman = spearman(truth, means);
  return score;
}

MeasuredScore judge_measurements(Session& session, const StoredPredictor& stored,
                                 const std::filesystem::path& file, std::size_t ndcg_k) {
  const std::string metric = parse_column_query(stored.target).metric;
  const Measurements judged =
      read_measurements(session, parse_plugin_choice(stored.row.space), file, metric);
  MeasuredScore score;
  score.order =
      score_predictions(judged.values, apply_predictor(session, stored, judged.architectures, ""),
                        metric_info(metric).maximize, ndcg_k);
  if (const auto* transfer = dynamic_cast<const TransferPredictor*>(stored.predictor.get())) {
    score.forecast = score_of(transfer->forecast(subjects_of(*stored.space, judged.architectures)),
                              judged.values);
  }
  return score;
}

std::string score_json(const TransferFitReport& report) {
  nlohmann::json json{{"measured", report.measured},
                      {"sources", report.sources},
                      {"leave_one_out",
                       {{"within_50", report.left_out.within_50},
                        {"within_80", report.left_out.within_80},
                        {"within_95", report.left_out.within_95},
                        {"within_10_percent", report.left_out.within_10_percent},
                        {"spearman", json_number(report.loo_spearman)}}}};
  if (report.held_out) {
    json["held_out"] = report.held_out->judged;
    json["spearman"] = json_number(report.held_out->spearman);
    json["ridge_spearman"] = json_number(report.held_out->ridge_spearman);
  }
  return json.dump();
}

}  // namespace nas
