#pragma once

#include <QString>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "app/models/network_file.h"
#include "core/api/search_space.h"
#include "core/util/options.h"

class QWidget;

namespace nas {

/// An architecture of a table as it is drawn.
struct DrawnArchitecture {
  std::string text;     ///< in the space's notation
  std::string network;  ///< text of the network that was judged (core/api/task.h); "": published
};

/// Drawings of architectures by their texts. Keeps the spaces that it has made.
class GraphTabs {
 public:
  /// A drawing of one, or a comparison of two to four architectures. Throws Error(kUsage | kData)
  /// for an unknown space or a text that is not an architecture of it.
  std::unique_ptr<QWidget> make(const std::string& space,
                                const std::vector<DrawnArchitecture>& drawn,
                                const OptionMap& space_options = {});

 private:
  const SearchSpace& spaceOf(const std::string& name, const OptionMap& options);

  std::map<std::pair<std::string, OptionMap>, std::unique_ptr<SearchSpace>> spaces_;
};

/// A drawing of a network of no space, with what its file says of itself.
std::unique_ptr<QWidget> draw_network(const FileNetwork& network);

/// Runs the event loop's share of a drawing made by `make` until it is laid out: for pictures.
void wait_for_layout(QWidget& drawing);

}  // namespace nas
