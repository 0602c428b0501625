#include "benchmarks/copied_trials.h"

#include <map>

#include "core/util/text.h"

namespace nas::benchmark {

namespace {

/// Of pg_indexes: those that no rule needs, which can be made after the rows.
constexpr char kLoose[] =
    " FROM pg_indexes WHERE schemaname = 'searchlight' AND NOT EXISTS (SELECT 1 FROM pg_constraint "
    "WHERE conindid = CAST('searchlight.' || indexname AS regclass)) AND tablename = ";

class Copier {
 public:
  Copier(const test::PostgresServer& server, const std::string& database, std::int64_t trials)
      : server_(server), database_(database) {
    const auto last = [this](const std::string& table) {
      return run("SELECT max(id) FROM " + table);
    };
    const std::string architectures = last("architecture"), ids = last("trial");
    const std::string numbers = std::to_string(trials);
    shifts_ = {{"architecture.id", architectures},
               {"architecture_id", architectures},
               {"trial.id", ids},
               {"trial_id", ids},
               {"number", numbers},
               {"trial_number", numbers},
               {"metric.id", last("metric")}};
  }

  void copy(const std::string& table, int copies) const {
    const std::string name = "'" + table + "'";
    const std::string indexes = run("SELECT string_agg(indexdef, ';')" + (kLoose + name));
    const std::string drops =
        run("SELECT string_agg('DROP INDEX ' || indexname, ';')" + (kLoose + name));
    const std::string columns =
        run("SELECT string_agg(column_name, ',' ORDER BY ordinal_position) FROM "
            "information_schema.columns WHERE table_schema = 'searchlight' AND table_name = " +
            name);
    std::string values;
    for (const std::string& column : split(columns, ',')) {
      values += (values.empty() ? "" : ", ") + value_of(table, column);
    }
    if (!drops.empty()) run(drops);
    // "replica": no trigger runs and no reference is checked; what is referred to is copied, too.
    run("SET session_replication_role = replica; INSERT INTO " + table + " (" + columns +
        ") SELECT " + values + " FROM " + table + ", generate_series(1, " + std::to_string(copies) +
        ") AS copy");
    if (!indexes.empty()) run("SET maintenance_work_mem = '1GB'; " + indexes);
    if (shifts_.contains(table + ".id")) {
      run("SELECT setval(pg_get_serial_sequence(" + name + ", 'id'), (SELECT max(id) FROM " +
          table + "))");
    }
    server_.run_sql("VACUUM ANALYZE searchlight." + table, database_);
  }

 private:
  std::string run(const std::string& sql) const {
    return server_.run_sql("SET search_path TO searchlight; " + sql, database_);
  }

  std::string value_of(const std::string& table, const std::string& column) const {
    if (table == "architecture" && column == "digest")
      return "md5(digest || copy * " + shifts_.at("number") + ")";
    if (table == "architecture" && column == "text")
      return "text || '+' || copy * " + shifts_.at("number");
    auto shift = shifts_.find(table + "." + column);
    if (shift == shifts_.end()) shift = shifts_.find(column);
    return shift == shifts_.end() ? column : column + " + copy * " + shift->second;
  }

  const test::PostgresServer& server_;
  std::string database_;
  std::map<std::string, std::string> shifts_;  ///< of "column" or "table.column", from copy to copy
};

}  // namespace

void make_tenfold(const test::PostgresServer& server, const std::string& database,
                  std::int64_t trials) {
  const Copier copier(server, database, trials);
  for (const char* table : {"architecture", "trial", "metric", "merit", "proposal", "queue"}) {
    copier.copy(table, 9);
  }
}

}  // namespace nas::benchmark
