#include "core/onnx/constant.h"

#include <algorithm>

#include "core/onnx/read_onnx.h"
#include "core/util/error.h"

namespace nas {
namespace {

[[noreturn]] void wrong(const std::string& what) {
  throw Error(ErrorKind::kData, what);
}
[[noreturn]] void unsupported(const std::string& what) {
  throw Error(ErrorKind::kUnsupported, what);
}

void require_small(const Constant& constant) {
  if (constant.elements() > kMostFolded) {
    unsupported("a constant of " + std::to_string(constant.elements()) +
                " numbers where a few are expected");
  }
  if (constant.turned) unsupported("arithmetic with a transposed constant");
  if (constant.rows != nullptr) unsupported("arithmetic with rows that are gathered from a table");
}

/// A number that is missing must not pass for one that has no effect.
template <class Number>
std::vector<Number> complete(std::vector<Number> numbers, const Constant& constant) {
  if (static_cast<std::int64_t>(numbers.size()) != constant.elements()) {
    wrong("a constant of " + std::to_string(constant.elements()) + " numbers has data for " +
          std::to_string(numbers.size()));
  }
  return numbers;
}

std::vector<double> reals_of_ints(const std::vector<std::int64_t>& ints) {
  if (std::ranges::find(ints, kOpenBatch) != ints.end()) {
    unsupported("a batch size that is open where real numbers are expected");
  }
  return {ints.begin(), ints.end()};
}

}  // namespace

std::int64_t Constant::elements() const {
  if (stored != nullptr) return stored->elements();
  if (rows != nullptr || all) return OnnxTensor{.name = "", .dims = dims}.elements();
  return static_cast<std::int64_t>(ints != nullptr    ? ints->size()
                                   : reals != nullptr ? reals->size()
                                                      : 0);
}

Constant int_constant(std::vector<std::int64_t> dims, std::vector<std::int64_t> numbers) {
  return {.type = OnnxType::kInt64,
          .dims = std::move(dims),
          .ints = std::make_shared<const std::vector<std::int64_t>>(std::move(numbers))};
}

Constant real_constant(std::vector<std::int64_t> dims, std::vector<double> numbers) {
  return {.type = OnnxType::kFloat,
          .dims = std::move(dims),
          .reals = std::make_shared<const std::vector<double>>(std::move(numbers))};
}

std::vector<std::int64_t> small_ints(const OnnxModel& model, const Constant& constant) {
  require_small(constant);
  if (constant.stored != nullptr) return complete(tensor_ints(model, *constant.stored), constant);
  if (constant.reals != nullptr || constant.all)
    unsupported("real numbers where integers are expected");
  return constant.ints == nullptr ? std::vector<std::int64_t>{} : *constant.ints;
}

std::vector<double> small_reals(const OnnxModel& model, const Constant& constant) {
  require_small(constant);
  if (constant.reals != nullptr) return *constant.reals;
  if (constant.ints != nullptr) return reals_of_ints(*constant.ints);
  if (constant.all) {
    return std::vector<double>(static_cast<std::size_t>(constant.elements()), *constant.all);
  }
  if (constant.stored == nullptr) return {};
  const std::vector<float> values = complete(tensor_reals(model, *constant.stored), constant);
  return {values.begin(), values.end()};
}

std::optional<double> single_number(const OnnxModel& model, const Constant& constant) {
  if (constant.elements() != 1) return std::nullopt;
  if (constant.stored != nullptr && constant.stored->place == OnnxTensor::Place::kNowhere) {
    return std::nullopt;
  }
  if (is_real(constant.type)) {
    const std::vector<double> values = small_reals(model, constant);
    return values.size() == 1 ? std::optional(values[0]) : std::nullopt;
  }
  const std::vector<std::int64_t> values = small_ints(model, constant);
  if (values.size() != 1 || values[0] == kOpenBatch) return std::nullopt;
  return static_cast<double>(values[0]);
}

}  // namespace nas
