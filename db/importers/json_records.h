#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace nas {

/// One object of a JSON text and the keys that lead to it, from the root.
using JsonVisitor =
    std::function<void(const std::vector<std::string>& keys, const nlohmann::ordered_json& object)>;

/// Calls `visit` for the objects `depth` levels below the root object (0: the root itself), in
/// their order, and forgets each afterwards: no more than one is held, and a million of them cost
/// linear time (an ordered_json alone compares every key with all before it). Throws Error(kData),
/// starting with `source`, for text that is no JSON object, for anything else than objects above
/// that level, and for an object of more than 10,000 keys.
void for_each_json_record(std::string_view text, const std::string& source, std::size_t depth,
                          const JsonVisitor& visit);

}  // namespace nas
