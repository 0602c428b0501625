#include "gui/start_arguments.h"

#include <string>
#include <vector>

#include "core/util/error.h"
#include "core/util/text.h"
#include "db/store_address.h"

namespace nas {

namespace {

QSize parse_size(const QString& text) {
  const QStringList parts = text.split('x');
  const QSize size(parts.value(0).toInt(), parts.value(1).toInt());
  if (parts.size() != 2 || size.width() < 200 || size.height() < 150 || size.width() > 10'000 ||
      size.height() > 10'000) {
    throw Error(ErrorKind::kUsage, "--size = " + text.toStdString() +
                                       ", expected WIDTHxHEIGHT of 200x150 to 10000x10000");
  }
  return size;
}

int parse_rows(const QString& text) {
  bool number = false;
  const int rows = text.toInt(&number);
  if (!number || rows < 0 || rows > 1000)
    throw Error(ErrorKind::kUsage, "--select = " + text.toStdString() + ", expected 0 to 1000");
  return rows;
}

}  // namespace

StartArguments parse_start_arguments(const QStringList& words) {
  StartArguments arguments;
  const auto value = [&](qsizetype& at, const char* what) {
    if (at + 1 >= words.size())
      throw Error(ErrorKind::kUsage, words[at].toStdString() + ": expected " + what);
    return words[++at];
  };
  for (qsizetype i = 0; i < words.size(); ++i) {
    const QString& word = words[i];
    if (word == "--help" || word == "-h") {
      arguments.help = true;
    } else if (word == "--light") {
      arguments.light = true;
    } else if (word == "--dark") {
      arguments.dark = true;
    } else if (word == "--screenshot") {
      arguments.view = value(i, "VIEW FILE.png");
      arguments.picture = value(i, "FILE.png");
    } else if (word == "--filter") {
      arguments.filter = value(i, "a filter");
    } else if (word == "--table") {
      arguments.table = value(i, "the name of a study or benchmark");
    } else if (word == "--select") {
      arguments.select = parse_rows(value(i, "a number of rows"));
    } else if (word == "--size") {
      arguments.size = parse_size(value(i, "WIDTHxHEIGHT"));
    } else if (word == "--language") {
      arguments.language = value(i, "a language");
    } else if (word.startsWith("-")) {
      const std::vector<std::string> known = {"--screenshot", "--table", "--filter",
                                              "--select",     "--size",  "--language",
                                              "--light",      "--dark",  "--help"};
      throw Error(ErrorKind::kUsage, unknown_name("option", word.toStdString(), known));
    } else {
      StoreAddress::parse(word.toStdString());  // an address that makes no sense ends here
      arguments.files << word;
    }
  }
  return arguments;
}

}  // namespace nas
