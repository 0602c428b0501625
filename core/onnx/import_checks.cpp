#include "core/onnx/import_checks.h"

#include <algorithm>
#include <map>
#include <queue>
#include <unordered_set>

#include "core/onnx/constant.h"
#include "core/onnx/export_graph.h"
#include "core/onnx/mapping.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

[[noreturn]] void wrong(const std::string& what) {
  throw Error(ErrorKind::kData, what);
}
[[noreturn]] void unsupported(const std::string& what) {
  throw Error(ErrorKind::kUnsupported, what);
}

/// What is said of an opset that is not read; "" of one that is.
std::string opset_problem(const OnnxModel& model) {
  const std::int64_t opset = model.opset();
  if (opset >= kFirstOnnxOpset && opset <= kLastOnnxOpset) return "";
  return "opset " + std::to_string(opset) + "; opsets " + std::to_string(kFirstOnnxOpset) + " to " +
         std::to_string(kLastOnnxOpset) + " are read: export the model with one of them";
}

/// Names all operators without a reading, those in branches and loops too; "" where there are none.
std::string operators_problem(const OnnxModel& model) {
  constexpr std::size_t kShown = 40;
  std::map<std::string, std::size_t> unknown;
  const auto note = [&](const std::string& domain, const std::string& op_type) {
    const bool standard = is_standard_domain(domain);
    if (standard &&
        (op_type == "Constant" || find_reading(op_type) != nullptr || is_folded(op_type))) {
      return;
    }
    ++unknown[(standard ? "" : printable(domain) + ".") + printable(op_type)];
  };
  for (const OnnxNode& node : model.nodes) note(node.domain, node.op_type);
  for (const auto& [domain, op_type] : model.inner_operators) note(domain, op_type);
  if (unknown.empty()) return "";
  std::vector<std::string> texts;
  for (const auto& [name, count] : unknown) {
    if (texts.size() == kShown) break;
    texts.push_back(count == 1 ? name : name + " (" + std::to_string(count) + " times)");
  }
  if (unknown.size() > texts.size()) {
    texts.push_back(std::to_string(unknown.size() - texts.size()) + " more");
  }
  return (unknown.size() == 1 ? "an operator is" : "operators are") +
         std::string(" not supported: ") + join(texts, ", ");
}

void check_names(const OnnxModel& model) {
  std::unordered_set<std::string_view> given;
  for (const OnnxTensor& tensor : model.initializers) {
    if (!given.insert(tensor.name).second) {
      wrong("two initializers are called '" + printable(tensor.name) + "'");
    }
  }
  std::unordered_set<std::string_view> inputs;
  for (const OnnxValueInfo& info : model.inputs) {
    if (!inputs.insert(info.name).second) {
      wrong("two inputs are called '" + printable(info.name) + "'");
    }
    given.insert(info.name);
  }
  for (const OnnxNode& node : model.nodes) {
    for (const std::string& output : node.outputs) {
      if (output.empty() || given.insert(output).second) continue;
      wrong("value '" + printable(output) + "' is given twice, the second time by node '" +
            printable(node.name) + "' (" + printable(node.op_type) + ")");
    }
  }
  for (const OnnxNode& node : model.nodes) {
    for (const std::string& input : node.inputs) {
      if (input.empty() || given.contains(input)) continue;
      wrong("node '" + printable(node.name) + "' (" + printable(node.op_type) + ") reads '" +
            printable(input) + "', which nothing gives");
    }
  }
}

std::string shape_text(const OnnxValueInfo& info) {
  std::vector<std::string> dims;
  for (const OnnxDim& dim : info.dims) {
    dims.push_back(dim.value >= 0     ? std::to_string(dim.value)
                   : dim.name.empty() ? "?"
                                      : printable(dim.name));
  }
  return "[" + join(dims, ", ") + "]";
}

}  // namespace

void check_model(const OnnxModel& model) {
  if (model.nodes.empty()) wrong("its graph has no nodes");
  if (model.outputs.empty()) wrong("its graph has no outputs");
  std::vector<std::string> problems{operators_problem(model)};
  // A file of another domain's operators alone states no opset of the standard's.
  if (model.opset() != 0) {
    problems.push_back(opset_problem(model));
  } else if (problems[0].empty()) {
    wrong("it does not say which opset it is of");
  }
  if (model.sparse_initializers > 0) problems.emplace_back("sparse initializers");
  std::erase(problems, "");
  if (!problems.empty()) unsupported(join(problems, "; "));
  check_names(model);
}

namespace {

/// Values that depend on what the network is given.
std::unordered_set<std::string_view> given_values(const OnnxModel& model) {
  std::unordered_set<std::string_view> given;
  for (const OnnxValueInfo& info : model.inputs) {
    if (!info.weight) given.insert(info.name);
  }
  for (const OnnxTensor& tensor : model.initializers) given.erase(tensor.name);
  return given;
}

}  // namespace

std::vector<std::size_t> reading_order(const OnnxModel& model) {
  std::unordered_map<std::string_view, std::size_t> giver;
  for (std::size_t i = 0; i < model.nodes.size(); ++i) {
    for (const std::string& output : model.nodes[i].outputs) {
      if (!output.empty()) giver.emplace(output, i);
    }
  }
  std::vector<std::size_t> waiting(model.nodes.size(), 0);
  std::vector<std::vector<std::size_t>> readers(model.nodes.size());
  for (std::size_t i = 0; i < model.nodes.size(); ++i) {
    for (const std::string& input : model.nodes[i].inputs) {
      const auto found = input.empty() ? giver.end() : giver.find(input);
      if (found == giver.end()) continue;
      ++waiting[i];
      readers[found->second].push_back(i);
    }
  }
  std::unordered_set<std::string_view> given = given_values(model);
  std::priority_queue<std::pair<bool, std::size_t>, std::vector<std::pair<bool, std::size_t>>,
                      std::greater<>>
      ready;
  const auto add = [&](std::size_t index) {
    const OnnxNode& node = model.nodes[index];
    const bool depends = std::ranges::any_of(
        node.inputs, [&](const std::string& input) { return given.contains(input); });
    if (depends) given.insert(node.outputs.begin(), node.outputs.end());
    ready.emplace(depends, index);
  };
  for (std::size_t i = 0; i < waiting.size(); ++i) {
    if (waiting[i] == 0) add(i);
  }
  std::vector<std::size_t> order;
  while (!ready.empty()) {
    const std::size_t next = ready.top().second;
    ready.pop();
    order.push_back(next);
    for (const std::size_t reader : readers[next]) {
      if (--waiting[reader] == 0) add(reader);
    }
  }
  if (order.size() < model.nodes.size()) {
    const auto stuck = std::ranges::find_if(waiting, [](std::size_t n) { return n > 0; });
    const OnnxNode& node = model.nodes[static_cast<std::size_t>(stuck - waiting.begin())];
    wrong("its nodes form a cycle, in which or behind which is node '" + printable(node.name) +
          "' (" + printable(node.op_type) + ")");
  }
  return order;
}

std::int64_t input_batch(const OnnxValueInfo& info) {
  const std::string what = "input '" + printable(info.name) + "' ";
  if (!info.has_shape) unsupported(what + "has no shape; export with fixed sizes");
  if (info.dims.size() < 2) {
    unsupported(what + "is " + shape_text(info) +
                ", expected the batch and then the sizes of one sample");
  }
  const std::int64_t batch = info.dims[0].value;
  if (batch == 0) wrong(what + "is " + shape_text(info) + ", a batch of nothing");
  return batch < 0 ? kOpenBatch : batch;
}

TensorType input_type(const OnnxValueInfo& info) {
  const std::string what = "input '" + printable(info.name) + "' ";
  TensorType type;
  switch (info.type) {
    case OnnxType::kFloat:
    case OnnxType::kHalf:
    case OnnxType::kBfloat16:
    case OnnxType::kDouble:
      break;
    case OnnxType::kInt64:
    case OnnxType::kInt32:
      type.element = Element::kIndex;
      break;
    default:
      unsupported(what + "holds " + to_string(info.type) + " numbers, expected real ones");
  }
  if (info.dims.size() > Shape::kMaxRank + 1) {
    unsupported(what + "is " + shape_text(info) + ", at most " + std::to_string(Shape::kMaxRank) +
                " dimensions and the batch are read");
  }
  std::vector<std::int64_t> dims;
  for (std::size_t i = 1; i < info.dims.size(); ++i) {
    if (info.dims[i].value < 0) {
      unsupported(what + "is " + shape_text(info) +
                  ": only the batch may be open; export with fixed sizes");
    }
    if (info.dims[i].value == 0) wrong(what + "is " + shape_text(info) + ", which is empty");
    dims.push_back(info.dims[i].value);
  }
  type.shape = Shape(dims);
  if (type.shape.elements() > kMaxExtent) {
    wrong(what + "is " + shape_text(info) + ", the limit is " + std::to_string(kMaxExtent) +
          " numbers");
  }
  return type;
}

DeclaredTypes::DeclaredTypes(const OnnxModel& model) {
  for (const auto* infos : {&model.values, &model.outputs}) {
    for (const OnnxValueInfo& info : *infos) {
      if (info.has_shape) infos_.emplace(info.name, &info);
    }
  }
}

void DeclaredTypes::check(const std::string& value, const TensorType& type,
                          std::int64_t batch) const {
  const auto found = infos_.find(value);
  if (found == infos_.end()) return;
  const OnnxValueInfo& info = *found->second;
  std::vector<std::int64_t> dims{batch};
  dims.insert(dims.end(), type.shape.dims().begin(), type.shape.dims().end());
  bool fits = info.dims.size() == dims.size();
  for (std::size_t i = 0; fits && i < dims.size(); ++i) {
    fits = info.dims[i].value < 0 || dims[i] == kOpenBatch || info.dims[i].value == dims[i];
  }
  if (fits) return;
  std::vector<std::string> texts{batch == kOpenBatch ? "N" : std::to_string(batch)};
  for (const std::int64_t dim : type.shape.dims()) texts.push_back(std::to_string(dim));
  wrong("value '" + printable(value) + "' is declared as " + shape_text(info) + ", but it is [" +
        join(texts, ", ") + "]");
}

}  // namespace nas
