#include <doctest/doctest.h>
#include <malloc.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <ctime>
#include <new>

#include "core/util/error.h"
#include "tests/db/hostile_samples.h"

// Every reader of foreign bytes, attacked byte by byte: what comes back is a value or one line,
// after little time and memory, whatever the bytes say about their own length.

namespace {

std::atomic<std::size_t> live_bytes{0}, most_bytes{0};

[[maybe_unused]] void count_up(void* memory) {
  const std::size_t now = live_bytes += malloc_usable_size(memory);
  if (now > most_bytes) most_bytes = now;
}

}  // namespace

#ifndef __SANITIZE_ADDRESS__  // which must see every allocation itself
void* operator new(std::size_t size) {
  void* memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) throw std::bad_alloc();
  count_up(memory);
  return memory;
}
void operator delete(void* memory) noexcept {
  if (memory == nullptr) return;
  live_bytes -= malloc_usable_size(memory);
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  operator delete(memory);
}
#endif

namespace nas::test {
namespace {

#ifdef __SANITIZE_ADDRESS__
constexpr double kMostSeconds = 10;
#else
constexpr double kMostSeconds = 1;
#endif
constexpr std::size_t kMostBytes = std::size_t{64} << 20;

}  // namespace

namespace {

/// One line, and nothing below it but a list of candidates, indented.
bool is_one_line(const std::string& refusal) {
  for (std::size_t at = refusal.find('\n'); at != std::string::npos;
       at = refusal.find('\n', at + 1)) {
    if (refusal.compare(at + 1, 2, "  ") != 0) return false;
  }
  return !refusal.empty();
}

}  // namespace

Outcome outcome_of(const HostileFormat& format, const std::string& bytes) {
  const std::clock_t begin = std::clock();  // of the processor: a busy machine is no fault
  const std::size_t before = live_bytes;
  most_bytes = before;
  std::string fault, refusal;
  try {
    format.read(bytes);
  } catch (const Error& error) {
    refusal = error.what();
    const bool one_line = is_one_line(refusal);
    if (!one_line) fault = "not one line: " + refusal;
    if (error.kind() == ErrorKind::kInternal) fault = "our own bug: " + refusal;
  } catch (const std::exception& error) {
    fault = std::string("another exception: ") + error.what();
  }
  const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  if (seconds > kMostSeconds) fault = std::to_string(seconds) + " seconds";
  if (most_bytes - before > kMostBytes) {
    fault = std::to_string((most_bytes - before) >> 20) + " MB of memory";
  }
  return {fault, refusal};
}

namespace {

/// How far the next attack is: the head is attacked in every byte, the rest in every fourth, which
/// keeps the test within seconds. SEARCHLIGHT_EVERY_BYTE=1 attacks the rest in every byte, too.
std::size_t step_at(const HostileFormat& format, std::size_t at) {
  constexpr std::size_t kHead = 64, kThinned = 4;
  static const bool every_byte = std::getenv("SEARCHLIGHT_EVERY_BYTE") != nullptr;
  return at < kHead || every_byte ? format.stride : kThinned * format.stride;
}

/// Calls `visit(bytes, what was done)` for every attack on the sample.
template <class Visit>
void for_each_attack(const HostileFormat& format, Visit visit) {
  const std::string& good = format.sample;
  for (std::size_t at = 0; at < good.size(); at += step_at(format, at)) {
    const std::string place = " at byte " + std::to_string(at);
    visit(good.substr(0, at), "cut off" + place);
    for (int bit = 0; bit < 8; ++bit) {
      std::string bytes = good;
      bytes[at] = static_cast<char>(bytes[at] ^ (1 << bit));
      visit(bytes, "bit " + std::to_string(bit) + " flipped" + place);
    }
    // Numbers of all widths and both byte orders that are huge, or negative.
    for (const std::size_t width : {1U, 2U, 4U, 8U}) {
      if (at + width > good.size()) continue;
      std::string bytes = good;
      std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), width, '\xff');
      visit(bytes, std::to_string(width) + " bytes ff" + place);
      bytes[at] = '\x7f';
      visit(bytes, "a huge number, high byte first," + place);
      bytes[at] = '\xff';
      bytes[at + width - 1] = '\x7f';
      visit(bytes, "a huge number, low byte first," + place);
      std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), width, '\0');
      visit(bytes, std::to_string(width) + " bytes 0" + place);
    }
    std::string longer = good;
    longer.insert(at, good.substr(at / 2, 40));
    visit(longer, "another part put in" + place);
    longer = good;
    longer.insert(at, "99999999999999999999");
    visit(longer, "digits put in" + place);
    longer = good;
    longer.erase(at, 1);
    visit(longer, "a byte taken out" + place);
  }
  visit(good + good, "twice");
  visit(good + std::string(1000, '\xff'), "with bytes behind it");
}

void attack(const std::vector<HostileFormat>& formats) {
  for (const HostileFormat& format : formats) {
    CAPTURE(format.name);
    std::size_t attacks = 0, refused = 0, faults = 0;
    const Outcome good = outcome_of(format, format.sample);
    CHECK_MESSAGE(good.fault.empty(), format.name, ": the sample itself: ", good.fault);
    CHECK_MESSAGE(good.refusal.empty() == format.valid, format.name, ": ", good.refusal);
    for_each_attack(format, [&](const std::string& bytes, const std::string& what) {
      ++attacks;
      const Outcome outcome = outcome_of(format, bytes);
      refused += outcome.refusal.empty() ? 0 : 1;
      if (outcome.fault.empty()) return;
      if (++faults <= 3) FAIL_CHECK(format.name, ", ", what, ": ", outcome.fault);
    });
    CHECK(faults == 0);
    CHECK(refused > attacks / 20);  // else the bytes never came to the reader
  }
}

TEST_CASE("hostile bytes: containers and frames") {
  attack(container_formats());
}

TEST_CASE("hostile bytes: importers of benchmarks") {
  attack(importer_formats());
}

TEST_CASE("hostile bytes: data sets and images") {
  attack(data_formats());
}

TEST_CASE("hostile bytes: architectures and graphs as text") {
  attack(text_formats());
}

}  // namespace
}  // namespace nas::test
