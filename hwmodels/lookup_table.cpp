#include "hwmodels/lookup_table.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>

#include "core/util/csv.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/regular_file.h"
#include "core/util/text.h"
#include "hwmodels/lookup_keys.h"
#include "hwmodels/running_nodes.h"

namespace nas {
namespace {

constexpr std::int64_t kAnyResolution = 0;

/// What an entry is for.
struct Entry {
  std::string device;
  std::int64_t resolution = kAnyResolution;
  std::string key;
  friend auto operator<=>(const Entry&, const Entry&) = default;
};

bool has_column(const CsvTable& table, std::string_view name) {
  return std::ranges::find(table.columns(), name) != table.columns().end();
}

/// The entries of a file, each once.
class Reader {
 public:
  Reader(const std::filesystem::path& file, std::string device)
      : file_(file.string()),
        device_(std::move(device)),
        table_(CsvTable::parse(read_file((require_regular_file(file), file)), file.string())) {}

  /// By name; complete after `read`.
  const std::map<std::string, Device>& devices() const { return devices_; }

  std::map<Entry, double> read() {
    const std::size_t key = table_.column("key");
    const std::size_t value =
        table_.column(has_column(table_, "mean_ms") ? "mean_ms" : "latency_ms");
    std::map<Entry, double> entries;
    for (std::size_t row = 0; row < table_.rows(); ++row) {
      Entry entry{device_, kAnyResolution, std::string(trim(table_.at(row, key)))};
      if (entry.key.empty()) fail(row, "the key is empty");
      if (has_column(table_, "device")) entry.device = table_.at(row, table_.column("device"));
      if (entry.device.empty()) fail(row, "the device is empty");
      if (has_column(table_, "resolution")) entry.resolution = resolution(row);
      if (!entries.emplace(entry, milliseconds(row, value)).second) {
        fail(row, "a second entry of key '" + printable(entry.key) + "'");
      }
      note_device(row, entry.device);
    }
    if (entries.empty()) throw Error(ErrorKind::kData, file_ + ": has no entries");
    return entries;
  }

 private:
  std::string text_of(std::size_t row, std::string_view column, std::string_view standard) const {
    return std::string(has_column(table_, column) ? trim(table_.at(row, table_.column(column)))
                                                  : standard);
  }

  /// Settings of a device are said in every row, or in none.
  void note_device(std::size_t row, const std::string& name) {
    const Device device{name, text_of(row, "kind", "table"), text_of(row, "settings", "batch=1")};
    const auto [known, added] = devices_.emplace(name, device);
    const Device& before = known->second;
    if (!added && (before.settings != device.settings || before.kind != device.kind)) {
      fail(row, "device '" + printable(name) + "' is (" + printable(before.kind) + ", " +
                    printable(before.settings) + ") in a row before and (" +
                    printable(device.kind) + ", " + printable(device.settings) + ") here");
    }
  }

  std::int64_t resolution(std::size_t row) const {
    const std::string_view text = table_.at(row, table_.column("resolution"));
    const auto number = parse_int(text);
    if (!number || *number < 1) {
      fail(row, "resolution = '" + printable(text) + "', expected a height in pixels");
    }
    return *number;
  }

  double milliseconds(std::size_t row, std::size_t column) const {
    const std::string_view text = table_.at(row, column);
    const auto number = parse_double(text);
    if (!number || !std::isfinite(*number) || *number < 0) {
      const bool unmeasured = number && *number < 0;
      fail(row, table_.columns()[column] + " = '" + printable(text) +
                    "', expected milliseconds >= 0" +
                    (unmeasured ? "; leave out what was not measured" : ""));
    }
    return *number;
  }

  [[noreturn]] void fail(std::size_t row, const std::string& why) const {
    throw Error(ErrorKind::kData,
                file_ + ", line " + std::to_string(table_.line(row)) + ": " + why);
  }

  std::string file_;
  std::string device_;
  CsvTable table_;
  std::map<std::string, Device> devices_;
};

class LookupTable final : public AdditiveModel {
 public:
  LookupTable(const std::filesystem::path& file, const std::string& device) : file_(file.string()) {
    info_.name = "lookup";
    Reader reader(file, device);
    entries_ = reader.read();
    for (const auto& [name, known] : reader.devices()) devices_.push_back(known);
    std::vector<std::string> keys;
    for (const auto& [entry, milliseconds] : entries_) {
      keys.push_back(entry.key);
      any_resolution_ = any_resolution_ || entry.resolution == kAnyResolution;
    }
    dialect_ = &recognise_dialect(keys);
  }

  const Info& info() const override { return info_; }
  std::span<const Device> devices() const override { return devices_; }

  LatencyEstimate estimate(const ArchGraph& graph, const Device& device) const override {
    double sum = 0;
    for (const CostPart& part : parts(graph, device)) sum += part.milliseconds;
    return {sum, sum, sum, 0};
  }

  std::vector<CostPart> parts(const ArchGraph& graph, const Device& device) const override {
    const NetworkParts network = parts_of(graph);
    const Place place = place_of(network, device);
    const RunningNodes running(graph);
    std::vector<CostPart> costs;
    for (const NetworkPart& part : network.parts) {
      if (!running.any(part.begin, part.end)) continue;
      const PartUse use = use_of(network, part, {}).value();
      if (std::optional<std::string> key = key_of(part, use)) {
        const double milliseconds = look_up(place, part, use, *key);
        costs.push_back({part.scope, *std::move(key), milliseconds});
      }
    }
    return costs;
  }

  AdditiveCost cost(const Blueprint& blueprint, const Device& device) const override {
    const NetworkParts network = parts_of(blueprint);
    const Place place = place_of(network, device);
    AdditiveCost cost;
    for (const NetworkPart& part : network.parts) {
      const DecisionSet set = decisions_of(network, part);
      std::vector<AttrValue> table;
      set.for_each([&](Choices choices) {
        double milliseconds = 0;
        if (const std::optional<PartUse> use = use_of(network, part, choices)) {
          const std::optional<std::string> key = key_of(part, *use);
          if (key) milliseconds = look_up(place, part, *use, *key);
        }
        table.emplace_back(milliseconds);
      });
      std::size_t row = 0;
      const ElasticValue term =
          ElasticValue::of(set.decisions(), set.sizes(), [&](Choices) { return table[row++]; });
      if (term.is_constant()) {
        cost.fixed += term.at({}).as_real();
      } else {
        cost.terms.push_back(term);
      }
    }
    cost.terms = merged(cost.terms);
    return cost;
  }

 private:
  /// Which entries of the table a network may use.
  struct Place {
    std::string device;
    std::int64_t resolution;
  };

  Place place_of(const NetworkParts& network, const Device& device) const {
    find_device(*this, device.name, file_);
    const Shape& input = network.inputs.front().shape;
    return {device.name, input.rank() < 2 ? kAnyResolution : input[1]};
  }

  std::optional<std::string> key_of(const NetworkPart& part, const PartUse& use) const {
    try {
      return dialect_->key(use);
    } catch (const Error& error) {
      throw error.with_context(file_ + ": '" + part.scope + "'");
    }
  }

  const double* find(const Place& place, const std::string& key) const {
    for (const std::int64_t resolution : {place.resolution, kAnyResolution}) {
      const auto found = entries_.find({place.device, resolution, key});
      if (found != entries_.end()) return &found->second;
    }
    return nullptr;
  }

  double look_up(const Place& place, const NetworkPart& part, const PartUse& use,
                 const std::string& key) const {
    const double* found = find(place, key);
    if (found == nullptr && dialect_->wildcards) found = find(place, wildcard_key(use));
    if (found != nullptr) return *found;
    const std::string where =
        any_resolution_ ? "" : " at resolution " + std::to_string(place.resolution);
    throw Error(ErrorKind::kData, file_ + ": has no entry '" + key + "'" + where + ", which '" +
                                      part.scope + "' needs" + known_resolutions(place));
  }

  /// "; it is of resolutions 160, 176" where the network's is none of them, else "".
  std::string known_resolutions(const Place& place) const {
    std::set<std::int64_t> known;
    for (const auto& [entry, milliseconds] : entries_) known.insert(entry.resolution);
    if (any_resolution_ || known.contains(place.resolution)) return "";
    std::vector<std::string> words;
    for (const std::int64_t resolution : known) words.push_back(std::to_string(resolution));
    return "; it is of resolution" + std::string(words.size() > 1 ? "s " : " ") + join(words, ", ");
  }

  /// The sum of the terms of equal decisions, which is what a search evaluates.
  static std::vector<ElasticValue> merged(const std::vector<ElasticValue>& terms) {
    std::vector<ElasticValue> sums;
    for (const ElasticValue& term : terms) {
      const auto same = std::ranges::find_if(sums, [&](const ElasticValue& sum) {
        return std::ranges::equal(sum.decisions(), term.decisions());
      });
      if (same == sums.end()) {
        sums.push_back(term);
        continue;
      }
      std::size_t row = 0;
      const ElasticValue before = *same;
      *same = ElasticValue::of({term.decisions().begin(), term.decisions().end()},
                               {term.sizes().begin(), term.sizes().end()}, [&](Choices) {
                                 const double sum =
                                     before.values()[row].as_real() + term.values()[row].as_real();
                                 ++row;
                                 return AttrValue(sum);
                               });
    }
    return sums;
  }

  std::string file_;
  std::map<Entry, double> entries_;
  std::vector<Device> devices_;
  const LookupDialect* dialect_ = nullptr;
  bool any_resolution_ = false;
  Info info_;
};

}  // namespace

std::unique_ptr<AdditiveModel> read_lookup_table(const std::filesystem::path& file,
                                                 const std::string& device) {
  return std::make_unique<LookupTable>(file, device);
}

const Device& find_device(const HardwareModel& model, const std::string& name,
                          const std::string& source) {
  std::vector<std::string> names;
  for (const Device& device : model.devices()) {
    if (device.name == name) return device;
    names.push_back(device.name);
  }
  throw Error(ErrorKind::kUsage, source + ": " + unknown_name("device", printable(name), names));
}

}  // namespace nas
