#include "searchspaces/ofa_parts.h"

#include <algorithm>
#include <array>

#include "core/util/text.h"

namespace nas {

std::vector<std::int64_t> ofa_resolutions() {
  constexpr std::int64_t kFirst = 128, kLast = 260, kStep = 4;
  std::vector<std::int64_t> sizes;
  for (std::int64_t r = kFirst; r <= kLast; r += kStep) sizes.push_back(r);
  return sizes;
}

Task ofa_task(const SearchSpace& space, const Architecture& architecture, const Task& task) {
  if (task.input != space.info().default_task.input) return task;
  const std::string& name = space.decisions()[0].choices[architecture.choices[0]];
  const std::int64_t size = parse_int(name).value();
  Task resized = task;
  resized.input = {task.input[0], size, size};
  return resized;
}

std::string list_text(std::span<const std::string> names, Choices choices) {
  std::string text;
  for (const std::uint16_t choice : choices) {
    if (!text.empty()) text += ',';
    text += names[choice];
  }
  return text;
}

std::vector<std::uint16_t> read_list(NotationReader& reader, std::string_view what,
                                     std::span<const std::string> names) {
  std::vector<std::uint16_t> choices;
  do {
    reader.skip_blanks();
    choices.push_back(reader.choice(what, names, "."));
    reader.skip_blanks();
  } while (reader.take(","));
  return choices;
}

std::string_view count_word(std::size_t count) {
  constexpr std::array<std::string_view, 8> kWords{"no",   "one",  "two", "three",
                                                   "four", "five", "six", "seven"};
  return kWords.at(count);
}

std::vector<bool> StageSlots::existing(std::span<const std::size_t> depths) const {
  std::vector<bool> exist;
  for (std::size_t stage = 0; stage < slots_.size(); ++stage) {
    for (std::size_t block = 0; block < slots_[stage]; ++block) {
      exist.push_back(block < depths[stage]);
    }
  }
  return exist;
}

void StageSlots::fill(const NotationReader& reader, std::span<const std::uint16_t> list,
                      std::span<const std::size_t> depths, std::span<std::uint16_t> genes) const {
  const std::vector<bool> exist = existing(depths);
  if (list.size() == exist.size()) {
    std::copy(list.begin(), list.end(), genes.begin());
    return;
  }
  const auto count = static_cast<std::size_t>(std::count(exist.begin(), exist.end(), true));
  if (list.size() != count) {
    reader.fail("a list of " + std::to_string(exist.size()) + " slots or of the " +
                std::to_string(count) + " existing blocks before (it has " +
                std::to_string(list.size()) + ")");
  }
  std::size_t next = 0;
  for (std::size_t slot = 0; slot < exist.size(); ++slot) {
    if (exist[slot]) genes[slot] = list[next++];
  }
}

}  // namespace nas
