#include "db/importers/json_records.h"

#include <nlohmann/json.hpp>

#include "core/util/error.h"
#include "core/util/nesting.h"
#include "core/util/text.h"

namespace nas {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostKeys = 10000;

}  // namespace

void for_each_json_record(std::string_view text, const std::string& source, std::size_t depth,
                          const JsonVisitor& visit) {
  check_json_nesting(text, source);
  const auto fail = [&](const std::string& what) {
    throw Error(ErrorKind::kData, source + ": " + what);
  };
  std::vector<std::string> keys;
  std::vector<std::size_t> counts(1);  // keys of the open objects
  const auto watch = [&](int level, Json::parse_event_t event, Json& value) {
    const auto at = static_cast<std::size_t>(level);
    switch (event) {
      case Json::parse_event_t::object_start:
        counts.resize(at + 1);
        counts.push_back(0);
        return true;
      case Json::parse_event_t::key:
        // Above the records nothing is kept, so that any number is fine.
        if (at > depth && ++counts[at] > kMostKeys) {
          fail("an object of more than " + std::to_string(kMostKeys) + " keys");
        }
        if (at <= depth) {
          keys.resize(at - 1);
          keys.push_back(value.get<std::string>());
        }
        return true;
      case Json::parse_event_t::object_end:
        if (at == depth) visit(keys, value);
        return at > depth;
      case Json::parse_event_t::value:
      case Json::parse_event_t::array_start:
        if (at <= depth) {
          fail(at == 0 ? "expected one JSON object"
                       : "'" + printable(keys.back()) + "' is no object");
        }
        return true;
      case Json::parse_event_t::array_end:
        return true;
    }
    return true;
  };
  try {
    [[maybe_unused]] const Json emptied = Json::parse(text, watch);
  } catch (const Json::exception&) {
    fail("expected one JSON object; the text is not valid JSON");
  }
}

}  // namespace nas
