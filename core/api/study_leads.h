#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/api/store.h"
#include "core/util/error.h"

namespace nas {

/// The right to propose trials of a study: one process has it, as long as it renews its lease.
/// Every lead of a study has a larger token than the one before.
struct Lead {
  std::int64_t study_id = 0;
  std::int64_t token = 0;
};

struct LeadRequest {
  std::int64_t study_id = 0;
  std::string who;  ///< "host:pid"
  double seconds = 60;
  /// Of a process that is known to be dead: its lease is not waited for.
  std::string dead{};
  /// Devices that every trial of the study needs, by name; a worker without one takes none.
  std::vector<std::string> needs{};
};

/// Who has a study, by the database's clock.
struct Leader {
  std::string who;
  double seconds_left = 0;  ///< of the lease; 0 or less: it has passed
};

/// A store that knows who proposes the trials of a study; every method is one transaction.
class StudyLeads {
 public:
  virtual ~StudyLeads() = default;
  /// nullopt while another process leads and its lease has not passed. Taking over from another
  /// process is kept in the event log ("lead").
  virtual std::optional<Lead> lead(const LeadRequest& request) = 0;
  /// The lease now ends `seconds` from now; false when another process leads.
  virtual bool renew_lead(const Lead& lead, double seconds) = 0;
  /// The study is free at once; nothing where another process leads.
  virtual void leave(const Lead& lead) = 0;
  /// nullopt where nobody ever led or the last leader left.
  virtual std::optional<Leader> leader(std::int64_t study_id) const = 0;
};

/// The same store. Throws Error(kUnsupported) for one without leads.
inline StudyLeads& study_leads(Store& store) {
  if (auto* leads = dynamic_cast<StudyLeads*>(&store)) return *leads;
  throw Error(ErrorKind::kUnsupported, "this store cannot be shared by several processes");
}
inline const StudyLeads& study_leads(const Store& store) {
  return study_leads(const_cast<Store&>(store));
}

}  // namespace nas
