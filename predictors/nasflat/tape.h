#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <functional>
#include <span>
#include <vector>

namespace nas {

/// A matrix of parameters inside a flat vector.
struct TensorPlace {
  std::size_t first = 0;
  Eigen::Index rows = 0, columns = 0;
};

/// A row of a result is a weighted sum of rows: result[to] += weight * rows[from].
struct RowLinks {
  struct Link {
    Eigen::Index from, to;
    float weight = 1;
  };
  std::vector<Link> links;  ///< of one target side by side
  Eigen::Index rows = 0;    ///< of the result
};

/// Records a calculation on matrices and gives its derivatives by walking back (reverse mode), for
/// networks whose layers are many and small. One thread; single precision. Rows are vertices or
/// graphs.
class Tape {
 public:
  using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  using Value = std::size_t;

  /// Borrows the parameters. Without `recording` values are all there is.
  Tape(std::span<const float> parameters, bool recording)
      : parameters_(parameters), recording_(recording) {}

  const Matrix& value(Value of) const { return entries_[of].value; }

  Value parameter(const TensorPlace& place);
  Value constant(Matrix numbers);  ///< has no derivative
  Value input(Matrix numbers);     ///< what it is a function of beside the parameters
  /// Rows of a table of parameters.
  Value rows_of(Value table, std::span<const std::size_t> rows);
  Value product(Value x, Value weight);           ///< x W
  Value shifted(Value x, Value shift);            ///< plus a row [1, columns]
  Value sum(Value a, Value b, float factor = 1);  ///< factor (a + b)
  Value times(Value a, Value b);                  ///< element by element
  Value beside(Value a, Value b);                 ///< columns of a, then of b
  Value rectified(Value x);
  Value sigmoid(Value x);
  Value linked(Value x, const RowLinks& links);
  /// Graph attention: row `to` is the mean of the rows linked to it, weighted by the soft-max of
  /// leaky_relu(own[to] + other[from], slope 0.2). `own`, `other`: one column.
  Value attention(Value x, Value own, Value other, const RowLinks& links);
  /// (x - mean) / deviation by row, times gain plus shift [1, columns].
  Value normalised(Value x, Value gain, Value shift);

  /// Adds to `gradient` the derivative of sum(slope * value(of)) by each parameter. Once.
  void backward(Value of, const Matrix& slope, std::span<float> gradient);
  /// The derivative by an input, after `backward`. Requires that the result depends on it.
  const Matrix& slope_of(Value input) const { return entries_[input].slope; }

 private:
  struct Entry {
    Matrix value, slope;
    std::function<void(const Entry&)> back;  ///< adds to the slopes of what it was made of
    TensorPlace place;                       ///< of a parameter
    bool fixed = false;                      ///< a constant
  };
  Value add(Matrix value, std::function<void(const Entry&)> back);
  /// Slope of an entry, zero at first.
  Matrix& slope(Value of);

  std::span<const float> parameters_;
  bool recording_;
  std::vector<Entry> entries_;
};

}  // namespace nas
