#include "core/tflite/import_graph.h"

#include <algorithm>
#include <map>

#include "core/tflite/graph_reader.h"
#include "core/tflite/import_program.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

/// Everything that no graph can say, in one error.
void refuse_unknown(const MicroProgram& program) {
  std::map<std::string, int> counts;
  std::vector<std::string> order;
  for (const MicroStep& step : program.steps) {
    if (find_step_reading(step.op) != nullptr) continue;
    const std::string name(name_of(step));
    if (counts[name]++ == 0) order.push_back(name);
  }
  if (order.empty()) return;
  for (std::string& name : order) {
    if (counts[name] > 1) name += " (" + std::to_string(counts[name]) + " times)";
  }
  throw Error(ErrorKind::kUnsupported, "operators are not supported: " + join(order, ", "));
}

TensorType input_type(const MicroTensor& tensor) {
  const std::string name = "input '" + printable(tensor.name) + "'";
  if (tensor.dims.empty() || tensor.dims.front() != 1 || tensor.dims.size() > Shape::kMaxRank + 1) {
    throw Error(ErrorKind::kUnsupported,
                name + " has no batch of 1 in front of at most four dimensions");
  }
  Shape shape(std::span(tensor.dims).subspan(1));
  // [1, H, W, C] is an image; its places change in `image_of`.
  if (shape.rank() == 3) shape = Shape{shape[2], shape[0], shape[1]};
  return {Element::kFloat, shape};
}

/// Names of outputs that our graph can hold.
std::string output_name(const std::string& name) {
  std::string text;
  for (const char c : name) {
    const bool plain = c > 0x20 && c < 0x7f && c != '#' && c != '@' && c != '=' && c != ',';
    text += plain ? c : '_';
  }
  return text.empty() ? "output" : text;
}

void read_steps(GraphReader& reader) {
  constexpr std::size_t kShown = 6;
  std::vector<std::string> failures;
  std::vector<bool> unknown(reader.program.tensors.size(), false);
  for (std::size_t i = 0; i < reader.program.steps.size(); ++i) {
    const MicroStep& step = reader.program.steps[i];
    const auto is_unknown = [&](int tensor) {
      return tensor != MicroStep::kAbsent && unknown[static_cast<std::size_t>(tensor)];
    };
    bool read = !std::ranges::any_of(step.inputs, is_unknown);
    if (read) {
      try {
        StepReader view(reader, step);
        find_step_reading(step.op)->read(view);
      } catch (const Error& error) {
        if (error.kind() == ErrorKind::kInternal) throw;
        failures.push_back("step " + std::to_string(i) + " (" + std::string(name_of(step)) +
                           "): " + error.what());
        read = false;
      }
    }
    for (const int output : step.outputs) unknown[static_cast<std::size_t>(output)] = !read;
  }
  if (failures.empty()) return;
  const std::size_t count = failures.size();
  failures.resize(std::min(count, kShown));
  std::string text = join(failures, "; ");
  if (count > kShown) text += "; and " + std::to_string(count - kShown) + " more";
  throw Error(ErrorKind::kUnsupported, text);
}

void add_outputs(GraphReader& reader) {
  std::map<std::string, int> used;
  for (const int output : reader.program.outputs) {
    const GraphValue& value = reader.values[static_cast<std::size_t>(output)];
    if (!value.image && !value.stored) {
      throw Error(ErrorKind::kUnsupported, "an output that is a constant");
    }
    std::string name = output_name(reader.program.tensors[static_cast<std::size_t>(output)].name);
    if (used[name]++ > 0) name += "_" + std::to_string(used[name]);
    reader.builder.output(name, value.image ? *value.image : *value.stored);
  }
}

/// `values` [O, H, W, I] as [O, I, H, W], or [1, H, W, O] as [O, 1, H, W].
std::vector<float> reordered(const std::vector<float>& values, const Shape& shape,
                             WeightOrder order) {
  if (order == WeightOrder::kPlain) return values;
  std::vector<float> result(values.size());
  const auto outs = static_cast<std::size_t>(shape[0]), ins = static_cast<std::size_t>(shape[1]);
  const auto places = static_cast<std::size_t>(shape[2] * shape[3]);
  for (std::size_t o = 0; o < outs; ++o) {
    for (std::size_t i = 0; i < ins; ++i) {
      for (std::size_t p = 0; p < places; ++p) {
        const std::size_t from =
            order == WeightOrder::kConv ? (o * places + p) * ins + i : p * outs + o;
        result[(o * ins + i) * places + p] = values[from];
      }
    }
  }
  return result;
}

TensorFile read_weights(const GraphReader& reader, const ArchGraph& graph,
                        const TfliteModel& model) {
  TensorFile file;
  for (const GraphWeight& use : reader.weights) {
    const ParamList params = graph.params(use.node);
    const auto* spec = std::ranges::find(params, use.param, &ParamSpec::name);
    NAS_CHECK(spec != params.end(), "no parameter " + std::string(use.param));
    const std::vector<float> values =
        reordered(tensor_reals(model, use.tensor), spec->shape, use.order);
    const std::string name = graph.path(use.node) + "." + std::string(use.param);
    NAS_CHECK(static_cast<std::int64_t>(values.size()) == spec->shape.elements(),
              name + " has other numbers than its shape");
    const auto dims = spec->shape.dims();
    StoredTensor tensor{"F32", {dims.begin(), dims.end()}, {}};
    tensor.bytes.assign(reinterpret_cast<const char*>(values.data()), values.size() * 4);
    file.tensors[name] = std::move(tensor);
  }
  return file;
}

}  // namespace

TfliteNetwork to_graph(const TfliteModel& model, bool with_weights) {
  const MicroProgram program = to_program(model, false);
  try {
    refuse_unknown(program);
    GraphReader reader{.program = program};
    reader.values.resize(program.tensors.size());
    for (const int input : program.inputs) {
      const MicroTensor& tensor = program.tensors[static_cast<std::size_t>(input)];
      const Value value = reader.builder.input(input_type(tensor));
      GraphValue& held = reader.values[static_cast<std::size_t>(input)];
      (tensor.dims.size() == 4 ? held.image : held.stored) = value;
    }
    read_steps(reader);
    add_outputs(reader);
    TfliteNetwork network{.graph = reader.builder.finish()};
    if (with_weights) network.weights = read_weights(reader, network.graph, model);
    return network;
  } catch (const Error& error) {
    // What a builder calls a wrong use is wrong data here: nobody typed it.
    const ErrorKind kind = error.kind() == ErrorKind::kUsage ? ErrorKind::kData : error.kind();
    throw Error(kind, printable(model.source) + ": " + error.what());
  }
}

}  // namespace nas
