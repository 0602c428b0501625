#include <algorithm>
#include <array>
#include <utility>

#include "core/onnx/ops/patterns.h"

// What core/onnx/ops/attention.cpp writes.
namespace nas {
namespace {

using Dims = std::vector<std::int64_t>;

bool is_exactly(const std::optional<double>& number, double value) {
  return number && *number == value;
}

/// Whether a Slice gives the first place of the last of three axes.
bool is_first_place(const NodeReader& slice) {
  for (std::size_t i = 1; i < slice.node().inputs.size(); ++i) {
    if (slice.has_input(i) && !has_constant(slice, i)) return false;
  }
  const Dims steps = slice.ints("steps", 4);
  return slice.ints("starts", 1) == Dims{0} && slice.ints("ends", 2) == Dims{1} &&
         slice.ints("axes", 3) == Dims{2} && (steps.empty() || steps == Dims{1});
}

/// How a product with embeddings of pairs of tokens is written: the tokens' axis first, the
/// product, and back.
struct ProductForm {
  std::string_view op;
  Dims order, back;
  bool turned;  ///< the embeddings: [T, channels, T]
};

struct RelativeTables {
  const GatheredRows* rows;
  std::int64_t channels = 0;
  TokenGrid grid;
};

/// The tables of rows and of columns that embeddings for `tokens` are gathered from.
std::optional<RelativeTables> tables_of(const NodeReader& node, const Constant& embeddings,
                                        bool turned, std::int64_t tokens) {
  if (embeddings.rows == nullptr || embeddings.rows->parts.size() != 2) return std::nullopt;
  if (embeddings.turned != turned || embeddings.dims.size() != 3) return std::nullopt;
  const GatheredRows::Part& rows = embeddings.rows->parts[0];
  const GatheredRows::Part& columns = embeddings.rows->parts[1];
  const std::int64_t channels = embeddings.dims[turned ? 1 : 2], count = rows.table->dims[0];
  const Dims square = turned ? Dims{tokens, channels, tokens} : Dims{tokens, tokens, channels};
  if (embeddings.dims != square || rows.table->dims != columns.table->dims) return std::nullopt;
  if (count < 2 || count % 2 != 0) return std::nullopt;
  const std::int64_t reach = (count - relative_positions(0)) / 2;
  const auto grid = node.token_grid(*rows.places, GridAxis::kRows, reach);
  const auto other = node.token_grid(*columns.places, GridAxis::kColumns, reach);
  if (!grid || !other || grid->columns != other->columns || grid->tokens != tokens) {
    return std::nullopt;
  }
  return RelativeTables{embeddings.rows.get(), channels, *grid};
}

bool read_product(NodeReader& transpose, const ProductForm& form) {
  if (transpose.ints("perm") != form.order) return false;
  auto product = transpose.only_reader("MatMul");
  auto back = product ? product->only_reader("Transpose") : std::nullopt;
  if (!back || back->ints("perm") != form.back) return false;
  const Constant* embeddings = constant_beside(*product, transpose.output());
  if (embeddings == nullptr || product->node().inputs[0] != transpose.output()) return false;
  const Value x = transpose.tensor();
  const Shape& shape = transpose.shape(x);
  if (shape.rank() != 3) return false;
  const auto tables = tables_of(transpose, *embeddings, form.turned, shape[2]);
  if (!tables || (form.turned && shape[1] != tables->channels)) return false;
  std::vector<NamedAttr> attrs{{"columns", tables->grid.columns}, {"reach", tables->grid.reach}};
  if (!form.turned) attrs.push_back({"channels", tables->channels});
  const Value result = transpose.add(form.op, std::span(&x, 1), attrs);
  constexpr std::array<std::string_view, 2> kTables{"rows", "columns"};
  for (std::size_t i = 0; i < kTables.size(); ++i) {
    const OnnxTensor* table = tables->rows->parts[i].table;
    transpose.weight(result, kTables[i],
                     {.type = table->type, .dims = table->dims, .stored = table, .learned = true});
  }
  product->claim();
  back->give_claimed(result);
  return true;
}

}  // namespace

bool read_class_token(NodeReader& slice) {
  const Value x = slice.tensor();
  const Shape& tokens = slice.shape(x);
  auto zeros = slice.only_reader("Mul");
  auto column = zeros ? zeros->only_reader("Add") : std::nullopt;
  auto all = column ? column->only_reader("Concat") : std::nullopt;
  if (!all || tokens.rank() != 2 || !is_first_place(slice)) return false;
  const auto zero = zeros->other_input(slice.output());
  if (!zero || !is_exactly(slice.number_of(*zero), 0)) return false;
  const Constant* token = constant_beside(*column, zeros->output());
  if (token == nullptr || !token->learned || token->dims != Dims{tokens[0], 1}) return false;
  if (all->node().inputs != std::vector{column->output(), slice.node().inputs[0]} ||
      all->axis(all->integer("axis", 0), 2) != 2) {
    return false;
  }
  const Value result = slice.add("class_token", {x});
  slice.weight(result, "token", *token);
  zeros->claim();
  column->claim();
  all->give_claimed(result);
  return true;
}

bool read_position_embedding(NodeReader& add) {
  const std::size_t index = add.is_tensor(0) ? 0 : 1;
  const Value x = add.tensor(index);
  const Shape& tokens = add.shape(x);
  const Constant& positions = add.constant(1 - index);
  Dims dims = positions.dims;
  if (dims.size() == 3 && dims[0] == 1) dims.erase(dims.begin());
  if (tokens.rank() != 2 || !positions.learned || !std::ranges::equal(dims, tokens.dims())) {
    return false;
  }
  const Value result = add.add("position_embedding", {x});
  add.weight(result, "positions", positions);
  add.give(result);
  return true;
}

bool read_relative_product(NodeReader& transpose) {
  static const ProductForm kForms[] = {
      {"relative_scores", {0, 3, 1, 2}, {0, 2, 1, 3}, true},
      {"relative_values", {0, 2, 1, 3}, {0, 2, 3, 1}, false},
  };
  return std::ranges::any_of(
      kForms, [&](const ProductForm& form) { return read_product(transpose, form); });
}

}  // namespace nas
