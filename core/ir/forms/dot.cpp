#include <map>

#include "core/ir/forms/text_form.h"
#include "core/ir/forms/text_tokens.h"
#include "core/util/text.h"

namespace nas {
namespace {

std::string dot_quote(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    if (c == '\n') {
      quoted += "\\n";
    } else if (static_cast<unsigned char>(c) >= 0x20) {
      quoted += c;
    }
  }
  return quoted + '"';
}

std::string node_label(const ArchGraph& graph, NodeId id) {
  const OpSchema& op = graph.op(id);
  std::string label(op.name);
  for (std::size_t i = 0; i < op.attrs.size(); ++i) {
    const AttrValue value = graph.attrs(id)[i];
    if (!op.attrs[i].required && value == op.attrs[i].default_value) continue;
    label += '\n' + std::string(op.attrs[i].name) + '=' + attr_text(op.attrs[i].type, value);
  }
  for (const TensorType& type : graph.output_types(id)) label += '\n' + to_string(type.shape);
  return label;
}

/// The scopes as a tree: each opens a cluster inside the cluster of its parent.
struct ScopeTree {
  struct Entry {
    std::string name;
    std::map<std::string, std::size_t, std::less<>> index;  ///< children by name
    std::vector<std::size_t> children;                      ///< in order of appearance
    std::vector<NodeId> nodes;
  };
  std::vector<Entry> entries{1};

  explicit ScopeTree(const ArchGraph& graph) {
    for (NodeId id = 0; id < graph.size(); ++id) {
      std::size_t at = 0;
      const std::string_view scope = graph.scope(id);
      for (std::size_t begin = 0; begin < scope.size();) {
        const std::size_t end = std::min(scope.find('/', begin), scope.size());
        at = child(at, scope.substr(begin, end - begin));
        begin = end + 1;
      }
      entries[at].nodes.push_back(id);
    }
  }

 private:
  std::size_t child(std::size_t parent, std::string_view name) {
    const auto known = entries[parent].index.find(name);
    if (known != entries[parent].index.end()) return known->second;
    const std::size_t created = entries.size();
    entries.push_back({});
    entries.back().name = name;
    entries[parent].index.emplace(name, created);
    entries[parent].children.push_back(created);
    return created;
  }
};

void append_clusters(const ArchGraph& graph, std::string& dot) {
  const ScopeTree tree(graph);
  struct Open {
    std::size_t entry;
    std::size_t next_child = 0;
  };
  std::vector<Open> stack;
  const auto open = [&](std::size_t entry) {
    if (entry != 0) {
      dot +=
          "  subgraph cluster_" + std::to_string(entry) +
          " { style=\"rounded\"; color=\"#9aa5b1\"; label=" + dot_quote(tree.entries[entry].name) +
          ";\n";
    }
    for (const NodeId id : tree.entries[entry].nodes) {
      dot += "  n" + std::to_string(id) + " [label=" + dot_quote(node_label(graph, id)) +
             ", tooltip=" + dot_quote(graph.path(id)) + "];\n";
    }
    stack.push_back({entry});
  };
  open(0);
  while (!stack.empty()) {
    Open& top = stack.back();
    const ScopeTree::Entry& entry = tree.entries[top.entry];
    if (top.next_child < entry.children.size()) {
      open(entry.children[top.next_child++]);
      continue;
    }
    if (top.entry != 0) dot += "  }\n";
    stack.pop_back();
  }
}

}  // namespace

std::string to_dot(const ArchGraph& graph) {
  std::string dot =
      "digraph architecture {\n"
      "  node [shape=box, style=rounded, fontname=\"Helvetica\", fontsize=11];\n"
      "  edge [arrowsize=0.7];\n";
  append_clusters(graph, dot);
  for (NodeId id = 0; id < graph.size(); ++id) {
    for (const PortRef& input : graph.inputs(id)) {
      dot += "  n" + std::to_string(input.node) + " -> n" + std::to_string(id) + ";\n";
    }
  }
  std::size_t count = 0;
  for (const GraphOutput& output : graph.graph_outputs()) {
    const std::string name = "out" + std::to_string(count++);
    dot += "  " + name + " [shape=plaintext, label=" + dot_quote(output.name) + "];\n";
    dot += "  n" + std::to_string(output.value.node) + " -> " + name + ";\n";
  }
  return dot + "}\n";
}

}  // namespace nas
