#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "core/api/search_space.h"
#include "core/ir/draw/svg_page.h"

namespace nas {

/// More boxes than this are hard to read on one page: a drawing is folded until it has fewer.
inline constexpr std::size_t kReadableBoxes = 60;

/// What every table and drawing says of a network, from one place.
struct NetworkFacts {
  std::int64_t params = 0;
  std::int64_t macs = 0;  ///< in the space's published convention
  std::int64_t peak_activation_bytes = 0;
};
NetworkFacts network_facts(const SearchSpace& space, const ArchGraph& graph);

/// Above a drawing: space, architecture, the facts as `arch show` gives them, and which network of
/// the architecture it is (may be "").
SvgHeading architecture_heading(const SearchSpace& space, const std::string& text,
                                const ArchGraph& graph, const std::string& network);

/// The same of a network that a file holds, MACs by our own count.
SvgHeading file_heading(const std::string& file, const ArchGraph& graph,
                        const std::string& network);

}  // namespace nas
