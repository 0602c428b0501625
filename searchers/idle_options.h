#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/util/options.h"

namespace nas {

/// Options that are set and change nothing in the mode that others chose. An option counts as set
/// where it is not at its default: a stored configuration names all.
class IdleOptions {
 public:
  /// `given` and `standard`: of `fields_to_map`.
  IdleOptions(OptionMap given, OptionMap standard)
      : given_(std::move(given)), standard_(std::move(standard)) {}
  template <class S, std::size_t N>
  static IdleOptions of(const std::array<Field<S>, N>& fields, const S& options) {
    return {fields_to_map<S>(fields, options), fields_to_map<S>(fields, S{})};
  }

  /// `when`: "with gates = full_v2".
  void add(const std::vector<std::string_view>& names, const std::string& when);
  /// Throws Error(kUsage) with all of them: "paths = 5 has no effect with gates = full_v2".
  void throw_if_any(std::string_view what) const;

 private:
  OptionMap given_, standard_;
  std::vector<std::string> problems_;
};

}  // namespace nas
