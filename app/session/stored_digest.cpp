#include "app/session/stored_digest.h"

#include <map>
#include <memory>

#include "app/session/candidate.h"
#include "core/api/plugin.h"
#include "core/util/error.h"
#include "core/util/text.h"
#include "searchspaces/registry.h"

namespace nas {
namespace {

constexpr std::string_view kSetting = "space.";

/// "; space.width_multiplier=1.2" as options of the space.
OptionMap options_of(std::string_view settings) {
  OptionMap options;
  for (const std::string& part : split(settings, ';')) {
    const std::string_view setting = trim(part);
    if (!setting.starts_with(kSetting)) continue;
    const std::size_t equals = std::min(setting.find('='), setting.size() - 1);
    options.emplace(setting.substr(kSetting.size(), equals - kSetting.size()),
                    setting.substr(equals + 1));
  }
  return options;
}

class StoredDigests {
 public:
  std::optional<Digest> operator()(const StoredArchitecture& stored) {
    try {
      const SearchSpace& space = space_of(stored);
      if (space.info().version != stored.space_version) return std::nullopt;
      return identify(space, space.parse(stored.text)).digest;
    } catch (const Error&) {
      return std::nullopt;  // a space or a text that this program does not know
    }
  }

 private:
  const SearchSpace& space_of(const StoredArchitecture& stored) {
    std::shared_ptr<const SearchSpace>& space = spaces_[stored.space + stored.space_settings];
    if (!space) {
      space = find_plugin(space_plugins(), "space", stored.space)
                  .make(options_of(stored.space_settings));
    }
    return *space;
  }

  std::map<std::string, std::shared_ptr<const SearchSpace>> spaces_;
};

}  // namespace

DigestOf stored_digests() {
  return StoredDigests();
}

}  // namespace nas
