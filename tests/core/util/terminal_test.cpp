#include "core/util/terminal.h"

#include <doctest/doctest.h>

using namespace nas;

TEST_CASE("printable_lines keeps line breaks and nothing else that drives a terminal") {
  CHECK(printable_lines("two\nlines\tx\r\n") == "two\nlines x \n");
  CHECK(printable_lines("a\x1b]0;title\x07\n\x7f\xff") == "a?]0;title?\n??");
  CHECK(printable_lines(printable_lines("\x1b[2J")) == "?[2J");
  CHECK(printable_lines("").empty());
}
