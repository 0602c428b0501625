#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "hwmodels/network_parts.h"

namespace nas {

/// How a look-up table names the parts of a network.
///
/// The published forms have keys for inverted residual blocks, convolutions outside of them
/// (numbered in the order of the network), the pooling and the classifier; normalisations,
/// activations and additions are part of the measured blocks and free. Sizes are height x width x
/// channels. Theirs are those of the network: where ProxylessNAS rounds an odd size down when it
/// halves it, the network rounds up, so such a key is not found; 224 has none.
///
///   ProxylessNAS
///   expanded_conv-input:112x112x16-output:56x56x24-expand:3-kernel:5-stride:2-idskip:0
///                 "expand" is the RATIO; the classifier is keyed with the input of the pooling.
///   Once-for-All  the same with -se:0-hs:1 behind; "expand" is the number of MIDDLE CHANNELS, and
///                 the pooling has an entry.
///
/// Our own form names any part: the operation, the sizes of its inputs (channels first) and the
/// attributes that are not at their defaults, with a blank between them:
///
///   mbconv 16x112x112 mid_channels=48 out_channels=24 kernel=3 stride=2
///
/// "relu *" stands for every use of an operation that has no entry of its own.
struct LookupDialect {
  std::string_view name;
  std::string_view meaning;
  /// nullopt: the part is free. Throws Error(kUnsupported) for a part that such tables cannot have.
  std::optional<std::string> (*key)(const PartUse& part);
  bool wildcards = false;  ///< has entries for all uses of an operation
};
std::span<const LookupDialect> lookup_dialects();
/// Our own form, which names any part.
const LookupDialect& own_dialect();

/// Of the keys of a table.
const LookupDialect& recognise_dialect(std::span<const std::string> keys);

/// "mbconv *".
std::string wildcard_key(const PartUse& part);

}  // namespace nas
