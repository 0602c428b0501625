#include <algorithm>
#include <unordered_map>

#include "core/ir/arch_builder.h"
#include "core/ir/forms/text_form.h"
#include "core/ir/forms/text_tokens.h"
#include "core/ops/registry.h"
#include "core/util/text.h"

namespace nas {
namespace {

constexpr std::size_t kMaxLine = std::size_t{1} << 20;
constexpr std::size_t kMaxNodes = 10'000'000;

[[noreturn]] void refuse(const std::string& text) {
  throw Error(ErrorKind::kData, text);
}

AttrValue parse_attr(const OpSchema& op, const AttrSpec& spec, std::string_view text) {
  const auto bad = [&](const char* expected) {
    refuse(std::string(op.name) + ": " + std::string(spec.name) + " = " + printable(text) +
           ", expected " + expected);
  };
  if (spec.type == AttrType::kBool) {
    if (text != "true" && text != "false") bad("true or false");
    return text == "true";
  }
  if (spec.type == AttrType::kInt) {
    const std::optional<std::int64_t> value = parse_int(text);
    if (!value) bad("an integer");
    return *value;
  }
  const std::optional<double> value = parse_double(text);
  if (!value) bad("a number");
  return *value;
}

void check_range(const OpSchema& op, const AttrSpec& spec, AttrValue value) {
  const double number =
      spec.type == AttrType::kReal ? value.as_real() : static_cast<double>(value.as_int());
  if (number >= spec.min && number <= spec.max) return;
  refuse(std::string(op.name) + ": " + std::string(spec.name) + " = " +
         attr_text(spec.type, value) + ", must be in [" + format_double(spec.min) + ", " +
         format_double(spec.max) + "]");
}

class TextParser {
 public:
  ArchGraph run(std::string_view text) {
    bool header = false;
    for (std::size_t begin = 0, line = 1; begin < text.size(); ++line) {
      const std::size_t end = std::min(text.find('\n', begin), text.size());
      try {
        if (end - begin > kMaxLine) refuse("longer than 1 MiB");
        read_line(text.substr(begin, end - begin), header);
      } catch (const Error& error) {
        refuse("graph text, line " + std::to_string(line) + ": " + error.what());
      }
      begin = end + 1;
    }
    if (!header) refuse("graph text: the first line must be '" + std::string(kTextHeader) + "'");
    if (!returned_) refuse("graph text: there is no 'return name=%value' line");
    return builder_.finish();
  }

 private:
  struct Node {
    std::uint32_t id;
    std::size_t outputs;
  };

  void read_line(std::string_view line, bool& header) {
    LineReader reader(line);
    if (reader.at_end()) return;
    if (!header) {
      if (trim(line) != kTextHeader) {
        refuse("expected '" + std::string(kTextHeader) + "', got '" +
               printable(line.substr(0, 40)) + "'");
      }
      header = true;
      return;
    }
    if (returned_) refuse("nothing may follow the 'return' line");
    if (reader.accept('%')) {
      read_node(reader);
    } else if (reader.word() == "return") {
      read_return(reader);
    } else {
      refuse("expected '%name = operation(...)' or 'return name=%value'");
    }
  }

  void read_node(LineReader& reader) {
    const std::string name(reader.word());
    if (nodes_.size() >= kMaxNodes) refuse("more than 10,000,000 nodes");
    if (nodes_.contains(name)) refuse("%" + name + " is defined twice");
    reader.expect('=');
    const OpSchema& op = find_op(reader.word());
    if (op.is_macro()) {
      refuse("'" + std::string(op.name) + "' is a macro; graphs hold primitive operations only");
    }
    inputs_.clear();
    reader.expect('(');
    while (!reader.accept(')')) {
      if (!inputs_.empty()) reader.expect(',');
      inputs_.push_back(read_value(reader));
    }
    read_attrs(reader, op);
    types_.clear();
    if (reader.accept(':')) {
      do {
        types_.push_back(parse_tensor_type(reader.type()));
      } while (reader.accept(','));
    }
    const std::string scope = reader.accept('@') ? reader.name() : std::string();
    reader.expect_end();
    nodes_.emplace(name, add_node(op, scope));
  }

  Value read_value(LineReader& reader) {
    reader.expect('%');
    const std::string name(reader.word());
    const auto node = nodes_.find(name);
    if (node == nodes_.end()) refuse("%" + name + " is not defined above this line");
    std::int64_t port = 0;
    if (reader.accept('.')) port = parse_int(reader.word()).value_or(-1);
    if (port < 0 || static_cast<std::size_t>(port) >= node->second.outputs) {
      refuse("%" + name + " has " + std::to_string(node->second.outputs) +
             " output(s), numbered from 0");
    }
    return {node->second.id, static_cast<std::uint32_t>(port)};
  }

  void read_attrs(LineReader& reader, const OpSchema& op) {
    attrs_.clear();
    for (const AttrSpec& spec : op.attrs) attrs_.push_back(spec.default_value);
    std::vector<char> given(op.attrs.size(), 0);
    if (reader.accept('{') && !reader.accept('}')) {
      do {
        const std::string_view name = reader.word();
        const std::size_t index = op.attr_index(name);
        if (given[index]) refuse(std::string(name) + " is given twice");
        given[index] = 1;
        reader.expect('=');
        attrs_[index] = parse_attr(op, op.attrs[index], reader.number());
        check_range(op, op.attrs[index], attrs_[index]);
      } while (reader.accept(','));
      reader.expect('}');
    }
    for (std::size_t i = 0; i < given.size(); ++i) {
      if (op.attrs[i].required && !given[i]) {
        refuse(std::string(op.name) + " needs the attribute " + std::string(op.attrs[i].name));
      }
    }
  }

  Node add_node(const OpSchema& op, const std::string& scope) {
    if (&op == &input_op) return add_input(scope);
    const Value value = builder_.add_in_scope(op, inputs_, attrs_, scope);
    for (std::uint32_t port = 0; port < types_.size(); ++port) {
      const TensorType& inferred = builder_.type({value.node, port});
      if (types_[port] != inferred) {
        refuse("the type is " + to_string(inferred) + ", not " + to_string(types_[port]));
      }
    }
    return {value.node, std::max<std::size_t>(types_.size(), 1)};
  }

  Node add_input(const std::string& scope) {
    if (types_.size() != 1) refuse("input() needs one type, such as ': float[3,32,32]'");
    if (!inputs_.empty()) refuse("input() reads nothing");
    if (!scope.empty()) builder_.push_scope(scope);
    const Value value = builder_.input(types_[0]);
    if (!scope.empty()) builder_.pop_scope();
    return {value.node, 1};
  }

  void read_return(LineReader& reader) {
    do {
      const std::string name = reader.name();
      reader.expect('=');
      builder_.output(name, read_value(reader));
    } while (reader.accept(','));
    reader.expect_end();
    returned_ = true;
  }

  ArchBuilder builder_;
  std::unordered_map<std::string, Node> nodes_;
  std::vector<Value> inputs_;
  std::vector<AttrValue> attrs_;
  std::vector<TensorType> types_;
  bool returned_ = false;
};

}  // namespace

ArchGraph parse_graph(std::string_view text) {
  return TextParser().run(text);
}

}  // namespace nas
