#include "db/importers/pickle_path.h"

#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

[[noreturn]] void fail(std::string_view what, const PickleValue& value, const char* expected) {
  throw Error(ErrorKind::kData,
              printable(what) + " is " + value.kind() + ", expected " + std::string(expected));
}

}  // namespace

const PickleDict& dict_of_key(const PickleDict& dict, std::string_view key) {
  const PickleValue* value = dict.find(key);
  if (value == nullptr) {
    throw Error(ErrorKind::kData, "key '" + std::string(key) + "' is missing");
  }
  return as_dict(*value, key);
}

const PickleDict& as_dict(const PickleValue& value, std::string_view what) {
  if (value.dict() == nullptr) fail(what, value, "a dict");
  return *value.dict();
}

const PickleList& as_list(const PickleValue& value, std::string_view what) {
  if (value.list() == nullptr) fail(what, value, "a list");
  return *value.list();
}

const std::string& as_text(const PickleValue& value, std::string_view what) {
  if (value.text() == nullptr) fail(what, value, "a text");
  return *value.text();
}

}  // namespace nas
