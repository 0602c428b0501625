#include "app/predictors/measurement_file.h"

#include "app/lookup/architecture_lookup.h"
#include "core/util/csv.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/text.h"
#include "db/importers/cell_numbers.h"

namespace nas {
namespace {

double plausible_value(double value, std::string_view text, const std::string& metric,
                       const std::string& where) {
  // What is outside is a slip, and its logarithm would outweigh all others.
  constexpr double kLeast = 1e-6, kMost = 1e9;
  if (value >= kLeast && value <= kMost) return value;
  const std::string hint = value == -1 ? " (-1 means \"no measurement\": leave the row out)" : "";
  throw Error(ErrorKind::kData, where + ": " + metric + " = " + printable(std::string(text)) +
                                    ", expected a positive number, 0.000001 to 1,000,000,000" +
                                    hint);
}

}  // namespace

Measurements read_measurements(Session& session, const PluginChoice& space,
                               const std::filesystem::path& file, const std::string& metric) {
  const CsvTable table = CsvTable::parse(read_file(file), file.string());
  const std::size_t architecture = table.column("architecture"), column = table.column(metric);
  const auto place = [&](std::size_t row) {
    return file.string() + ":" + std::to_string(table.line(row));
  };
  const auto values =
      measured_numbers(table, column, metric, [&](std::size_t row, const std::string& what) {
        throw Error(ErrorKind::kData, place(row) + ": " + metric + ": " + what);
      });
  Measurements measured;
  ArchitectureLookup lookup(session);
  for (std::size_t row = 0; row < table.rows(); ++row) {
    if (!values[row]) continue;
    const std::string where = place(row);
    try {
      measured.architectures.push_back(
          lookup.architecture(table.at(row, architecture), space).architecture);
    } catch (const Error& error) {
      throw error.with_context(where);
    }
    measured.values.push_back(
        plausible_value(*values[row], trim(table.at(row, column)), metric, where));
  }
  if (measured.values.empty()) {
    throw Error(ErrorKind::kData, file.string() + ": holds no measurement: every row's " + metric +
                                      " is empty; `nasctl device suggest` says what to measure");
  }
  return measured;
}

}  // namespace nas
