#include <string>

#include "core/util/error.h"
#include "core/util/text.h"
#include "db/store_impl.h"

namespace nas {

namespace {

constexpr char kLeader[] =
    "SELECT leader, token, lease_until_us FROM study_lead WHERE study_id = ?";
// Of two that saw the same leader pass away, one is refused.
constexpr char kLead[] =
    "INSERT INTO study_lead (study_id, leader, token, lease_until_us, needs) VALUES (?, ?, 1, ?, "
    "?) "
    "ON CONFLICT (study_id) DO UPDATE SET leader = excluded.leader, token = study_lead.token + 1, "
    "lease_until_us = excluded.lease_until_us, needs = excluded.needs WHERE study_lead.token = ?";
constexpr char kRenewLead[] =
    "UPDATE study_lead SET lease_until_us = ? WHERE study_id = ? AND token = ? AND leader <> ''";
constexpr char kLeave[] =
    "UPDATE study_lead SET leader = '', lease_until_us = 0 WHERE study_id = ? AND token = ?";
constexpr char kLeads[] =
    "SELECT 1 FROM study_lead WHERE study_id = ? AND token = ? AND leader <> ''";

}  // namespace

std::optional<Lead> SqlStore::lead(const LeadRequest& request) {
  require_writable("lead a study");
  return connection_->write([&]() -> std::optional<Lead> {
    const std::int64_t now = connection_->now_us();
    std::string before;
    std::int64_t token = 0;
    bool passed = true;
    {
      Rows rows = connection_->select(kLeader, request.study_id);
      if (rows.next()) {
        before = rows.string(0);
        token = rows.integer(1);
        passed = before.empty() || rows.integer(2) <= now;
      }
    }
    if (!passed && before != request.dead) return std::nullopt;
    const std::string needs = join(request.needs, "\n");
    if (connection_->execute(kLead, request.study_id, request.who, now + lease_us(request.seconds),
                             needs, token) == 0) {
      return std::nullopt;
    }
    if (!before.empty()) {
      log(request.study_id, std::nullopt, "lead",
          "'" + request.who + "' leads the study: " +
              (passed ? "the lease of '" + before + "' has passed" : "'" + before + "' is gone"));
    }
    return Lead{request.study_id, token + 1};
  });
}

bool SqlStore::renew_lead(const Lead& lead, double seconds) {
  require_writable("lead a study");
  return connection_->write([&] {
    const std::int64_t renewed = connection_->execute(
        kRenewLead, connection_->now_us() + lease_us(seconds), lead.study_id, lead.token);
    return renewed == 1;
  });
}

void SqlStore::leave(const Lead& lead) {
  require_writable("leave a study");
  connection_->write([&] { connection_->execute(kLeave, lead.study_id, lead.token); });
}

std::optional<Leader> SqlStore::leader(std::int64_t study_id) const {
  Rows rows = connection_->select(kLeader, study_id);
  if (!rows.next() || rows.text(0).empty()) return std::nullopt;
  const std::int64_t left_us = rows.integer(2) - connection_->now_us();
  return Leader{rows.string(0), static_cast<double>(left_us) / 1e6};
}

bool SqlStore::leads(const Lead& lead) const {
  return connection_->select(connection_->locked(kLeads), lead.study_id, lead.token).next();
}

}  // namespace nas
