#include "app/predictors/measurement_file.h"

#include <cmath>

#include "app/lookup/architecture_lookup.h"
#include "core/util/csv.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/text.h"

namespace nas {
namespace {

double positive_value(std::string_view text, const std::string& metric, const std::string& where) {
  const std::optional<double> value = parse_double(text);
  if (value && std::isfinite(*value) && *value > 0) return *value;
  const std::string hint =
      value && *value == -1 ? " (-1 means \"no measurement\": leave the row out)" : "";
  throw Error(ErrorKind::kData, where + ": " + metric + " = " + printable(std::string(text)) +
                                    ", expected a positive number" + hint);
}

}  // namespace

Measurements read_measurements(Session& session, const SearchSpace& space,
                               const std::filesystem::path& file, const std::string& metric) {
  const CsvTable table = CsvTable::parse(read_file(file), file.string());
  const std::size_t architecture = table.column("architecture"), column = table.column(metric);
  Measurements measured;
  ArchitectureLookup lookup(session);
  const PluginChoice choice{space.info().name, {}};
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const std::string_view value = trim(table.at(row, column));
    if (value.empty()) continue;
    const std::string where = file.string() + ":" + std::to_string(table.line(row));
    try {
      measured.architectures.push_back(
          lookup.architecture(table.at(row, architecture), choice).architecture);
    } catch (const Error& error) {
      throw error.with_context(where);
    }
    measured.values.push_back(positive_value(value, metric, where));
  }
  if (measured.values.empty()) {
    throw Error(ErrorKind::kData, file.string() + ": holds no measurement: every row's " + metric +
                                      " is empty; `nasctl device suggest` says what to measure");
  }
  return measured;
}

}  // namespace nas
