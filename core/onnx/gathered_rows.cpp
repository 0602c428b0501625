#include "core/onnx/gathered_rows.h"

#include <algorithm>
#include <cmath>

#include "core/ops/op_schema.h"

namespace nas {
namespace {

using Dims = std::vector<std::int64_t>;

Constant rows_constant(Dims dims, std::vector<GatheredRows::Part> parts) {
  return {.type = OnnxType::kFloat,
          .dims = std::move(dims),
          .rows = std::make_shared<const GatheredRows>(GatheredRows{std::move(parts)})};
}

std::optional<Constant> gather(const OnnxNode& node, const Constant& table,
                               const Constant& places) {
  const OnnxAttribute* axis = find_attribute(node, "axis");
  const bool by_row = axis == nullptr || axis->integer == 0;
  const bool is_table = table.stored != nullptr && is_real(table.type) && !table.turned &&
                        table.dims.size() == 2 && table.dims == table.stored->dims;
  if (!by_row || !is_table || places.stored == nullptr || is_real(places.type)) {
    return std::nullopt;
  }
  Dims dims = places.dims;
  dims.push_back(table.dims[1]);
  return rows_constant(std::move(dims), {{table.stored, places.stored}});
}

std::optional<Constant> sum(const Constant& a, const Constant& b) {
  const bool single = a.rows != nullptr && b.rows != nullptr && a.rows->parts.size() == 1 &&
                      b.rows->parts.size() == 1;
  if (!single || a.dims != b.dims || a.turned || b.turned) return std::nullopt;
  return rows_constant(a.dims, {a.rows->parts[0], b.rows->parts[0]});
}

/// Into a square of pairs: the rows stay whole.
std::optional<Constant> reshape(const OnnxModel& model, const Constant& rows,
                                const Constant& shape) {
  const Dims dims = small_ints(model, shape);
  if (rows.turned || dims.size() != 3 || dims[0] < 1 || dims[0] != dims[1] ||
      dims[0] > kMaxExtent / dims[0] || rows.dims != Dims{dims[0] * dims[0], dims[2]}) {
    return std::nullopt;
  }
  Constant result = rows;
  result.dims = dims;
  return result;
}

std::optional<Constant> transpose(const OnnxNode& node, const Constant& rows) {
  const OnnxAttribute* perm = find_attribute(node, "perm");
  if (perm == nullptr || perm->ints != Dims{0, 2, 1} || rows.dims.size() != 3) return std::nullopt;
  Constant result = rows;
  std::swap(result.dims[1], result.dims[2]);
  result.turned = !result.turned;
  return result;
}

}  // namespace

std::optional<Constant> fold_rows(const OnnxModel& model, const OnnxNode& node,
                                  std::span<const Constant* const> inputs) {
  const auto given = [&](std::size_t count) {
    return inputs.size() == count &&
           std::ranges::none_of(inputs, [](const Constant* one) { return one == nullptr; });
  };
  const std::string& op = node.op_type;
  if (op == "Gather" && given(2)) return gather(node, *inputs[0], *inputs[1]);
  if (op == "Add" && given(2)) return sum(*inputs[0], *inputs[1]);
  if (inputs.empty() || inputs[0] == nullptr || inputs[0]->rows == nullptr) return std::nullopt;
  if (op == "Reshape" && given(2)) return reshape(model, *inputs[0], *inputs[1]);
  if (op == "Transpose" && given(1)) return transpose(node, *inputs[0]);
  return std::nullopt;
}

std::optional<TokenGrid> token_grid(std::span<const std::int64_t> places, GridAxis axis,
                                    std::int64_t reach) {
  const auto tokens = static_cast<std::int64_t>(std::sqrt(static_cast<double>(places.size())));
  if (tokens < 2 || static_cast<std::size_t>(tokens * tokens) != places.size()) return std::nullopt;
  TokenGrid grid{.tokens = tokens, .columns = tokens - 1, .reach = reach};
  // From the first patch on: at the first patch of the second row the column is the same again, and
  // the row is another one.
  const auto of_first = places.subspan(static_cast<std::size_t>(tokens));
  for (std::int64_t key = 2; reach > 0 && key < tokens; ++key) {
    const bool same = of_first[static_cast<std::size_t>(key)] == of_first[1];
    if (same == (axis == GridAxis::kRows)) continue;
    grid.columns = key - 1;
    break;
  }
  if ((tokens - 1) % grid.columns != 0) return std::nullopt;
  if (!std::ranges::equal(places, relative_places(grid, axis))) return std::nullopt;
  return grid;
}

}  // namespace nas
