#pragma once

#include "db/sqlite_store.h"

namespace nas {

/// The digests that this program's spaces give stored architectures; remembers the spaces it made.
DigestOf stored_digests();

}  // namespace nas
