#include <set>
#include <string>

#include "core/util/error.h"
#include "core/util/text.h"
#include "db/store_impl.h"

namespace nas {

namespace {

constexpr char kNameTaken[] = "SELECT 1 FROM study WHERE name = ? AND id <> ?";
constexpr char kNameOf[] = "SELECT name FROM study WHERE id = ?";
constexpr char kChange[] =
    "UPDATE study SET name = ?, config = ?, budget_trials = ?, updated_us = ? WHERE id = ?";
// What trials of other studies say of a value that they took from this one.
constexpr char kRenameSource[] =
    "UPDATE trial SET reused_from = ?2 || substr(reused_from, length(?1) + 1) "
    "WHERE substr(reused_from, 1, length(?1)) = ?1";
constexpr char kLeased[] =
    "SELECT number, worker FROM trial WHERE study_id = ? AND state = 'running' AND "
    "lease_until_us > ? LIMIT 1";
constexpr char kModelsOf[] =
    "SELECT path FROM model JOIN trial ON trial.id = model.trial_id WHERE study_id = ? ORDER BY "
    "model.id";
constexpr char kArtifactsOf[] =
    "SELECT path FROM artifact WHERE study_id = ?1 OR trial_id IN (SELECT id FROM trial WHERE "
    "study_id = ?1) ORDER BY id";
constexpr char kArchitecturesOf[] =
    "SELECT architecture_id FROM trial WHERE study_id = ?1 UNION SELECT architecture_id FROM queue "
    "WHERE study_id = ?1";
constexpr char kArchitecturesInUse[] =
    "SELECT architecture_id FROM trial UNION SELECT architecture_id FROM queue";
constexpr char kNetworksOf[] =
    "SELECT network_id FROM trial WHERE study_id = ?1 AND network_id IS NOT NULL "
    "UNION SELECT network_id FROM queue WHERE study_id = ?1 AND network_id IS NOT NULL "
    "UNION SELECT network_id FROM metric WHERE study_id = ?1 AND network_id IS NOT NULL "
    "UNION SELECT curve.network_id FROM curve JOIN trial ON trial.id = trial_id "
    "WHERE study_id = ?1 AND curve.network_id IS NOT NULL";
constexpr char kForgetNetwork[] =
    "DELETE FROM network WHERE id = ?1 "
    "AND NOT EXISTS (SELECT 1 FROM trial WHERE network_id = ?1) "
    "AND NOT EXISTS (SELECT 1 FROM queue WHERE network_id = ?1) "
    "AND NOT EXISTS (SELECT 1 FROM metric WHERE network_id = ?1) "
    "AND NOT EXISTS (SELECT 1 FROM curve WHERE network_id = ?1) "
    "AND NOT EXISTS (SELECT 1 FROM model WHERE network_id = ?1) "
    "AND NOT EXISTS (SELECT 1 FROM benchmark_column_network WHERE network_id = ?1)";
constexpr char kForgetArchitecture[] =
    "DELETE FROM architecture WHERE id = ?1 "
    "AND NOT EXISTS (SELECT 1 FROM metric WHERE architecture_id = ?1) "
    "AND NOT EXISTS (SELECT 1 FROM queue WHERE architecture_id = ?1) "
    "AND NOT EXISTS (SELECT 1 FROM model WHERE architecture_id = ?1) "
    "AND NOT EXISTS (SELECT 1 FROM artifact WHERE architecture_id = ?1)";
constexpr char kForgetValues[] = "DELETE FROM metric WHERE study_id = ?";
constexpr char kForgetTrials[] = "DELETE FROM trial WHERE study_id = ?";
/// Beside the values and trials, in an order that leaves no reference behind.
constexpr const char* kForget[] = {
    "UPDATE model SET trial_id = NULL WHERE trial_id IN (SELECT id FROM trial WHERE study_id = ?)",
    "UPDATE artifact SET trial_id = NULL "
    "WHERE trial_id IN (SELECT id FROM trial WHERE study_id = ?)",
    "UPDATE artifact SET study_id = NULL WHERE study_id = ?",
    "DELETE FROM study_curve WHERE study_id = ?",
    "DELETE FROM merit WHERE study_id = ?",
    "DELETE FROM curve WHERE trial_id IN (SELECT id FROM trial WHERE study_id = ?)",
    "DELETE FROM proposal WHERE trial_id IN (SELECT id FROM trial WHERE study_id = ?)",
    "DELETE FROM event WHERE trial_id IN (SELECT id FROM trial WHERE study_id = ?)",
    "DELETE FROM event WHERE study_id = ?",
    "DELETE FROM objective WHERE study_id = ?",
    "DELETE FROM queue WHERE study_id = ?",
    "DELETE FROM study_lead WHERE study_id = ?",
    "DELETE FROM allocation WHERE study_id = ?",
};
constexpr char kForgetStudy[] = "DELETE FROM study WHERE id = ?";

/// SQLite looks for children of every row that goes, and most references have no index: a study of
/// a hundred thousand trials would take hours. The statements above leave no reference behind.
class WithoutReferenceChecks {
 public:
  explicit WithoutReferenceChecks(Connection& connection) : connection_(connection) {
    connection_.check_references(false);
  }
  ~WithoutReferenceChecks() { connection_.check_references(true); }
  WithoutReferenceChecks(const WithoutReferenceChecks&) = delete;
  WithoutReferenceChecks& operator=(const WithoutReferenceChecks&) = delete;

 private:
  Connection& connection_;
};

std::set<std::int64_t> integers(Rows rows) {
  std::set<std::int64_t> result;
  while (rows.next()) result.insert(rows.integer(0));
  return result;
}

[[noreturn]] void fail_unknown(const Connection& connection, std::int64_t study_id) {
  throw Error(ErrorKind::kUsage, "database '" + connection.path_text() +
                                     "': there is no study with id " + std::to_string(study_id));
}

std::string source_text(std::string_view study) {
  return "study '" + std::string(study) + "', trial ";
}

}  // namespace

void SqlStore::change_study(std::int64_t study_id, const StudyChange& change) {
  require_writable("change a study");
  connection_->write([&] {
    check_study_name(change.name);
    if (connection_->select(kNameTaken, change.name, study_id).next()) {
      throw Error(ErrorKind::kUsage, "database '" + connection_->path_text() +
                                         "': a study named '" + printable(change.name) +
                                         "' exists already; choose another name");
    }
    const std::string before = connection_->select(kNameOf, study_id).next_text();
    if (connection_->execute(kChange, change.name, change.config, change.budget_trials,
                             connection_->now_us(), study_id) == 0) {
      fail_unknown(*connection_, study_id);
    }
    if (before != change.name) {
      connection_->execute(kRenameSource, source_text(before), source_text(change.name));
    }
    log(study_id, std::nullopt, "change", change.event);
  });
}

StudyRemoval SqlStore::remove_study(std::int64_t study_id, bool dry_run) {
  require_writable("remove a study");
  const WithoutReferenceChecks unchecked(*connection_);
  return connection_->write(
      [&] {
        StudyRemoval removal;
        const std::string name =
            connection_->select(connection_->locked(kNameOf), study_id).next_text();
        if (name.empty()) fail_unknown(*connection_, study_id);
        {
          const std::int64_t now = connection_->now_us();
          Rows leased = connection_->select(kLeased, study_id, now);
          if (leased.next()) {
            throw Error(ErrorKind::kUsage,
                        "trial " + leased.string(0) + " of the study is held by '" +
                            printable(leased.text(1)) + "'; wait until it ends, or stop it first");
          }
        }
        for (const char* paths : {kModelsOf, kArtifactsOf}) {
          Rows files = connection_->select(paths, study_id);
          while (files.next()) removal.models.push_back(files.string(0));
        }
        const std::set<std::int64_t> own =
            integers(connection_->select(kArchitecturesOf, study_id));
        const std::set<std::int64_t> networks =
            integers(connection_->select(kNetworksOf, study_id));
        for (const char* statement : kForget) connection_->execute(statement, study_id);
        removal.values = connection_->execute(kForgetValues, study_id);
        removal.trials = connection_->execute(kForgetTrials, study_id);
        connection_->execute(kForgetStudy, study_id);
        const std::set<std::int64_t> in_use = integers(connection_->select(kArchitecturesInUse));
        for (const std::int64_t id : own) {
          if (!in_use.contains(id))
            removal.architectures += connection_->execute(kForgetArchitecture, id);
        }
        for (const std::int64_t id : networks) connection_->execute(kForgetNetwork, id);
        log(std::nullopt, std::nullopt, "remove",
            "study '" + name + "' with " + std::to_string(removal.trials) + " trials was removed");
        return removal;
      },
      dry_run ? Connection::Outcome::kUndo : Connection::Outcome::kKeep);
}

}  // namespace nas
