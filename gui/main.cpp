#include <QApplication>
#include <csignal>
#include <cstdio>
#include <exception>

#include "core/util/terminal.h"
#include "gui/start.h"

int main(int argc, char** argv) {
  std::signal(SIGXFSZ, SIG_IGN);  // a limit of the file size is an error where a file is written
  try {
    nas::prepare_display(argc, argv);
    QApplication application(argc, argv);
    QApplication::setApplicationName("nas-explorer");
    QApplication::setOrganizationName("Searchlight");
    return nas::run_explorer(QApplication::arguments().mid(1));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "nas-explorer: %s\n", nas::printable_lines(error.what()).c_str());
    return 2;
  }
}
