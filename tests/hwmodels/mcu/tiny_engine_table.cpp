#include "tests/hwmodels/mcu/tiny_engine_table.h"

#include <map>
#include <string>

#include "core/util/csv.h"
#include "core/util/file.h"
#include "core/util/text.h"

namespace nas::test {
namespace {

class Reader {
 public:
  explicit Reader(const std::filesystem::path& path)
      : csv_(CsvTable::parse(read_file(path), path.string())) {}

  TinyEngineTable run() {
    for (std::size_t row = 0; row < csv_.rows(); ++row) {
      const std::string op(csv_.at(row, csv_.column("op")));
      const std::vector<std::int64_t> image = {1, number(row, "in_h"), number(row, "in_w"),
                                               number(row, "in_c")};
      const std::vector<std::int64_t> made = {1, number(row, "out_h"), number(row, "out_w"),
                                              number(row, "out_c")};
      MicroStep step;
      step.name = std::to_string(row) + " " + op;
      for (const std::string& id : split(csv_.at(row, csv_.column("input_tensors")), '|')) {
        step.inputs.push_back(known(id, image));
      }
      step.op = op_named(op);
      const std::int64_t kernel = number(row, "kernel");
      if (step.op == MicroOp::kConv2d) add_weights(step, {made[3], kernel, kernel, image[3]}, made);
      if (step.op == MicroOp::kDepthwiseConv2d) {
        add_weights(step, {1, kernel, kernel, made[3]}, made);
      }
      step.options.padding = MicroPadding::kSame;
      step.options.stride_h = step.options.stride_w =
          static_cast<std::int32_t>(std::max<std::int64_t>(number(row, "stride"), 1));
      const std::string out(csv_.at(row, csv_.column("output_tensors")));
      step.outputs = {add({.name = out, .dims = made})};
      last_[out] = step.outputs[0];
      table_.program.steps.push_back(step);
      table_.layers.push_back({number(row, "sbuf_bytes"), number(row, "kbuf_bytes"),
                               number(row, "weight_bytes"), number(row, "bias_bytes"),
                               number(row, "scale_bytes"), number(row, "macs")});
    }
    table_.program.outputs = table_.program.steps.back().outputs;
    return std::move(table_);
  }

 private:
  /// 0 where the table has nothing. Some fields are written as reals.
  std::int64_t number(std::size_t row, std::string_view column) const {
    return static_cast<std::int64_t>(parse_double(csv_.at(row, csv_.column(column))).value_or(0));
  }

  static MicroOp op_named(const std::string& name) {
    if (name == "CONV_2D") return MicroOp::kConv2d;
    if (name == "DEPTHWISE_CONV_2D") return MicroOp::kDepthwiseConv2d;
    if (name == "ADD") return MicroOp::kAdd;
    return MicroOp::kOther;
  }

  int add(MicroTensor tensor) {
    table_.program.tensors.push_back(std::move(tensor));
    return static_cast<int>(table_.program.tensors.size()) - 1;
  }

  void add_weights(MicroStep& step, std::vector<std::int64_t> dims,
                   const std::vector<std::int64_t>& made) {
    step.inputs.push_back(add({.name = "weights", .dims = std::move(dims), .constant = true}));
    step.inputs.push_back(add(
        {.name = "bias", .element = MicroElement::kInt32, .dims = {made[3]}, .constant = true}));
  }

  int known(const std::string& id, const std::vector<std::int64_t>& dims) {
    const auto found = last_.find(id);
    if (found != last_.end()) return found->second;
    const int tensor = add({.name = id, .dims = dims});
    table_.program.inputs.push_back(tensor);
    return last_[id] = tensor;
  }

  CsvTable csv_;
  TinyEngineTable table_;
  std::map<std::string, int> last_;  ///< by id: the tensor that has it now
};

}  // namespace

TinyEngineTable read_tiny_engine_table(const std::filesystem::path& path) {
  return Reader(path).run();
}

}  // namespace nas::test
