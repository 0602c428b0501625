#include "core/onnx/read_onnx.h"

#include <optional>

#include "core/onnx/message_reader.h"
#include "core/onnx/outline.h"
#include "core/util/encoding.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/regular_file.h"
#include "core/util/text.h"

namespace nas {
namespace {

/// Smaller files are read whole: then nothing that happens to them later matters. (Archives and web
/// pages of more than that are told by what a message cannot be.)
constexpr std::uintmax_t kReadWhole = std::uintmax_t{16} << 20;

class Reader : MessageReader {
 public:
  Reader(OnnxModel& model, const OnnxLimits& limits) : MessageReader(model, limits) {}

  void read(std::string_view bytes) {
    std::optional<std::string_view> graph;
    ProtobufReader fields(bytes);
    while (const auto field = fields.next()) {
      switch (field->number) {
        case 1:
          model_.ir_version = field->as_int();
          break;
        case 2:
          model_.producer = text(field->as_bytes(), limits_.name_bytes, "the producer's name");
          break;
        case 7:
          if (graph) fail("it holds two graphs");
          graph = field->as_bytes();
          break;
        case 8:
          opset(field->as_bytes());
          break;
        case 14:
          metadata(field->as_bytes());
          break;
        case 25:
          ++model_.functions;
          break;
        default:
          break;
      }
    }
    if (!graph) fail("it holds no graph");
    read_graph(*graph);
  }

 private:
  void opset(std::string_view bytes) {
    std::pair<std::string, std::int64_t> opset;
    ProtobufReader fields(bytes);
    while (const auto field = fields.next()) {
      if (field->number == 1) opset.first = name(*field);
      if (field->number == 2) opset.second = field->as_int();
    }
    take_items(1);
    model_.opsets.push_back(std::move(opset));
  }

  void metadata(std::string_view bytes) {
    const auto [key, value] = entry(bytes);
    model_.metadata.emplace_back(key, value);
  }
  void read_graph(std::string_view bytes) {
    ProtobufReader fields(bytes);
    while (const auto field = fields.next()) {
      switch (field->number) {
        case 1:
          if (model_.nodes.size() >= limits_.nodes) {
            fail("it has more than " + std::to_string(limits_.nodes) + " nodes");
          }
          model_.nodes.push_back(node(field->as_bytes()));
          break;
        case 2:
          model_.graph_name = name(*field);
          break;
        case 5:
          model_.initializers.push_back(tensor(field->as_bytes()));
          break;
        case 11:
          model_.inputs.push_back(value_info(field->as_bytes()));
          break;
        case 12:
          model_.outputs.push_back(value_info(field->as_bytes()));
          break;
        case 13:
          model_.values.push_back(value_info(field->as_bytes()));
          break;
        case 15:
          ++model_.sparse_initializers;
          break;
        default:
          break;
      }
    }
  }

  OnnxNode node(std::string_view bytes) {
    take_items(4);
    OnnxNode node;
    ProtobufReader fields(bytes);
    while (const auto field = fields.next()) {
      switch (field->number) {
        case 1:
          node.inputs.push_back(name(*field));
          break;
        case 2:
          node.outputs.push_back(name(*field));
          break;
        case 3:
          node.name = name(*field);
          break;
        case 4:
          node.op_type = name(*field);
          break;
        case 5:
          node.attributes.push_back(attribute(field->as_bytes()));
          break;
        case 7:
          node.domain = name(*field);
          break;
        default:
          break;
      }
    }
    return node;
  }

  OnnxAttribute attribute(std::string_view bytes) {
    take_items(4);
    OnnxAttribute attribute;
    ProtobufReader fields(bytes);
    while (const auto field = fields.next()) {
      switch (field->number) {
        case 1:
          attribute.name = name(*field);
          break;
        case 2:
          attribute.real = field->as_float();
          break;
        case 3:
          attribute.integer = field->as_int();
          break;
        case 4:
          attribute.text = text(field->as_bytes(), limits_.text_bytes, "a text");
          break;
        case 5:
        case 10:
          attribute.tensors.push_back(tensor(field->as_bytes()));
          break;
        case 6:
        case 11:
          inner_graph(field->as_bytes());
          break;
        case 7:
          append_reals(*field, attribute.reals);
          break;
        case 8:
          append_ints(*field, attribute.ints);
          break;
        case 9:
          attribute.texts.push_back(text(field->as_bytes(), limits_.text_bytes, "a text"));
          break;
        case 20:
          attribute.type = attribute_type(field->as_int());
          break;
        default:
          break;
      }
    }
    return attribute;
  }

  /// Notes the operators of a graph in an attribute and of all graphs within it.
  void inner_graph(std::string_view bytes) {
    std::vector<std::string_view> graphs{bytes};
    while (!graphs.empty()) {
      ProtobufReader fields(graphs.back());
      graphs.pop_back();
      while (const auto field = fields.next()) {
        if (field->number == 1) inner_node(field->as_bytes(), graphs);
      }
    }
  }
  void inner_node(std::string_view bytes, std::vector<std::string_view>& graphs) {
    take_items(4);
    std::pair<std::string, std::string> domain_and_operator;
    ProtobufReader fields(bytes);
    while (const auto field = fields.next()) {
      if (field->number == 4) domain_and_operator.second = name(*field);
      if (field->number == 7) domain_and_operator.first = name(*field);
      if (field->number != 5) continue;
      ProtobufReader attribute(field->as_bytes());
      while (const auto part = attribute.next()) {
        if (part->number != 6 && part->number != 11) continue;
        take_items(1);
        graphs.push_back(part->as_bytes());
      }
    }
    model_.inner_operators.push_back(std::move(domain_and_operator));
  }

  static OnnxAttributeType attribute_type(std::int64_t number) {
    if (number < 0 || number > 14) fail("an attribute of type " + std::to_string(number));
    return static_cast<OnnxAttributeType>(number);
  }

  OnnxValueInfo value_info(std::string_view bytes) {
    take_items(2);
    OnnxValueInfo info;
    ProtobufReader fields(bytes);
    while (const auto field = fields.next()) {
      if (field->number == 1) info.name = name(*field);
      if (field->number == 3) info.weight = field->as_bytes() == kWeightDescription;
      if (field->number != 2) continue;
      ProtobufReader types(field->as_bytes());  // TypeProto
      while (const auto type = types.next()) {
        if (type->number == 1) tensor_type(type->as_bytes(), info);
      }
    }
    return info;
  }

  void tensor_type(std::string_view bytes, OnnxValueInfo& info) {
    ProtobufReader fields(bytes);
    while (const auto field = fields.next()) {
      if (field->number == 1) info.type = static_cast<OnnxType>(field->as_int());
      if (field->number != 2) continue;
      info.has_shape = true;
      info.dims.clear();
      ProtobufReader dims(field->as_bytes());  // TensorShapeProto
      while (const auto dim = dims.next()) {
        if (dim->number != 1) continue;
        if (info.dims.size() >= limits_.rank) {
          fail("value '" + printable(info.name) + "' has more than " +
               std::to_string(limits_.rank) + " dimensions");
        }
        info.dims.push_back(dimension(dim->as_bytes()));
      }
    }
  }

  OnnxDim dimension(std::string_view bytes) {
    take_items(2);
    OnnxDim dim;
    ProtobufReader fields(bytes);
    while (const auto field = fields.next()) {
      if (field->number == 1) dim.value = field->as_int();
      if (field->number == 2) dim.name = name(*field);
    }
    return dim;
  }
};

void parse(std::string_view bytes, OnnxModel& model, const OnnxLimits& limits) {
  const std::string source = printable(model.source);
  if (bytes.starts_with("PK\x03\x04")) {
    throw Error(ErrorKind::kData,
                source +
                    ": it is a zip archive (torch.save?), not an ONNX file; export the model "
                    "with torch.onnx.export");
  }
  refuse_foreign_content(bytes.substr(0, 4096), source);
  try {
    Reader(model, limits).read(bytes);
  } catch (const Error& error) {
    throw Error(error.kind(), source + ": not a readable ONNX model: " + error.what());
  }
}

}  // namespace

OnnxModel read_onnx(const std::filesystem::path& path, const OnnxLimits& limits) {
  require_regular_file(path);
  OnnxModel model;
  model.source = path.native();
  model.folder = path.has_parent_path() ? path.parent_path().native() : ".";
  std::error_code ignored;
  if (std::filesystem::file_size(path, ignored) <= kReadWhole && !ignored) {
    // A gzipped model comes unpacked, within the same limit.
    model.memory = std::make_shared<const std::string>(read_file(path, limits.file_bytes));
  } else {
    model.file = std::make_shared<const RandomAccessFile>(path, limits.file_bytes);
    try {
      model.memory = std::make_shared<const std::string>(model_outline(*model.file));
    } catch (const Error& error) {
      throw Error(error.kind(),
                  printable(model.source) + ": not a readable ONNX model: " + error.what());
    }
  }
  parse(*model.memory, model, limits);
  return model;
}

OnnxModel parse_onnx(std::string bytes, std::string_view source, std::string_view folder,
                     const OnnxLimits& limits) {
  OnnxModel model;
  model.source = source;
  model.folder = folder;
  model.memory = std::make_shared<const std::string>(std::move(bytes));
  parse(*model.memory, model, limits);
  return model;
}

}  // namespace nas
