#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/data/dataset.h"

namespace nas {

/// What the loader of one kind returns: images and labels as the files hold them. `load_dataset`
/// checks that both sets agree, and adds identity and statistics.
struct LoadedImages {
  std::vector<std::string> classes;
  ImageSet train;
  ImageSet test;
  std::string note{};  ///< what the loader decided itself, for people
};

/// The record of a kind of images, the only place where its name is written.
struct DatasetKind {
  DatasetInfo info;
  LoadedImages (*load)(const std::filesystem::path& directory) = nullptr;
  /// "name:DIR@SIDE": images resized to SIDE x SIDE; nullptr where the kind has one size.
  LoadedImages (*load_resized)(const std::filesystem::path& directory, std::size_t side) = nullptr;
};

// The kinds, `foo_kind()` each. Functions, not globals, so that a caller before main() finds them
// initialised.
#define NAS_IMAGE_KINDS(X) X(cifar10) X(cifar100) X(mnist) X(folder) X(glyphs)

#define NAS_DECLARE_KIND(name) const DatasetKind& name##_kind();
NAS_IMAGE_KINDS(NAS_DECLARE_KIND)
#undef NAS_DECLARE_KIND

/// Error(kIo): the directory does not exist, or `missing` is not in it; says what it must hold.
[[noreturn]] void throw_missing(const DatasetInfo& kind, const std::filesystem::path& directory,
                                std::string_view missing);

}  // namespace nas
