#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "core/api/recipe_presets.h"
#include "core/ir/arch_builder.h"
#include "core/ir/same/digest.h"
#include "core/ops/registry.h"
#include "core/problems/images.h"
#include "core/util/file.h"
#include "core/util/text.h"
#include "searchspaces/registry.h"

// What stored results are found by: digests of networks, texts of networks and of fidelities. The
// golden file has one line each, "kind <tab> name <tab> value". A line may be added; a line that
// changes orphans every result that was stored before, so it takes a migration (db/README.md).

namespace nas {
namespace {

namespace fs = std::filesystem;

const fs::path kGolden = fs::path(NAS_IDENTITY_GOLDEN);
constexpr int kLeastDigests = 2;  // for each space

std::string line_of(std::string_view kind, std::string_view name, std::string_view value) {
  return std::string(kind) + "\t" + std::string(name) + "\t" + std::string(value);
}

std::set<std::string> golden_lines() {
  std::set<std::string> lines;
  for (const std::string& line : split(read_file(kGolden), '\n')) {
    if (!line.empty() && line[0] != '#') lines.insert(line);
  }
  return lines;
}

/// A gate on wires in order.
Digest digest_of_gate(const OpSchema& op) {
  ArchBuilder builder;
  std::vector<Value> wires;
  for (int i = 0; i < op.min_inputs; ++i) wires.push_back(builder.input({Element::kQubit, {}}));
  const Value made = builder.add(op.name, wires);
  for (std::uint32_t port = 0; port < wires.size(); ++port) {
    builder.output("q" + std::to_string(port), {made.node, port});
  }
  return digest(builder.finish());
}

/// One use of an operation, on the first of some inputs that it takes. Attributes are at their
/// defaults, where that is not nothing at all.
Digest digest_of_use(const OpSchema& op) {
  if (op.role == OpRole::kGate) return digest_of_gate(op);
  std::vector<NamedAttr> attrs;
  for (const AttrSpec& attr : op.attrs) {
    const bool neutral = std::ranges::find(op.neutral.attrs, attr.name) != op.neutral.attrs.end();
    if (attr.required) {
      attrs.push_back({attr.name, attr.name == "kernel" ? 3 : 4});
    } else if (neutral) {
      attrs.push_back({attr.name, op.neutral.value + 1});
    }
  }
  for (const Shape& shape : {Shape{8, 8, 8}, Shape{8, 8}, Shape{8}}) {
    ArchBuilder builder;
    const Value x = builder.input({Element::kFloat, shape});
    const int count = op.max_inputs == 1 ? 1 : std::max(op.min_inputs, 2);
    const std::vector<Value> inputs(static_cast<std::size_t>(count), x);
    try {
      builder.output("y", builder.add(op.name, inputs, attrs));
    } catch (const Error&) {
      continue;
    }
    return digest(builder.finish());
  }
  FAIL("no input for " << op.name << "; add one to this list");
  return {};
}

void add_operations(std::vector<std::string>& lines) {
  for (const OpSchema* op : all_ops()) {
    if (op->is_macro()) continue;  // never part of a graph
    if (op != &input_op) {
      lines.push_back(
          line_of("digest", "one " + std::string(op->name), to_hex(digest_of_use(*op))));
    }
    for (const AttrSpec& attr : op->attrs) {
      lines.push_back(line_of("default", std::string(op->name) + "." + std::string(attr.name),
                              attr.required ? "none" : to_string(attr, attr.default_value)));
    }
  }
}

std::string digest_line(const SearchSpace& space, const std::string& text) {
  const Digest value = digest(space.build(space.parse(text), space.info().default_task));
  return line_of("digest", space.info().name + " " + text, to_hex(value));
}

/// Of the architectures that the golden file names, and of drawn ones where it names too few.
void add_digests(const SearchSpace& space, const std::set<std::string>& golden,
                 std::vector<std::string>& lines) {
  int count = 0;
  const std::string start = "digest\t" + space.info().name + " ";
  for (auto line = golden.lower_bound(start); line != golden.end() && line->starts_with(start);
       ++line) {
    const std::size_t end = line->find('\t', start.size());
    lines.push_back(digest_line(space, line->substr(start.size(), end - start.size())));
    ++count;
  }
  Rng rng({.seed = 1, .purpose = Purpose::kSample});
  for (; count < kLeastDigests; ++count) {
    lines.push_back(digest_line(space, space.format(sample(space, rng))));
  }
}

}  // namespace

TEST_CASE("identity: digests, networks and fidelities are those of all released versions") {
  const std::set<std::string> golden = golden_lines();
  std::vector<std::string> lines;
  add_operations(lines);
  for (const Plugin<SearchSpace>* plugin : space_plugins()) {
    const auto space = plugin->make({});
    lines.push_back(
        line_of("network", plugin->name, network_text(*space, space->info().default_task)));
    add_digests(*space, golden, lines);
  }
  for (const RecipePreset& preset : recipe_presets()) {
    lines.push_back(
        line_of("fidelity", preset.name, fidelity_text(images_problem, "data", preset.make())));
  }
  CHECK(lines.size() > 90);
  std::set<std::string> left = golden;
  for (const std::string& line : lines) {
    if (left.erase(line) == 0) {
      FAIL_CHECK("not in " << kGolden.string() << "; add it only if its thing is new:\n" << line);
    }
  }
  for (const std::string& line : left) {
    FAIL_CHECK("a stored result of this name would not be found any more: " << line);
  }
}

}  // namespace nas
