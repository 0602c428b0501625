#include "predictors/nasflat/tape.h"

#include <cmath>
#include <utility>

#include "core/util/error.h"

namespace nas {
namespace {

constexpr float kNormEpsilon = 1e-5F;
constexpr float kLeak = 0.2F;

Eigen::Index index(std::size_t i) {
  return static_cast<Eigen::Index>(i);
}

}  // namespace

Tape::Value Tape::add(Matrix value, std::function<void(const Entry&)> back) {
  Entry entry;
  entry.value = std::move(value);
  if (recording_) entry.back = std::move(back);
  entries_.push_back(std::move(entry));
  return entries_.size() - 1;
}

Tape::Matrix& Tape::slope(Value of) {
  Entry& entry = entries_[of];
  if (entry.slope.size() == 0) entry.slope.setZero(entry.value.rows(), entry.value.cols());
  return entry.slope;
}

Tape::Value Tape::parameter(const TensorPlace& place) {
  const Value made = add(
      Eigen::Map<const Matrix>(parameters_.data() + place.first, place.rows, place.columns), {});
  entries_[made].place = place;
  return made;
}

Tape::Value Tape::constant(Matrix numbers) {
  const Value made = add(std::move(numbers), [](const Entry&) {});
  entries_[made].fixed = true;
  return made;
}

Tape::Value Tape::input(Matrix numbers) {
  return add(std::move(numbers), [](const Entry&) {});
}

Tape::Value Tape::rows_of(Value table, std::span<const std::size_t> rows) {
  Matrix y(index(rows.size()), value(table).cols());
  for (std::size_t i = 0; i < rows.size(); ++i) y.row(index(i)) = value(table).row(index(rows[i]));
  std::vector<std::size_t> which(rows.begin(), rows.end());
  return add(std::move(y), [this, table, which = std::move(which)](const Entry& made) {
    for (std::size_t i = 0; i < which.size(); ++i) {
      slope(table).row(index(which[i])) += made.slope.row(index(i));
    }
  });
}

Tape::Value Tape::product(Value x, Value weight) {
  return add(value(x) * value(weight), [this, x, weight](const Entry& made) {
    if (!entries_[x].fixed) slope(x).noalias() += made.slope * value(weight).transpose();
    slope(weight).noalias() += value(x).transpose() * made.slope;
  });
}

Tape::Value Tape::shifted(Value x, Value shift) {
  return add(value(x).rowwise() + value(shift).row(0), [this, x, shift](const Entry& made) {
    slope(x) += made.slope;
    slope(shift).row(0) += made.slope.colwise().sum();
  });
}

Tape::Value Tape::sum(Value a, Value b, float factor) {
  return add(factor * (value(a) + value(b)), [this, a, b, factor](const Entry& made) {
    slope(a) += factor * made.slope;
    slope(b) += factor * made.slope;
  });
}

Tape::Value Tape::times(Value a, Value b) {
  return add(value(a).cwiseProduct(value(b)), [this, a, b](const Entry& made) {
    if (!entries_[a].fixed) slope(a) += made.slope.cwiseProduct(value(b));
    if (!entries_[b].fixed) slope(b) += made.slope.cwiseProduct(value(a));
  });
}

Tape::Value Tape::beside(Value a, Value b) {
  Matrix y(value(a).rows(), value(a).cols() + value(b).cols());
  y << value(a), value(b);
  return add(std::move(y), [this, a, b](const Entry& made) {
    slope(a) += made.slope.leftCols(value(a).cols());
    slope(b) += made.slope.rightCols(value(b).cols());
  });
}

Tape::Value Tape::rectified(Value x) {
  return add(value(x).cwiseMax(0.0F), [this, x](const Entry& made) {
    slope(x).array() += (made.value.array() > 0).select(made.slope.array(), 0.0F);
  });
}

Tape::Value Tape::sigmoid(Value x) {
  return add((1 / (1 + (-value(x).array()).exp())).matrix(), [this, x](const Entry& made) {
    slope(x).array() += made.slope.array() * made.value.array() * (1 - made.value.array());
  });
}

Tape::Value Tape::linked(Value x, const RowLinks& links) {
  Matrix y = Matrix::Zero(links.rows, value(x).cols());
  for (const RowLinks::Link& link : links.links) {
    y.row(link.to) += link.weight * value(x).row(link.from);
  }
  return add(std::move(y), [this, x, links = links.links](const Entry& made) {
    Matrix& at = slope(x);
    for (const RowLinks::Link& link : links) {
      at.row(link.from) += link.weight * made.slope.row(link.to);
    }
  });
}

Tape::Value Tape::attention(Value x, Value own, Value other, const RowLinks& links) {
  const std::vector<RowLinks::Link>& all = links.links;
  std::vector<float> weight(all.size()), raw(all.size());
  Matrix y = Matrix::Zero(links.rows, value(x).cols());
  for (std::size_t first = 0, last = 0; first < all.size(); first = last) {
    float most = -HUGE_VALF, total = 0;
    for (last = first; last < all.size() && all[last].to == all[first].to; ++last) {
      raw[last] = value(own)(all[last].to, 0) + value(other)(all[last].from, 0);
      weight[last] = raw[last] > 0 ? raw[last] : kLeak * raw[last];
      most = std::max(most, weight[last]);
    }
    for (std::size_t i = first; i < last; ++i) total += weight[i] = std::exp(weight[i] - most);
    for (std::size_t i = first; i < last; ++i) {
      weight[i] /= total;
      y.row(all[i].to) += weight[i] * value(x).row(all[i].from);
    }
  }
  return add(std::move(y), [this, x, own, other, all, weight = std::move(weight),
                            raw = std::move(raw)](const Entry& made) {
    Matrix &at_x = slope(x), &at_own = slope(own), &at_other = slope(other);
    for (std::size_t i = 0; i < all.size(); ++i) {
      const auto at = made.slope.row(all[i].to);
      at_x.row(all[i].from) += weight[i] * at;
      // Soft-max: w (d - mean of d), where the mean of d is slope * value.
      const float by_score =
          weight[i] * at.dot(value(x).row(all[i].from) - made.value.row(all[i].to));
      const float by_raw = raw[i] > 0 ? by_score : kLeak * by_score;
      at_own(all[i].to, 0) += by_raw;
      at_other(all[i].from, 0) += by_raw;
    }
  });
}

Tape::Value Tape::normalised(Value x, Value gain, Value shift) {
  Matrix centred = value(x).colwise() - value(x).rowwise().mean();
  const Eigen::VectorXf deviation =
      (centred.array().square().rowwise().mean() + kNormEpsilon).sqrt();
  centred.array().colwise() /= deviation.array();
  Matrix y = (centred.array().rowwise() * value(gain).row(0).array()).rowwise() +
             value(shift).row(0).array();
  return add(std::move(y), [this, x, gain, shift, centred, deviation](const Entry& made) {
    slope(gain).row(0) += made.slope.cwiseProduct(centred).colwise().sum();
    slope(shift).row(0) += made.slope.colwise().sum();
    Matrix g = made.slope.array().rowwise() * value(gain).row(0).array();
    const Eigen::VectorXf mean = g.rowwise().mean(),
                          along = g.cwiseProduct(centred).rowwise().mean();
    g.colwise() -= mean;
    g -= (centred.array().colwise() * along.array()).matrix();
    g.array().colwise() /= deviation.array();
    slope(x) += g;
  });
}

void Tape::backward(Value of, const Matrix& at, std::span<float> gradient) {
  NAS_CHECK(recording_ && gradient.size() == parameters_.size(), "a recorded calculation");
  slope(of) += at;
  for (std::size_t i = of + 1; i-- > 0;) {
    const Entry& entry = entries_[i];
    if (entry.slope.size() == 0) continue;
    if (entry.back) {
      entry.back(entry);
    } else {
      Eigen::Map<Matrix>(gradient.data() + entry.place.first, entry.place.rows,
                         entry.place.columns) += entry.slope;
    }
  }
}

}  // namespace nas
