#pragma once

#include <span>

#include "core/api/search_space.h"

namespace nas {

/// What a predictor judges: an architecture of a space, or a network that belongs to none (an
/// imported ONNX file). Borrows what it points to.
struct Subject {
  const SearchSpace* space = nullptr;  ///< null: `graph` is all there is
  const Architecture* architecture = nullptr;
  const ArchGraph* graph = nullptr;  ///< may be null where there is a space, which can build it
};

inline std::vector<Subject> subjects_of(const SearchSpace& space,
                                        std::span<const Architecture> architectures) {
  std::vector<Subject> subjects;
  for (const Architecture& architecture : architectures) {
    subjects.push_back({&space, &architecture, nullptr});
  }
  return subjects;
}

}  // namespace nas
