#include "app/measuring/device_import.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "app/devices/device_record.h"
#include "app/lookup/architecture_lookup.h"
#include "app/session/candidate.h"
#include "core/api/device_store.h"
#include "core/util/counted.h"
#include "core/util/csv.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/regular_file.h"
#include "core/util/text.h"
#include "db/importers/cell_numbers.h"

namespace nas {
namespace {

CsvTable read_table(const std::filesystem::path& file) {
  require_regular_file(file);
  return CsvTable::parse(read_file(file), file.string());
}

struct Row {
  Candidate candidate;
  double value = 0;
};

class Reader {
 public:
  Reader(Session& session, const DeviceImport& request)
      : request_(request), lookup_(session), space_(session.space(request.space)) {}

  std::vector<Row> read(DeviceImportReport& report) {
    const CsvTable table = read_table(request_.file);
    const std::size_t architecture = table.column(request_.architecture);
    const std::size_t column = table.column(request_.column);
    const auto place = [&](std::size_t row) {
      return request_.file.string() + ", line " + std::to_string(table.line(row)) + ": ";
    };
    const auto values = measured_numbers(
        table, column, request_.metric, [&](std::size_t row, const std::string& what) {
          throw Error(ErrorKind::kData, place(row) + request_.column + ": " + what);
        });
    std::vector<Row> rows;
    std::map<std::string, std::size_t> lines;  // by text
    for (std::size_t row = 0; row < table.rows(); ++row) {
      const std::string where = place(row);
      const std::string_view text = trim(table.at(row, column));
      if (!values[row]) ++report.empty;
      if (!values[row]) continue;
      // The mark as it is written, whatever unit the column has.
      if (request_.invalid && parse_double(text) == request_.invalid) {
        ++report.invalid;
        continue;
      }
      rows.push_back(
          {named(table.at(row, architecture), where), checked(text, *values[row], where)});
      const auto [first, added] = lines.emplace(rows.back().candidate.text, table.line(row));
      if (!added) {
        throw Error(ErrorKind::kData, where + "'" + printable(rows.back().candidate.text) +
                                          "' has a value in line " + std::to_string(first->second) +
                                          " already");
      }
    }
    return rows;
  }

 private:
  Candidate named(std::string_view text, const std::string& where) {
    try {
      return identify(space_, lookup_.architecture(text, request_.space).architecture);
    } catch (const Error& error) {
      throw Error(ErrorKind::kData, where + error.what());
    }
  }

  double checked(std::string_view text, double value, const std::string& where) const {
    if (std::isfinite(value) && value > 0) return value;
    const std::string hint =
        value < 0
            ? "; if the file marks so what was not measured, say --invalid " + std::string(text)
            : "";
    throw Error(ErrorKind::kData, where + request_.column + " = '" + printable(std::string(text)) +
                                      "', expected a positive number" + hint);
  }

  const DeviceImport& request_;
  ArchitectureLookup lookup_;
  const SearchSpace& space_;
};

/// The newest measurement of each architecture.
std::map<std::string, double> known_values(const Store& store, const DeviceImport& request,
                                           const std::string& network) {
  std::map<std::string, double> known;
  for (const DeviceValue& value : device_store(store).device_values(request.device)) {
    const bool same = is_plain_measurement(value) && value.metric == request.metric &&
                      value.network == network && value.space == request.space.name;
    if (same) known[value.architecture] = value.value;
  }
  return known;
}

/// A network that has another value on the device: one of the two is of another network, or of
/// another day, and the newest would count without a word.
void check_agreement(const DeviceImport& request, const std::vector<Row>& rows,
                     const std::map<std::string, double>& known) {
  const auto differs = [&](const Row& row) {
    const auto before = known.find(row.candidate.text);
    return before != known.end() && before->second != row.value;
  };
  const auto first = std::ranges::find_if(rows, differs);
  if (first == rows.end()) return;
  const auto others = std::ranges::count_if(rows, differs);
  throw Error(ErrorKind::kUsage, request.file.string() + ": " + counted(others, "network") +
                                     (others == 1 ? " has another " : " have another ") +
                                     request.metric + "@" + request.device.name +
                                     " already: " + first->candidate.text + " has " +
                                     format_double(known.at(first->candidate.text)) + ", here " +
                                     format_double(first->value) +
                                     "; --force stores the new values, which count then");
}

}  // namespace

bool is_lookup_table(const std::filesystem::path& file) {
  const CsvTable table = read_table(file);
  return std::ranges::find(table.columns(), "key") != table.columns().end();
}

DeviceImportReport import_device_values(Session& session, const DeviceImport& request) {
  DeviceImportReport report;
  const std::vector<Row> rows = Reader(session, request).read(report);
  if (rows.empty()) {
    throw Error(ErrorKind::kData,
                request.file.string() + ": holds no value of " + request.column +
                    (report.invalid > 0
                         ? ": all " + std::to_string(report.invalid) + " are marked as not measured"
                         : ""));
  }
  report.all_equal = rows.size() > 1 && std::ranges::all_of(rows, [&](const Row& row) {
                       return row.value == rows.front().value;
                     });
  const SearchSpace& space = session.space(request.space);
  const std::string network = network_text(space, request.task);
  Store& store = session.writer();
  const std::map<std::string, double> known = known_values(store, request, network);
  if (!request.force) check_agreement(request, rows, known);
  const auto all = static_cast<std::int64_t>(rows.size());
  session.progress().begin("storing values", all);
  std::int64_t done = 0;
  for (const Row& row : rows) {
    const Candidate& candidate = row.candidate;
    session.progress().update(++done, "");
    const auto before = known.find(candidate.text);
    if (before != known.end() && before->second == row.value) {
      ++report.known;
      continue;
    }
    const MetricValue value{request.metric, row.value, MetricSource::kMeasured, "",
                            request.device, network};
    store.add_metrics({request.space.name, space.info().version, candidate.text, candidate.digest,
                       candidate.published_params, candidate.published_macs},
                      {&value, 1});
    ++report.stored;
  }
  session.progress().end();
  return report;
}

}  // namespace nas
