#include "core/quantum/state.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <new>

#include "core/quantum/circuit.h"
#include "core/quantum/kernels.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

constexpr std::size_t kHugePage = std::size_t{2} << 20;

void check_fits(int qubits, bool single_precision) {
  if (qubits < 1 || qubits > Circuit::kMaxQubits) {
    throw Error(ErrorKind::kUsage, "a state has 1 to " + std::to_string(Circuit::kMaxQubits) +
                                       " qubits, not " + std::to_string(qubits));
  }
  const std::int64_t machine = sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE);
  if (state_bytes(qubits, single_precision) <= machine) return;
  int most = qubits;
  while (most > 1 && state_bytes(most, single_precision) > machine) --most;
  throw Error(ErrorKind::kUnsupported, "the state of " + std::to_string(qubits) + " qubits needs " +
                                           format_bytes(state_bytes(qubits, single_precision)) +
                                           " of memory, this machine has " + format_bytes(machine) +
                                           ": at most " + std::to_string(most) + " qubits");
}

template <class Real>
std::size_t data_bytes(const BasicState<Real>& state) {
  return state.blocks() * 128;
}

// Large states lie on large pages: gates with far partners touch many pages at once.
void* allocate(std::size_t bytes) {
  const std::size_t alignment = bytes >= 2 * kHugePage ? kHugePage : 64;
  void* memory = std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
  if (memory == nullptr) throw std::bad_alloc();
  if (alignment == kHugePage) madvise(memory, bytes, MADV_HUGEPAGE);
  return memory;
}

void check_equal(int a, int b) {
  if (a == b) return;
  throw Error(ErrorKind::kUsage, "states of " + std::to_string(a) + " and of " + std::to_string(b) +
                                     " qubits do not go together");
}

}  // namespace

std::int64_t state_bytes(int qubits, bool single_precision) {
  return (std::int64_t{1} << qubits) * (single_precision ? 8 : 16);
}

template <class Real>
BasicState<Real>::BasicState(int qubits) : qubits_(qubits) {
  check_fits(qubits, sizeof(Real) == 4);
  data_ = static_cast<Real*>(allocate(data_bytes(*this)));
  set_basis(0);
}
template <class Real>
BasicState<Real>::~BasicState() {
  std::free(data_);
}
template <class Real>
BasicState<Real>::BasicState(const BasicState& other) : qubits_(other.qubits_) {
  data_ = static_cast<Real*>(allocate(data_bytes(*this)));
  std::memcpy(data_, other.data_, data_bytes(*this));
}
template <class Real>
BasicState<Real>::BasicState(BasicState&& other) noexcept
    : qubits_(other.qubits_), data_(other.data_) {
  other.data_ = nullptr;
}
template <class Real>
BasicState<Real>& BasicState<Real>::operator=(const BasicState& other) {
  if (this == &other) return *this;
  if (data_ != nullptr && qubits_ == other.qubits_) {
    std::memcpy(data_, other.data_, data_bytes(*this));
    return *this;
  }
  return *this = BasicState(other);
}
template <class Real>
BasicState<Real>& BasicState<Real>::operator=(BasicState&& other) noexcept {
  std::swap(qubits_, other.qubits_);
  std::swap(data_, other.data_);
  return *this;
}

template <class Real>
BasicState<Real> BasicState<Real>::from(std::span<const Amplitude> amplitudes) {
  const std::size_t size = amplitudes.size();
  if (size < 2 || (size & (size - 1)) != 0) {
    throw Error(ErrorKind::kData,
                "a state has 2, 4, 8, ... amplitudes, not " + std::to_string(amplitudes.size()));
  }
  double norm = 0;
  for (const Amplitude& a : amplitudes) norm += std::norm(a);
  if (!(std::abs(norm - 1) <= 1e-6)) {
    throw Error(ErrorKind::kData,
                "the squared amplitudes of a state sum to 1, not to " + format_short(norm, 8));
  }
  int qubits = 0;
  while (std::size_t{1} << qubits < size) ++qubits;
  BasicState state(qubits);
  for (std::size_t i = 0; i < size; ++i) state.set(i, amplitudes[i]);
  return state;
}

template <class Real>
void BasicState<Real>::set(std::size_t index, Amplitude value) {
  Real* block = data_ + index / kLanes * (2 * kLanes) + index % kLanes;
  block[0] = static_cast<Real>(value.real());
  block[kLanes] = static_cast<Real>(value.imag());
}

template <class Real>
void BasicState<Real>::set_basis(std::size_t index) {
  std::memset(data_, 0, data_bytes(*this));
  set(index, 1);
}

template <class Real>
std::vector<Amplitude> BasicState<Real>::amplitudes() const {
  std::vector<Amplitude> all(size());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = at(i);
  return all;
}

template <class Real>
Amplitude inner_product(const BasicState<Real>& a, const BasicState<Real>& b) {
  check_equal(a.qubits(), b.qubits());
  double sum[2];
  kernels<Real>().inner(a.data(), b.data(), a.blocks(), sum);
  return {sum[0], sum[1]};
}

template <class Real>
double fidelity(const BasicState<Real>& a, const BasicState<Real>& b) {
  return std::norm(inner_product(a, b));
}

template <class Real>
std::vector<double> probabilities(const BasicState<Real>& state) {
  std::vector<double> all(state.size());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = std::norm(state.at(i));
  return all;
}

template <class Real>
std::vector<Measured> sample(const BasicState<Real>& state, std::int64_t shots, Rng& rng) {
  // Sorted draws walk once along the cumulated probabilities; dividing by their sum forgives
  // rounding.
  double total = 0;
  for (std::size_t i = 0; i < state.size(); ++i) total += std::norm(state.at(i));
  std::vector<double> draws(static_cast<std::size_t>(std::max<std::int64_t>(shots, 0)));
  for (double& draw : draws) draw = rng.uniform() * total;
  std::sort(draws.begin(), draws.end());
  std::vector<Measured> outcomes;
  double below = 0;
  std::size_t next = 0;
  for (std::size_t i = 0; i < state.size() && next < draws.size(); ++i) {
    below += std::norm(state.at(i));
    const bool last = i + 1 == state.size();
    std::int64_t count = 0;
    while (next < draws.size() && (draws[next] < below || last)) {
      ++next;
      ++count;
    }
    if (count > 0) outcomes.push_back({i, count});
  }
  return outcomes;
}

std::string basis_text(std::uint64_t index, int qubits) {
  std::string text;
  for (int q = 0; q < qubits; ++q) text += (index >> (qubits - 1 - q) & 1) != 0 ? '1' : '0';
  return text;
}

template class BasicState<double>;
template class BasicState<float>;
template Amplitude inner_product(const State&, const State&);
template Amplitude inner_product(const FloatState&, const FloatState&);
template double fidelity(const State&, const State&);
template double fidelity(const FloatState&, const FloatState&);
template std::vector<double> probabilities(const State&);
template std::vector<double> probabilities(const FloatState&);
template std::vector<Measured> sample(const State&, std::int64_t, Rng&);
template std::vector<Measured> sample(const FloatState&, std::int64_t, Rng&);

}  // namespace nas
