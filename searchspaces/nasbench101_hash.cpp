#include "searchspaces/nasbench101_hash.h"

#include <algorithm>
#include <span>
#include <string_view>
#include <vector>

#include "core/util/error.h"
#include "core/util/hash.h"

namespace nas {

namespace {

/// input -1, output -2, operations by their number.
int label(const NasBench101Cell& cell, int vertex) {
  if (vertex == 0) return -1;
  if (vertex + 1 == cell.vertices) return -2;
  return cell.ops[static_cast<std::size_t>(vertex)];
}

/// The vertices that `vertex` reads (`into`), or that read it.
std::vector<std::size_t> neighbours_of(const NasBench101Cell& cell, int vertex, bool into) {
  std::vector<std::size_t> found;
  const int begin = into ? 0 : vertex + 1;
  const int end = into ? vertex : cell.vertices;
  for (int other = begin; other < end; ++other) {
    if (into ? cell.has_edge(other, vertex) : cell.has_edge(vertex, other)) {
      found.push_back(static_cast<std::size_t>(other));
    }
  }
  return found;
}

void append_sorted(std::string& text, std::span<const std::string> hashes,
                   std::span<const std::size_t> vertices) {
  std::vector<std::string_view> chosen;
  for (const std::size_t vertex : vertices) chosen.push_back(hashes[vertex]);
  std::sort(chosen.begin(), chosen.end());
  for (const std::string_view hash : chosen) text += hash;
}

}  // namespace

std::string nasbench101_hash(const NasBench101Cell& whole) {
  const std::optional<NasBench101Cell> cell = pruned(whole);
  if (!cell) throw Error(ErrorKind::kUsage, "nasbench101: no path from input to output");
  const auto size = static_cast<std::size_t>(cell->vertices);
  std::vector<std::vector<std::size_t>> sources, targets;
  std::vector<std::string> hashes;
  for (int v = 0; v < cell->vertices; ++v) {
    sources.push_back(neighbours_of(*cell, v, true));
    targets.push_back(neighbours_of(*cell, v, false));
    // Written as Python prints a tuple of (out-degree, in-degree, label).
    hashes.push_back(md5_hex("(" + std::to_string(targets.back().size()) + ", " +
                             std::to_string(sources.back().size()) + ", " +
                             std::to_string(label(*cell, v)) + ")"));
  }
  std::string text;
  for (std::size_t round = 0; round < size; ++round) {
    std::vector<std::string> next(size);
    for (std::size_t v = 0; v < size; ++v) {
      text.clear();
      append_sorted(text, hashes, sources[v]);
      text += '|';
      append_sorted(text, hashes, targets[v]);
      text += '|';
      text += hashes[v];
      next[v] = md5_hex(text);
    }
    hashes = std::move(next);
  }
  std::sort(hashes.begin(), hashes.end());
  // Written as Python prints a list of strings.
  text = "[";
  for (const std::string& hash : hashes) {
    text += text.size() > 1 ? ", '" : "'";
    text += hash + "'";
  }
  return md5_hex(text + "]");
}

}  // namespace nas
