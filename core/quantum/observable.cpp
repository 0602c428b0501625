#include "core/quantum/observable.h"

#include <algorithm>
#include <bit>
#include <string>

#include "core/quantum/kernels.h"
#include "core/util/error.h"

namespace nas {
namespace {

constexpr std::size_t kLanes = State::kLanes;
// Tables of all flip masks together; above, factors are computed as they are needed.
constexpr std::size_t kTableBytes = std::size_t{64} << 20;

void check_equal(int a, int b) {
  if (a == b) return;
  throw Error(ErrorKind::kUsage, "the observable has " + std::to_string(a) + " qubits, the state " +
                                     std::to_string(b));
}

bool is_odd(std::uint64_t bits) {
  return (std::popcount(bits) & 1) != 0;
}

// In P |j> = i^{nY} (-1)^{popcount(j & z)} |j xor x>, row i stands at j = i xor x. i^{nY} is real
// for an even number of Y; `factor` is it times the weight, over i where the number is odd.
struct RowTerm {
  explicit RowTerm(const PauliTerm& term)
      : z(term.z), imaginary(is_odd(term.x & term.z)), factor(term.weight) {
    const int y = std::popcount(term.x & term.z);
    if (((y / 2) & 1) != 0) factor = -factor;
    if (is_odd(term.x & term.z)) factor = -factor;  // of (i xor x) & z, whose parity adds nY
  }
  double at(std::uint64_t row) const { return is_odd(row & z) ? -factor : factor; }

  std::uint64_t z;
  bool imaginary;
  double factor;
};

// One flip mask's factors of rows [begin, begin + count).
void fill_factors(const std::vector<PauliTerm>& terms, std::uint64_t begin, std::size_t count,
                  double* re, double* im) {
  std::fill(re, re + count, 0.0);
  if (im != nullptr) std::fill(im, im + count, 0.0);
  for (const PauliTerm& term : terms) {
    const RowTerm row(term);
    double* to = row.imaginary ? im : re;
    for (std::size_t i = 0; i < count; ++i) to[i] += row.at(begin + i);
  }
}

bool has_imaginary(const std::vector<PauliTerm>& terms) {
  return std::any_of(terms.begin(), terms.end(),
                     [](const PauliTerm& t) { return is_odd(t.x & t.z); });
}

}  // namespace

Observable::Observable(const PauliSum& sum) : qubits_(sum.qubits()) {
  for (const PauliTerm& term : sum.terms()) {
    if (term.weight == 0) continue;
    const auto same = std::find_if(flips_.begin(), flips_.end(),
                                   [&](const Flip& flip) { return flip.mask == term.x; });
    Flip& flip = same == flips_.end() ? flips_.emplace_back() : *same;
    flip.mask = term.x;
    flip.terms.push_back(term);
  }
  const double bytes =
      8.0 * static_cast<double>(flips_.size()) * static_cast<double>(std::uint64_t{1} << qubits_);
  if (bytes > static_cast<double>(kTableBytes)) return;
  const std::size_t size = std::max(kLanes, std::size_t{1} << qubits_);
  for (Flip& flip : flips_) {
    flip.re.resize(size);
    if (has_imaginary(flip.terms)) flip.im.resize(size);
    fill_factors(flip.terms, 0, size, flip.re.data(), flip.im.empty() ? nullptr : flip.im.data());
  }
}

Observable Observable::projector(const State& target, double weight) {
  Observable result;
  result.qubits_ = target.qubits();
  result.target_ = std::make_shared<const State>(target);
  result.weight_ = weight;
  return result;
}

Observable Observable::diagonal(std::vector<double> values) {
  if (values.size() < 2 || !std::has_single_bit(values.size())) {
    throw Error(ErrorKind::kUsage,
                "a diagonal has 2, 4, 8, ... values, not " + std::to_string(values.size()));
  }
  Observable result;
  result.qubits_ = std::countr_zero(values.size());
  values.resize(std::max(kLanes, values.size()));
  result.flips_.push_back({0, std::move(values), {}, {}});
  return result;
}

double Observable::expectation(const State& state) const {
  if (target_ != nullptr) return weight_ * fidelity(*target_, state);
  State out(state.qubits());
  return apply(state, out);
}

double Observable::apply(const State& state, State& out) const {
  check_equal(qubits_, state.qubits());
  check_equal(qubits_, out.qubits());
  const std::size_t blocks = state.blocks();
  const double* in = state.data();
  double* to = out.data();
  if (target_ != nullptr) {
    const Amplitude along = weight_ * inner_product(*target_, state);
    const double* from = target_->data();
    for (std::size_t i = 0; i < blocks * 2 * kLanes; i += 2 * kLanes) {
      for (std::size_t k = i; k < i + kLanes; ++k) {
        const double re = from[k], im = from[k + kLanes];
        to[k] = along.real() * re - along.imag() * im;
        to[k + kLanes] = along.real() * im + along.imag() * re;
      }
    }
    return std::norm(along) / weight_;
  }
  bool add = false;
  if (flips_.empty()) std::fill(to, to + blocks * 2 * kLanes, 0.0);
  for (const Flip& flip : flips_) {
    if (!flip.re.empty()) {
      const FlipTable table = {flip.mask, flip.re.data(),
                               flip.im.empty() ? nullptr : flip.im.data()};
      double_kernels().flip_add(in, to, blocks, table, add);
    } else {
      apply_terms(flip, state, out, add);
    }
    add = true;
  }
  double sum[2];
  kernels<double>().inner(in, to, blocks, sum);
  return sum[0];
}

// Factors a chunk at a time, of rows whose partners are a chunk as well: the mask's low bits stay
// inside a chunk, the high ones choose the other.
void Observable::apply_terms(const Flip& flip, const State& state, State& out, bool add) const {
  constexpr std::size_t kChunk = 1024;
  std::vector<double> re(kChunk), im(has_imaginary(flip.terms) ? kChunk : 0);
  double* imaginary = im.empty() ? nullptr : im.data();
  const std::uint64_t low = flip.mask & (kChunk - 1), high = flip.mask & ~(kChunk - 1);
  const FlipTable table = {low, re.data(), imaginary};
  for (std::uint64_t begin = 0; begin < state.size(); begin += kChunk) {
    fill_factors(flip.terms, begin, kChunk, re.data(), imaginary);
    double_kernels().flip_add(state.data() + 2 * (begin ^ high), out.data() + 2 * begin,
                              kChunk / kLanes, table, add);
  }
}

double expectation(const State& state, const PauliSum& sum) {
  return Observable(sum).expectation(state);
}

}  // namespace nas
