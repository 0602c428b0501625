#include "searchspaces/mixed_radix.h"

#include <string>

#include "core/util/error.h"

namespace nas {

std::uint64_t number_of(std::span<const Decision> decisions, Choices choices) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < decisions.size(); ++i) {
    number = number * decisions[i].choices.size() + choices[i];
  }
  return number;
}

std::vector<std::uint16_t> choices_of(std::span<const Decision> decisions, std::uint64_t number) {
  std::vector<std::uint16_t> choices(decisions.size());
  for (std::size_t i = decisions.size(); i-- > 0;) {
    const std::uint64_t radix = decisions[i].choices.size();
    choices[i] = static_cast<std::uint16_t>(number % radix);
    number /= radix;
  }
  return choices;
}

void check_index(const SpaceInfo& info, std::uint64_t index, std::uint64_t size) {
  if (index < size) return;
  throw Error(ErrorKind::kUsage, info.name + ": index " + std::to_string(index) +
                                     " is past the end, must be in [0, " +
                                     std::to_string(size - 1) + "]");
}

std::uint64_t NumberedSpace::size() const {
  std::uint64_t size = 1;
  for (const Decision& decision : decisions()) size *= decision.choices.size();
  return size;
}

Architecture NumberedSpace::at(std::uint64_t index) const {
  check_index(info(), index, size());
  return {info().name, choices_of(decisions(), index)};
}

std::uint64_t NumberedSpace::index_of(const Architecture& architecture) const {
  validate(*this, architecture);
  return number_of(decisions(), architecture.choices);
}

}  // namespace nas
