#include <string>

#include "core/util/error.h"
#include "db/codes.h"
#include "db/store_impl.h"

namespace nas {

namespace {

constexpr char kPutPoint[] =
    "INSERT INTO study_curve (study_id, name, epoch, value, status) VALUES (?, ?, ?, ?, ?) "
    "ON CONFLICT (study_id, name, epoch) DO UPDATE SET value = excluded.value, status = "
    "excluded.status";
constexpr char kAddNewEvent[] =
    "INSERT INTO event (at_us, study_id, kind, text) SELECT ?1, ?2, ?3, ?4 WHERE NOT EXISTS "
    "(SELECT 1 FROM event WHERE study_id = ?2 AND kind = ?3 AND text = ?4)";
constexpr char kCurve[] =
    "SELECT epoch, name, value, status FROM study_curve WHERE study_id = ? ORDER BY name, epoch";

}  // namespace

void SqlStore::put_study_record(std::int64_t study_id, const StudyRecord& record) {
  require_writable("record a study");
  connection_->write([&] {
    for (const CurvePoint& point : record.points) {
      connection_->execute(kPutPoint, study_id, point.name, point.epoch, stored_value(point.value),
                           value_status(point.value));
    }
    const std::int64_t now = connection_->now_us();
    for (const StudyRecord::Event& event : record.events) {
      connection_->execute(kAddNewEvent, now, study_id, event.kind, event.text);
    }
  });
}

std::vector<CurvePoint> SqlStore::study_curve(std::int64_t study_id) const {
  std::vector<CurvePoint> curve;
  Rows rows = connection_->select(kCurve, study_id);
  while (rows.next()) {
    curve.push_back({rows.integer(0), rows.string(1), value_of(rows.text(3), rows.real(2))});
  }
  return curve;
}

}  // namespace nas
