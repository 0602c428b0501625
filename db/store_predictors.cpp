#include <bit>
#include <string>

#include "core/util/error.h"
#include "db/store_impl.h"

namespace nas {

namespace {

constexpr char kPut[] =
    "INSERT INTO predictor (name, plugin, options, space, target, features, samples, seed, path, "
    "sha256, report, created_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO "
    "UPDATE SET plugin = excluded.plugin, options = excluded.options, space = excluded.space, "
    "target = excluded.target, features = excluded.features, samples = excluded.samples, seed = "
    "excluded.seed, path = excluded.path, sha256 = excluded.sha256, report = excluded.report, "
    "created_us = excluded.created_us";
const std::string kPredictors =
    "SELECT id, name, plugin, options, space, target, features, samples, seed, path, sha256, "
    "report, created_us FROM predictor";
const std::string kPredictorsByName = kPredictors + " ORDER BY name";
const std::string kPredictor = kPredictors + " WHERE name = ?";

PredictorRow read_predictor(const Rows& rows) {
  return {.id = rows.integer(0),
          .name = rows.string(1),
          .plugin = rows.string(2),
          .options = rows.string(3),
          .space = rows.string(4),
          .target = rows.string(5),
          .features = rows.string(6),
          .samples = rows.integer(7),
          .seed = std::bit_cast<std::uint64_t>(rows.integer(8)),
          .path = rows.string(9),
          .sha256 = rows.string(10),
          .report = rows.string(11),
          .created_us = rows.integer(12)};
}

}  // namespace

PredictorRow SqlStore::put_predictor(const PredictorRow& predictor) {
  require_writable("store a predictor");
  return connection_->write([&] {
    const PredictorRow& p = predictor;
    connection_->execute(kPut, p.name, p.plugin, p.options, p.space, p.target, p.features,
                         p.samples, std::bit_cast<std::int64_t>(p.seed), p.path, p.sha256, p.report,
                         connection_->now_us());
    PredictorRow stored;
    {
      Rows rows = connection_->select(kPredictor, p.name);
      NAS_CHECK(rows.next(), "a predictor that was just stored");
      stored = read_predictor(rows);
    }
    return stored;
  });
}

std::vector<PredictorRow> SqlStore::predictors() const {
  std::vector<PredictorRow> predictors;
  Rows rows = connection_->select(kPredictorsByName);
  while (rows.next()) predictors.push_back(read_predictor(rows));
  return predictors;
}

}  // namespace nas
