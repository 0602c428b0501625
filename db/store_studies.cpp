#include <algorithm>
#include <bit>
#include <string>
#include <utility>

#include "core/util/error.h"
#include "core/util/text.h"
#include "db/codes.h"
#include "db/store_impl.h"

namespace nas {

namespace {

constexpr char kFindEnvironment[] =
    "SELECT id FROM environment WHERE version = ? AND libraries = ? AND cpu = ? AND threads = ?";
constexpr char kAddEnvironment[] =
    "INSERT INTO environment (version, libraries, cpu, threads) VALUES (?, ?, ?, ?)";
constexpr char kStudyExists[] = "SELECT 1 FROM study WHERE name = ?";
constexpr char kAddStudy[] =
    "INSERT INTO study (name, space_id, searcher, config, seed, budget_trials, state, "
    "environment_id, created_us, "
    "updated_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?9, ?9)";
constexpr char kAddObjective[] =
    "INSERT INTO objective (study_id, position, metric, device, direction) VALUES (?, ?, ?, ?, ?)";
constexpr char kObjectives[] =
    "SELECT metric, device, direction FROM objective WHERE study_id = ? ORDER BY position";
// The last change is the state's, or the end of one of the newest trials; workers are few compared
// with 100.
const std::string kAllStudies =
    "SELECT study.id, study.name, space.name, space.version, searcher, config, seed, "
    "budget_trials, state, created_us, "
    "(SELECT max(at_us) FROM (SELECT updated_us AS at_us UNION ALL SELECT * FROM (SELECT "
    "coalesce(finished_us, started_us) FROM trial WHERE study_id = study.id ORDER BY number DESC "
    "LIMIT 100) AS newest) AS change), "
    "environment.version, libraries, cpu, "
    "threads FROM study JOIN space ON space.id = study.space_id "
    "JOIN environment ON environment.id = study.environment_id";
const std::string kStudyByName = kAllStudies + " WHERE study.name = ?";
const std::string kStudiesNewestFirst = kAllStudies + " ORDER BY study.id DESC";
constexpr char kCountAll[] = "SELECT count(*) FROM trial WHERE study_id = ?";
// Without a condition SQLite counts by the page; of one study alone that is the same.
constexpr char kCountTrials[] = "SELECT count(*) FROM trial";
constexpr char kCountStudies[] = "SELECT count(*) FROM study";
constexpr char kCountRunning[] =
    "SELECT count(*) FROM trial WHERE study_id = ? AND state = 'running'";
// The IN term lets SQLite see that the partial index trial_unsuccessful has all rows.
constexpr char kCountInfeasible[] =
    "SELECT count(*) FROM trial WHERE study_id = ? AND state IN ('infeasible', 'failed') AND state "
    "= 'infeasible'";
constexpr char kCountFailed[] =
    "SELECT count(*) FROM trial WHERE study_id = ? AND state IN ('infeasible', 'failed') AND state "
    "= 'failed'";
constexpr char kSetState[] = "UPDATE study SET state = ?, updated_us = ? WHERE id = ?";
constexpr char kAddEvent[] =
    "INSERT INTO event (at_us, study_id, trial_id, kind, text) VALUES (?, ?, ?, ?, ?)";
constexpr char kEvents[] =
    "SELECT at_us, study_id, trial_id, kind, text FROM event WHERE study_id = ? ORDER BY id DESC "
    "LIMIT ?";

std::int64_t add_environment(Connection& connection, const Environment& environment) {
  const auto& [version, libraries, cpu, threads] = environment;
  {
    Rows rows = connection.select(kFindEnvironment, version, libraries, cpu, threads);
    if (rows.next()) return rows.integer(0);
  }
  return connection.insert(kAddEnvironment, version, libraries, cpu, threads);
}

std::int64_t first_integer(Connection& connection, std::string_view sql) {
  Rows rows = connection.select(sql);
  return rows.next() ? rows.integer(0) : 0;
}

void add_objectives(Connection& connection, std::int64_t study_id,
                    const std::vector<Objective>& objectives) {
  std::int64_t position = 0;
  for (const Objective& objective : objectives) {
    const auto [metric, device] = parse_metric_selector(objective.metric);
    connection.execute(kAddObjective, study_id, position, metric, device,
                       objective.maximize ? "maximize" : "minimize");
    ++position;
  }
}

void check_new_name(Connection& connection, const std::string& name) {
  check_study_name(name);
  if (connection.select(kStudyExists, name).next()) {
    throw Error(ErrorKind::kUsage, "database '" + connection.path_text() + "': a study named '" +
                                       printable(name) +
                                       "' exists already; resume it or choose another name");
  }
}

}  // namespace

void check_study_name(std::string_view name) {
  if (name.empty() || name.size() > 200) {
    throw Error(ErrorKind::kUsage, "study name: has " + std::to_string(name.size()) +
                                       " characters, must have 1 to 200");
  }
  const auto refuse = [](const char* why) {
    throw Error(ErrorKind::kUsage, std::string("study name: ") + why);
  };
  if (std::any_of(name.begin(), name.end(), [](unsigned char c) { return c < 32 || c == 127; })) {
    refuse("contains a line break or another control character");
  }
  if (name.find('*') != std::string_view::npos) refuse("contains '*', which stands for any text");
  if (name.starts_with("trial:")) refuse("begins like the address of a trial, 'trial:'");
  for (const std::string& part : split(name, '/')) {
    if (part == "." || part == "..") refuse("contains '.' or '..' as a folder");
  }
}

SqlStore::SqlStore(std::unique_ptr<Connection> connection, OpenMode mode)
    : connection_(std::move(connection)),
      catalogue_(std::make_unique<Catalogue>(*connection_)),
      mode_(mode == OpenMode::kCreate ? OpenMode::kReadWrite : mode) {}

void SqlStore::require_writable(std::string_view what) const {
  if (mode_ != OpenMode::kReadOnly) return;
  throw Error(ErrorKind::kUsage, "database '" + connection_->path_text() +
                                     "': is open for reading only, cannot " + std::string(what));
}

StudyRow SqlStore::create_study(const StudySpec& spec) {
  require_writable("create a study");
  connection_->write([&] {
    check_new_name(*connection_, spec.name);
    const std::int64_t space_id = catalogue_->space(spec.space, spec.space_version);
    const std::int64_t environment_id = add_environment(*connection_, spec.environment);
    // SQLite has signed integers: seeds above 2^63 - 1 are stored as the negative number of the
    // same bits.
    const std::int64_t id = connection_->insert(
        kAddStudy, spec.name, space_id, spec.searcher, spec.config,
        std::bit_cast<std::int64_t>(spec.seed), spec.budget_trials,
        study_state_code(StudyState::kCreated), environment_id, connection_->now_us());
    add_objectives(*connection_, id, spec.objectives);
  });
  return find_study(spec.name).value();
}

std::int64_t SqlStore::count_trials(std::int64_t study_id, std::string_view sql) const {
  Rows rows = connection_->select(sql, study_id);
  return rows.next() ? rows.integer(0) : 0;
}

StudyRow SqlStore::read_study(Rows& rows) const {
  StudyRow study;
  study.id = rows.integer(0);
  study.spec = {
      .name = rows.string(1),
      .space = rows.string(2),
      .space_version = rows.string(3),
      .searcher = rows.string(4),
      .config = rows.string(5),
      .seed = std::bit_cast<std::uint64_t>(rows.integer(6)),
      .budget_trials = rows.integer(7),
      .objectives = {},
      .environment = {rows.string(11), rows.string(12), rows.string(13), rows.integer(14)}};
  study.state = study_state_of(rows.text(8));
  study.created_us = rows.integer(9);
  study.updated_us = rows.integer(10);
  Rows objectives = connection_->select(kObjectives, study.id);
  while (objectives.next()) {
    study.spec.objectives.push_back({metric_selector_text(objectives.text(0), objectives.text(1)),
                                     objectives.text(2) == "maximize"});
  }
  study.trials_running = count_trials(study.id, kCountRunning);
  study.trials_infeasible = count_trials(study.id, kCountInfeasible);
  study.trials_failed = count_trials(study.id, kCountFailed);
  const bool alone = first_integer(*connection_, kCountStudies) == 1;
  const std::int64_t all =
      alone ? first_integer(*connection_, kCountTrials) : count_trials(study.id, kCountAll);
  study.trials_complete =
      all - study.trials_running - study.trials_infeasible - study.trials_failed;
  return study;
}

std::optional<StudyRow> SqlStore::find_study(std::string_view name) const {
  return connection_->read([&] {
    Rows rows = connection_->select(kStudyByName, name);
    return rows.next() ? std::optional(read_study(rows)) : std::nullopt;
  });
}

std::vector<StudyRow> SqlStore::studies() const {
  return connection_->read([&] {
    std::vector<StudyRow> studies;
    Rows rows = connection_->select(kStudiesNewestFirst);
    while (rows.next()) studies.push_back(read_study(rows));
    return studies;
  });
}

void SqlStore::set_study_state(std::int64_t study_id, StudyState state) {
  require_writable("change a study");
  connection_->write([&] {
    if (connection_->execute(kSetState, study_state_code(state), connection_->now_us(), study_id) ==
        0) {
      throw Error(ErrorKind::kUsage, "database '" + connection_->path_text() +
                                         "': there is no study with id " +
                                         std::to_string(study_id));
    }
  });
}

void SqlStore::log(OptionalInt study_id, OptionalInt trial_id, std::string_view kind,
                   std::string_view text) {
  connection_->execute(kAddEvent, connection_->now_us(), study_id, trial_id, kind, text);
}

void SqlStore::add_event(const EventRow& event) {
  require_writable("add an event");
  connection_->write([&] { log(event.study_id, event.trial_id, event.kind, event.text); });
}

std::vector<EventRow> SqlStore::events(std::int64_t study_id, std::int64_t limit) const {
  std::vector<EventRow> events;
  Rows rows = connection_->select(kEvents, study_id, limit);
  while (rows.next()) {
    events.push_back({.at_us = rows.integer(0),
                      .study_id = rows.optional_integer(1),
                      .trial_id = rows.optional_integer(2),
                      .kind = rows.string(3),
                      .text = rows.string(4)});
  }
  return events;
}

}  // namespace nas
