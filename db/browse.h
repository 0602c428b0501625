#pragma once

#include <filesystem>
#include <memory>

#include "core/api/browse.h"

namespace nas {

/// A connection of its own that changes no byte of the database. Throws as `open_sqlite_store`
/// does.
std::unique_ptr<StudyBrowser> open_sqlite_browser(const std::filesystem::path& path);

}  // namespace nas
