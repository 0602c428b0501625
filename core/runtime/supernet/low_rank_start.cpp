#include "core/runtime/supernet/low_rank_start.h"

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/util/error.h"
#include "core/util/svd.h"

namespace nas {
namespace {

constexpr std::string_view kReduce = "/reduce/conv1d.weight", kCore = "/core/conv1d.weight";

/// A matrix [rows, columns] of a layer of one frame.
struct Matrix {
  std::size_t rows = 0, columns = 0;
  std::vector<float> values;
};

Matrix matrix_of(const TensorFile& file, const std::string& name) {
  const StoredTensor& tensor = file.tensors.at(name);
  if (tensor.shape.size() < 2) {
    throw Error(ErrorKind::kUnsupported, "'" + name + "' is not a matrix");
  }
  return {static_cast<std::size_t>(tensor.shape[0]), static_cast<std::size_t>(tensor.shape[1]),
          read_floats(file, name)};
}

class Start {
 public:
  Start(TensorFile weights, const TensorFile& whole)
      : weights_(std::move(weights)), whole_(whole) {}

  TensorFile run() {
    for (const auto& [name, tensor] : weights_.tensors) {
      if (name.ends_with(kCore)) decompose(name.substr(0, name.size() - kCore.size()));
    }
    for (auto& [name, tensor] : weights_.tensors) {
      if (made_.contains(name)) continue;
      const auto found = whole_.tensors.find(name);
      if (found == whole_.tensors.end() || found->second.shape != tensor.shape) {
        throw Error(ErrorKind::kUnsupported,
                    "'" + name + "' has nothing to start from: the other supernet has " +
                        (found == whole_.tensors.end() ? "no such tensor" : "another size of it"));
      }
      tensor = found->second;
    }
    return std::move(weights_);
  }

 private:
  /// Layers behind the first two factors of `scope`: those of the whole network that have no core.
  std::vector<std::string> layers_of(const std::string& scope) const {
    std::vector<std::string> layers;
    for (auto it = whole_.tensors.lower_bound(scope + "/"); it != whole_.tensors.end(); ++it) {
      const std::string& name = it->first;
      if (!name.starts_with(scope + "/")) break;
      if (name.ends_with("/conv1d.weight") && weights_.tensors.contains(name)) {
        layers.push_back(name);
      }
    }
    return layers;
  }

  void decompose(const std::string& scope) {
    const std::vector<std::string> layers = layers_of(scope);
    if (layers.empty()) return;  // nothing of it is known: said below
    Matrix all;
    for (const std::string& name : layers) {
      const Matrix layer = matrix_of(whole_, name);
      all.columns = layer.columns;
      all.rows += layer.rows;
      all.values.insert(all.values.end(), layer.values.begin(), layer.values.end());
    }
    const SingularValues found = singular_values(all.values, all.rows, all.columns);
    put(scope + std::string(kReduce), [&](std::size_t row, std::size_t column, float before) {
      return row < found.rank ? static_cast<float>(found.v[column * found.rank + row]) : before;
    });
    put(scope + std::string(kCore), [&](std::size_t row, std::size_t column, float) {
      return row == column && row < found.rank ? static_cast<float>(found.s[row]) : 0.0F;
    });
    std::size_t first = 0;
    for (const std::string& name : layers) {
      put(name, [&](std::size_t row, std::size_t column, float before) {
        return column < found.rank
                   ? static_cast<float>(found.u[(first + row) * found.rank + column])
                   : before;
      });
      first += matrix_of(whole_, name).rows;
    }
  }

  /// value(row, column, what is there)
  template <class Value>
  void put(const std::string& name, const Value& value) {
    Matrix matrix = matrix_of(weights_, name);
    for (std::size_t row = 0; row < matrix.rows; ++row) {
      for (std::size_t column = 0; column < matrix.columns; ++column) {
        float& at = matrix.values[row * matrix.columns + column];
        at = value(row, column, at);
      }
    }
    StoredTensor& tensor = weights_.tensors.at(name);
    tensor = store_floats(tensor.shape, matrix.values);
    made_[name] = true;
  }

  TensorFile weights_;
  const TensorFile& whole_;
  std::map<std::string, bool> made_;
};

}  // namespace

void start_from_whole_layers(WeightBank& bank, const TensorFile& whole) {
  bank.restore(Start(bank.weights(), whole).run(), "the start of the supernet");
}

}  // namespace nas
