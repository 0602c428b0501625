#pragma once

#include "app/presentation/table.h"
#include "core/api/store.h"

namespace nas {

/// Who works where, since when and how fast, and how long leases last: the workers of the queue,
/// and processes that evaluate trials of a search on threads of their own. `all`: also those that
/// have ended or were not seen for long.
Table workers_table(const Store& store, bool all);

/// One line for each study that a process proposes trials of: "study 's' is proposed by 'host:12',
/// whose lease ends in 43 s; 3 wait, 8 run". Studies without a queue are left out.
std::string coordinators_text(const Store& store);

}  // namespace nas
