#pragma once

#include <complex>
#include <cstddef>
#include <memory>
#include <span>

namespace nas {

/// The two sides of a transform, aligned for it: a signal [size] and its spectrum [size / 2 + 1].
/// Zero at first. One for each thread.
class FftBuffer {
 public:
  explicit FftBuffer(std::size_t size);
  std::span<float> signal() { return {signal_.get(), size_}; }
  std::span<std::complex<float>> spectrum() { return {spectrum_.get(), size_ / 2 + 1}; }

 private:
  struct Release {
    void operator()(void* memory) const;
  };
  std::size_t size_;
  std::unique_ptr<float[], Release> signal_;
  std::unique_ptr<std::complex<float>[], Release> spectrum_;
};

/// Discrete Fourier transform of real signals of one length. Immutable; may be used by several
/// threads at once. Equal input gives equal bits: plans are estimated, never timed.
class RealFft {
 public:
  /// Takes milliseconds at most. Requires size >= 1.
  explicit RealFft(std::size_t size);
  ~RealFft();
  RealFft(const RealFft&) = delete;
  RealFft& operator=(const RealFft&) = delete;

  std::size_t size() const { return size_; }
  /// Signal to spectrum: X_k = sum_t x_t exp(-2 pi i k t / size). Keeps the signal.
  void forward(FftBuffer& buffer) const;
  /// Spectrum to signal, divided by the size: the inverse of `forward`. Overwrites the spectrum.
  void inverse(FftBuffer& buffer) const;

 private:
  std::size_t size_;
  void* forward_ = nullptr;
  void* inverse_ = nullptr;
};

}  // namespace nas
