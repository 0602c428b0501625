#include "app/measuring/lookup_making.h"

#include <algorithm>
#include <fstream>

#include "core/runtime/latency.h"
#include "core/util/counted.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/file_name.h"
#include "core/util/interruption.h"
#include "core/util/statistics.h"
#include "core/util/stopwatch.h"
#include "core/util/text.h"

namespace nas {
namespace {

/// What was measured of each part: one number for each network that runs it.
using Observations = std::map<std::string, std::vector<double>>;

/// Milliseconds of the parts of one network. Where a part is used several times, their mean.
std::map<std::string, double> measure_parts(const ArchGraph& graph, const Device& device) {
  const LayerLatencies latencies = measure_layers(graph, device);
  std::vector<double> by_node(graph.size(), -1);
  double sum = 0;
  for (const LayerLatency& layer : latencies.layers) {
    by_node[layer.node] = layer.milliseconds;
    sum += layer.milliseconds;
  }
  // Handing tensors from node to node takes time as well.
  const auto nodes = static_cast<double>(std::max<std::size_t>(1, latencies.layers.size()));
  const double between = std::max(0.0, latencies.whole.milliseconds - sum) / nodes;
  std::map<std::string, std::vector<double>> parts;
  for (const KeyedPart& part : keyed_parts(graph)) {
    double milliseconds = 0;
    bool ran = false;
    for (NodeId node = part.begin; node < part.end; ++node) {
      if (by_node[node] < 0) continue;
      ran = true;
      milliseconds += by_node[node] + between;
    }
    if (ran) parts[part.key].push_back(milliseconds);
  }
  std::map<std::string, double> means;
  for (const auto& [key, values] : parts) means[key] = mean(values);
  return means;
}

/// The file beside the table that holds what was measured so far: a line that says of what, then
/// for each network its parts, "TIME KEY", and a line "end".
class Notebook {
 public:
  Notebook(const LookupRequest& request, const std::string& of)
      : path_(request.output.string() + ".part"), heading_("searchlight lookup table of " + of) {}

  /// Networks that were measured before; a torn one at the end does not count.
  std::size_t read(Observations& observations) {
    std::error_code missing;
    if (!std::filesystem::exists(path_, missing)) return 0;
    const std::vector<std::string> lines = split(read_file(path_), '\n');
    if (lines.size() < 2) return 0;  // killed within the heading
    if (lines.front() != heading_) {
      throw Error(ErrorKind::kUsage,
                  "'" + printable(path_.string()) + "' was begun for another table (" +
                      printable(lines.front()) + "); remove it, or choose another --output");
    }
    std::size_t networks = 0, whole = 0;
    std::vector<std::pair<std::string, double>> open;
    for (std::size_t i = 1; i < lines.size(); ++i) {
      if (lines[i] == "end") {
        for (const auto& [key, milliseconds] : open) observations[key].push_back(milliseconds);
        open.clear();
        ++networks;
        whole = i + 1;
        continue;
      }
      const std::size_t blank = lines[i].find(' ');
      const auto milliseconds = parse_double(std::string_view(lines[i]).substr(0, blank));
      if (blank == std::string::npos || !milliseconds) break;
      open.emplace_back(lines[i].substr(blank + 1), *milliseconds);
    }
    const std::vector<std::string> kept(lines.begin(),
                                        lines.begin() + static_cast<std::ptrdiff_t>(whole));
    if (networks > 0) write_file_atomically(path_, join(kept, "\n") + "\n");
    return networks;
  }

  void add(const std::map<std::string, double>& parts, bool first) {
    std::string text = first ? heading_ + "\n" : "";
    for (const auto& [key, milliseconds] : parts) {
      text += format_double(milliseconds) + " " + key + "\n";
    }
    std::ofstream file(path_, first ? std::ios::trunc : std::ios::app);
    file << text << "end\n" << std::flush;
    if (!file) {
      throw Error(ErrorKind::kIo, "'" + printable(path_.string()) + "' cannot be written");
    }
  }

  void remove() const {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }

 private:
  std::filesystem::path path_;
  std::string heading_;
};

std::string table_text(const LookupPlan& plan, const Observations& observations,
                       const Device& device, LookupReport& report) {
  std::string text =
      "device,kind,settings,key,latency_ms,quartile_low_ms,quartile_high_ms,networks\n";
  const std::string start =
      device.name + "," + device.kind + "," + escape_csv(device.settings) + ",";
  std::vector<double> spreads;
  for (const auto& [key, uses] : plan.uses) {
    const auto found = observations.find(key);
    text += start + escape_csv(key);
    ++report.entries;
    if (found == observations.end()) {
      ++report.never_run;
      text += ",0,0,0,0\n";
      continue;
    }
    const std::vector<double>& values = found->second;
    const double middle = median(values);
    const double low = quantile(values, 0.25), high = quantile(values, 0.75);
    for (const double number : {middle, low, high}) text += "," + format_double(number);
    text += "," + std::to_string(values.size()) + "\n";
    if (middle > 0) spreads.push_back((high - low) / middle);
  }
  report.spread = spreads.empty() ? 0 : median(spreads);
  return text;
}

std::string description(const SearchSpace& space, const LookupRequest& request) {
  const LookupWish& wish = request.wish;
  return space.info().name + " " + space.info().version + "; " + network_text(space, wish.task) +
         "; resolution=" + (wish.resolution ? std::to_string(*wish.resolution) : "all") +
         "; repeats=" + std::to_string(wish.repeats) + "; seed=" + std::to_string(wish.seed) +
         "; " + request.device.name + ":" + request.device.settings;
}

}  // namespace

LookupReport make_lookup_table(Session& session, const LookupRequest& request) {
  refuse_existing(request.output, request.force);
  check_can_write(request.output);
  const SearchSpace& space = session.space(request.space);
  const LookupPlan plan = plan_lookup(space, request.wish);
  Notebook notebook(request, description(space, request));
  Observations observations;
  LookupReport report;
  report.resumed = notebook.read(observations);
  report.networks = report.resumed;
  const auto all = static_cast<std::int64_t>(plan.networks.size());
  session.progress().begin("measuring " + std::to_string(plan.uses.size()) + " parts in networks",
                           all);
  const InterruptionScope interruption(session.stop());
  try {
    for (std::size_t i = report.resumed; i < plan.networks.size(); ++i) {
      check_interruption();
      const Stopwatch watch;
      const auto parts =
          measure_parts(space.build(plan.networks[i], request.wish.task), request.device);
      for (const auto& [key, milliseconds] : parts) observations[key].push_back(milliseconds);
      notebook.add(parts, i == 0);
      ++report.networks;
      session.progress().update(static_cast<std::int64_t>(report.networks), "");
      if (i != report.resumed) continue;
      const double one = watch.seconds();
      const double rest = static_cast<double>(plan.networks.size() - i - 1);
      session.progress().message(counted(std::ssize(plan.uses), "part") + " in " +
                                 counted(std::ssize(plan.networks), "network") + "; about " +
                                 format_seconds(rest * one) + " to go");
    }
  } catch (const Interrupted&) {
    report.stopped = true;
  }
  session.progress().end();
  if (report.stopped) return report;
  write_file_atomically(request.output, table_text(plan, observations, request.device, report));
  notebook.remove();
  return report;
}

}  // namespace nas
