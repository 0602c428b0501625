#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace nas {

/// The form that the ending of a file to be written names, in small letters: "svg" of "cell.SVG";
/// nullopt for one that is not among `known`, "svg|dot|json".
std::optional<std::string> known_form(const std::filesystem::path& file, std::string_view known);

/// The same where nothing else says the form. `what` names the place: "--output". Throws
/// Error(kUsage) for another ending or none, with the known ones: nothing is written in a form that
/// nobody asked for.
std::string form_of_file(const std::filesystem::path& file, std::string_view known,
                         std::string_view what);

/// Throws Error(kUsage) where a folder is to be written under a name that ends as files do
/// ("report.pdf") and is not a folder yet. `holds` says what is written into it.
void require_folder_name(const std::filesystem::path& folder, std::string_view what,
                         std::string_view holds);

}  // namespace nas
