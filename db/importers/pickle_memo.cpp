#include "db/importers/pickle_memo.h"

#include <utility>

#include "core/util/error.h"

namespace nas {
namespace {

constexpr std::size_t kLongestShared = 64;
constexpr std::size_t kMostShared = std::size_t{1} << 20;
constexpr std::uint32_t kOther = std::uint32_t{1} << 31;
constexpr std::size_t kRecent = 64;  // values stored between making an object and its state

PickleValue text_value(std::string text, bool bytes) {
  auto value = std::make_shared<PickleText>();
  value->text = std::move(text);
  value->bytes = bytes;
  return PickleValue(std::shared_ptr<const PickleText>(std::move(value)));
}

}  // namespace

PickleValue PickleMemo::text(std::string text, bool bytes) {
  if (text.size() > kLongestShared) return text_value(std::move(text), bytes);
  if (const auto known = known_texts_.find({text, bytes}); known != known_texts_.end()) {
    return texts_[known->second];
  }
  PickleValue value = text_value(std::move(text), bytes);
  if (texts_.size() < kMostShared) {
    known_texts_.emplace(TextKey{*value.text(), bytes}, static_cast<std::uint32_t>(texts_.size()));
    texts_.push_back(value);
  }
  return value;
}

std::uint32_t PickleMemo::reference_to(const PickleValue& value) {
  if (const PickleText* text = value.text_object(); text != nullptr) {
    const auto known = known_texts_.find({text->text, text->bytes});
    if (known != known_texts_.end()) return known->second;
  }
  if (others_.size() >= kOther) throw Error(ErrorKind::kData, "more values than can be remembered");
  others_.push_back(value);
  return static_cast<std::uint32_t>(others_.size() - 1) | kOther;
}

void PickleMemo::put(std::uint64_t index, const PickleValue& value) {
  const std::uint32_t reference = reference_to(value);
  if (index == references_.size()) {
    references_.push_back(reference);
  } else {
    references_[static_cast<std::size_t>(index)] = reference;
  }
}

const PickleValue& PickleMemo::at(std::uint64_t index) const {
  const std::uint32_t reference = references_[static_cast<std::size_t>(index)];
  return (reference & kOther) != 0 ? others_[reference & ~kOther] : texts_[reference];
}

void PickleMemo::replace_recent(const PickleObject* object, const PickleValue& value) {
  const std::size_t recent = others_.size() > kRecent ? others_.size() - kRecent : 0;
  for (std::size_t i = others_.size(); i-- > recent;) {
    if (others_[i].object() == object) others_[i] = value;
  }
}

}  // namespace nas
