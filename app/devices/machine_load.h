#pragma once

#include <string>

namespace nas {

/// How many processors of this machine are at work for others: the average over a quarter of a
/// second in which this process sleeps. 0 where the system does not say.
double busy_processors();

/// "this machine is busy: 2.1 of 4 processors are at work"; "" for less than a quarter of one,
/// which disturbs no measurement of milliseconds.
std::string load_text(double busy);

/// Throws Error(kUnsupported) that names the load on a machine that is at work, and says how to
/// measure all the same.
void require_quiet_machine();

}  // namespace nas
