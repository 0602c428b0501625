#pragma once

#include <memory>

#include "db/connection.h"
#include "db/open_store.h"

namespace nas {

/// A connection of the back end that an address names, for what works on rows of tables. Throws as
/// `open_store`.
std::unique_ptr<Connection> connect_to(const StoreAddress& address, OpenMode mode,
                                       const StoreOptions& options = {});

}  // namespace nas
