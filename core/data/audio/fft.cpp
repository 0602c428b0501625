#include "core/data/audio/fft.h"

#include <fftw3.h>

#include <algorithm>
#include <mutex>
#include <new>

#include "core/util/error.h"

namespace nas {
namespace {

// FFTW's planner has state of its own and one user at a time; executing a plan is free of both.
std::mutex& planner() {
  static std::mutex mutex;
  return mutex;
}

void* allocated(std::size_t bytes) {
  void* memory = ::fftwf_malloc(bytes);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

fftwf_complex* as_fftw(std::complex<float>* values) {
  return reinterpret_cast<fftwf_complex*>(values);  // the same layout: FFTW manual, section 4.1.1
}

}  // namespace

void FftBuffer::Release::operator()(void* memory) const {
  ::fftwf_free(memory);
}

FftBuffer::FftBuffer(std::size_t size)
    : size_(size),
      signal_(static_cast<float*>(allocated(size * sizeof(float)))),
      spectrum_(static_cast<std::complex<float>*>(
          allocated((size / 2 + 1) * sizeof(std::complex<float>)))) {
  std::fill_n(signal_.get(), size, 0.0F);
  std::fill_n(spectrum_.get(), size / 2 + 1, std::complex<float>());
}

RealFft::RealFft(std::size_t size) : size_(size) {
  NAS_CHECK(size >= 1, "a transform has a length");
  FftBuffer buffer(size);  // only its alignment counts
  const int n = static_cast<int>(size);
  const std::lock_guard lock(planner());
  forward_ = ::fftwf_plan_dft_r2c_1d(n, buffer.signal().data(), as_fftw(buffer.spectrum().data()),
                                     FFTW_ESTIMATE | FFTW_PRESERVE_INPUT);
  inverse_ = ::fftwf_plan_dft_c2r_1d(n, as_fftw(buffer.spectrum().data()), buffer.signal().data(),
                                     FFTW_ESTIMATE);
  NAS_CHECK(forward_ != nullptr && inverse_ != nullptr, "FFTW has a plan for every length");
}

RealFft::~RealFft() {
  const std::lock_guard lock(planner());
  ::fftwf_destroy_plan(static_cast<fftwf_plan>(forward_));
  ::fftwf_destroy_plan(static_cast<fftwf_plan>(inverse_));
}

void RealFft::forward(FftBuffer& buffer) const {
  NAS_CHECK(buffer.signal().size() == size_, "a buffer of this length");
  ::fftwf_execute_dft_r2c(static_cast<fftwf_plan>(forward_), buffer.signal().data(),
                          as_fftw(buffer.spectrum().data()));
}

void RealFft::inverse(FftBuffer& buffer) const {
  NAS_CHECK(buffer.signal().size() == size_, "a buffer of this length");
  ::fftwf_execute_dft_c2r(static_cast<fftwf_plan>(inverse_), as_fftw(buffer.spectrum().data()),
                          buffer.signal().data());
  const auto scale = 1.0F / static_cast<float>(size_);
  for (float& value : buffer.signal()) value *= scale;
}

}  // namespace nas
