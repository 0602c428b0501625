#include <utility>

#include "db/importers/pickle.h"

namespace nas {

std::optional<double> PickleValue::number() const {
  if (const bool* truth = std::get_if<bool>(&value_)) return *truth ? 1.0 : 0.0;
  if (const std::int64_t* whole = std::get_if<std::int64_t>(&value_)) {
    return static_cast<double>(*whole);
  }
  if (const double* real = std::get_if<double>(&value_)) return *real;
  return std::nullopt;
}

std::optional<std::int64_t> PickleValue::integer() const {
  if (const std::int64_t* whole = std::get_if<std::int64_t>(&value_)) return *whole;
  return std::nullopt;
}

const PickleText* PickleValue::text_object() const {
  const auto* found = std::get_if<std::shared_ptr<const PickleText>>(&value_);
  return found == nullptr ? nullptr : found->get();
}

const std::string* PickleValue::text() const {
  const PickleText* found = text_object();
  return found == nullptr ? nullptr : &found->text;
}

std::string PickleValue::kind() const {
  if (is_none()) return "None";
  if (text() != nullptr) return "a text";
  if (list() != nullptr) return "a list of " + std::to_string(list()->items.size());
  if (dict() != nullptr) return "a dict of " + std::to_string(dict()->items.size());
  if (object() != nullptr) return object()->global;
  return "a number";
}

const PickleValue* PickleDict::find(std::string_view key) const {
  for (auto item = items.rbegin(); item != items.rend(); ++item) {
    const std::string* text = item->first.text();
    if (text != nullptr && *text == key) return &item->second;
  }
  return nullptr;
}

void release(PickleValue& value) {
  if (PickleList* list = value.list()) {
    std::vector<PickleValue> items = std::move(list->items);
    list->items.clear();
    for (PickleValue& item : items) release(item);
  } else if (PickleDict* dict = value.dict()) {
    auto items = std::move(dict->items);
    dict->items.clear();
    for (auto& [key, item] : items) {
      release(key);
      release(item);
    }
  } else if (PickleObject* object = value.object()) {
    object->arguments = {};
    object->state = {};
  }
}

}  // namespace nas
