#include "core/ir/same/digest.h"

#include <charconv>

#include "core/ir/same/colouring.h"

namespace nas {

Digest digest(const ArchGraph& graph) {
  const Reduction reduction = reduce(graph);
  FlatGraph flat = flatten(graph, reduction);
  Refiner refiner;
  // The second pass starts from colours that know their readers, so that one convolution read twice
  // and two equal convolutions read once differ for everything around them.
  refiner.refine(flat);
  refiner.refine(flat);
  Colour sum;
  for (const Colour& colour : flat.colours) sum.add(colour.finished());
  sum.absorb(flat.nodes.size());
  for (const FlatGraph::Output& output : flat.outputs) {
    sum.absorb(output.name_hash);
    sum.absorb(flat.colours[output.value.node]);
    sum.absorb(output.value.port);
  }
  const Colour final = sum.finished();
  return {{final.a, final.b}};
}

std::string to_hex(const Digest& digest) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const std::uint64_t word : digest.words) {
    for (int shift = 60; shift >= 0; shift -= 4) text += kDigits[(word >> shift) & 15];
  }
  return text;
}

Digest parse_digest(std::string_view hex) {
  Digest digest;
  bool good = hex.size() == 32;
  for (std::size_t i = 0; good && i < 2; ++i) {
    const char* begin = hex.data() + 16 * i;
    const auto [end, error] = std::from_chars(begin, begin + 16, digest.words[i], 16);
    good = error == std::errc() && end == begin + 16;
  }
  if (!good) {
    throw Error(ErrorKind::kData,
                "digest '" + std::string(hex.substr(0, 64)) + "': expected 32 hexadecimal digits");
  }
  return digest;
}

}  // namespace nas
