#pragma once

#include <QStringList>

namespace nas {

/// Before the application is made: a screenshot needs no display.
void prepare_display(int argc, char** argv);

/// The explorer with these arguments; returns the exit code. Throws Error(kUsage) for arguments
/// that make no sense.
int run_explorer(const QStringList& arguments);

/// The views that --screenshot knows, for messages and tests.
QStringList screenshot_views();

}  // namespace nas
