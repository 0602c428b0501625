// Draws the views of architectures in both palettes into a folder: `graph_pictures DIR`. For
// looking at, and for the pictures of the documentation.
#include <QDir>
#include <QTabWidget>
#include <cstdio>

#include "core/api/plugin.h"
#include "gui/graph/architecture_panel.h"
#include "gui/graph/cell_picture.h"
#include "gui/graph/compare_view.h"
#include "gui/graph/graph_view.h"
#include "searchspaces/registry.h"
#include "tests/gui/plots/application.h"

namespace nas {
namespace {

void grab(QWidget& widget, const QString& name, const QString& folder, QSize size) {
  for (const bool dark : {false, true}) {
    const Theme theme = dark ? Theme::darkTheme() : Theme::light();
    QApplication::setPalette(themePalette(theme));
    widget.resize(size);
    widget.show();
    QApplication::processEvents();
    widget.grab().save(folder + "/" + name + (dark ? "-dark.png" : "-light.png"));
  }
}

void draw_space(const SearchSpace& space, const QString& folder) {
  Rng rng({.seed = 11});
  const Task& task = space.info().default_task;
  const QString name = QString::fromStdString(space.info().name);
  ArchitecturePanel panel;
  const Architecture first = sample(space, rng);
  panel.resize(1280, 800);
  panel.setArchitecture(space, first, task);
  panel.waitForLayout();
  panel.view().find("conv");
  panel.view().setCurrentBox(4);
  grab(panel, "panel-" + name, folder, {1280, 800});
  panel.findChild<QTabWidget*>()->setCurrentIndex(1);
  grab(panel, "layers-" + name, folder, {1280, 800});
  std::vector<double> latency;
  for (NodeId node = 0; node < panel.view().graph().size(); ++node)
    latency.push_back(0.02 + 1e-8 * static_cast<double>(panel.view().graph().cost(node).macs));
  panel.setLatency(latency);
  grab(panel, "latency-" + name, folder, {1280, 800});
  CellPicture cell;
  cell.setArchitecture(space, first);
  grab(cell, "cell-" + name, folder, {420, 260});
  CompareView compare;
  compare.resize(1280, 860);
  Architecture second = first, third = first;
  for (int i = 0; i < 2; ++i) second = mutate(space, second, rng);
  third = mutate(space, second, rng);
  compare.setArchitectures(space, {first, second, third}, {task, task, task});
  compare.waitForLayout();
  grab(compare, "compare-" + name, folder, {1280, 860});
  panel.view().save(folder + "/graph-" + name + ".svg", panel.view().exportSize(), Theme::light());
}

}  // namespace
}  // namespace nas

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: graph_pictures DIR [SPACE]\n");
    return 2;
  }
  nas::test::application();
  const QString folder = argv[1];
  QDir().mkpath(folder);
  for (const nas::Plugin<nas::SearchSpace>* plugin : nas::space_plugins()) {
    if (argc > 2 && plugin->name != std::string_view(argv[2])) continue;
    nas::draw_space(*plugin->make({}), folder);
  }
  return 0;
}
