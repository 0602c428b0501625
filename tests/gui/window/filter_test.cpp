#include <doctest/doctest.h>

#include <algorithm>

#include "app/explorer/explorer_filter.h"
#include "core/api/search_space.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "tests/searchspaces/space_testing.h"

using namespace nas;
using nas::test::make_space;

namespace {

const std::vector<BrowseColumn> kColumns = {{.name = "number", .kind = BrowseKind::kInteger},
                                            {.name = "architecture", .kind = BrowseKind::kText},
                                            {.name = "accuracy"},
                                            {.name = "latency_ms@host"},
                                            {.name = "accuracy:dataset=cifar10,split=test"}};

Architecture at_index(const char* space, std::uint64_t index) {
  return dynamic_cast<const IndexedSpace&>(*make_space(space)).at(index);
}

std::string error_of(const std::string& text) {
  try {
    parse_filter(text, kColumns);
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

}  // namespace

TEST_CASE("filters that make no sense are refused with the place and what was expected") {
  CHECK(error_of("acuracy > 3") ==
        "filter, at 1: unknown column 'acuracy'; did you mean 'accuracy'? (known: number, "
        "architecture, accuracy, latency_ms@host, accuracy:dataset=cifar10,split=test)");
  CHECK(error_of("accuracy >") ==
        "filter, at 11: expected a number such as 93.5 or 1.5M, got nothing");
  CHECK(error_of("accuracy > 1 accuracy < 2") ==
        "filter, at 14: expected 'and', 'or' or the end, got 'accuracy'");
  CHECK(error_of("(accuracy > 1").find("at 14: expected ')'") != std::string::npos);
  CHECK(error_of("accuracy ~ 3").find("is a number") != std::string::npos);
  CHECK(error_of("architecture > 3").find("is text") != std::string::npos);
  CHECK(error_of("architecture ~ \"open").find("at 16: no closing") != std::string::npos);
  CHECK(error_of("accuracy > nan").find("got 'nan'") != std::string::npos);
  CHECK(error_of("accuracy is here").find("'missing' or 'present'") != std::string::npos);
  CHECK(error_of("accuracy ; DROP TABLE").find("unexpected ';'") != std::string::npos);
  CHECK(error_of(std::string(5000, '(') + "accuracy > 1").find("too deeply") != std::string::npos);
}

TEST_CASE("an architecture is found under any spelling") {
  const auto passing = [](const std::string& text, const std::string& row) {
    return passes(parse_filter(text, kColumns),
                  {.key = 0, .cells = {std::int64_t{0}, row, 90.0, 1.0, 90.0}});
  };
  const std::string one = "3:5:2", two = "3:5:0";
  const std::string spelled =
      "architecture = \"{'matrix': [[0,1,0],[0,0,1],[0,0,0]], 'ops': "
      "['input','maxpool3x3','output']}\"";
  CHECK(passing(spelled, one));
  CHECK_FALSE(passing(spelled, two));
  CHECK(passing("architecture != '3:5:2'", two));
  CHECK(passing("architecture = 'r=224;d=2,2,2,2,2;k=3,3,3,3,3,3,3,3,3,3;e=3,3,3,3,3,3,3,3,3,3'",
                "r=224;d=2,2,2,2,2;k=3,3,5,5,3,3,5,5,3,3,5,5,3,3,5,5,3,3,5,5;"
                "e=3,3,4,4,3,3,4,4,3,3,4,4,3,3,4,4,3,3,4,4"));
  // Places: the published hash, the published order, a file that holds one of these.
  const std::string hash = "architecture = edb7648dd596405eddc9a5c607b494a6";
  CHECK(passing(hash, "5:3fb:020"));
  CHECK(passing("architecture = EDB7648DD596405EDDC9A5C607B494A6", "5:3fb:020"));
  CHECK_FALSE(passing(hash, one));
  CHECK_FALSE(passing(hash, "no cell"));
  const std::string cell =
      "|avg_pool_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|nor_conv_1x1~0|skip_connect~1|skip_"
      "connect~2|";
  for (const char* word : {"'index:0'", "'index=0'", "'INDEX:0'"}) {
    CHECK(passing(std::string("architecture = ") + word, cell));
  }
  const std::string other = make_space("nasbench201")->format(at_index("nasbench201", 13714));
  CHECK(passing("architecture = 'index:13,714'", other));
  CHECK(passing("architecture = '13,714'", other));
  CHECK_FALSE(passing("architecture = 'index:13,714'", cell));
  const TemporaryDirectory directory;
  const auto file = directory.path() / "cell.txt";
  write_file_atomically(file, "# a cell\n" + hash.substr(15) + "\n");
  CHECK(passing("architecture = '@" + file.string() + "'", "5:3fb:020"));
  CHECK(error_of("architecture = '@/no/such/file'").find("/no/such/file") != std::string::npos);
  CHECK(error_of("architecture = 'index:99,999,999,999'").find("past the end") !=
        std::string::npos);
  CHECK(error_of("architecture = 'index:x'").find("expected a number") != std::string::npos);
  for (const char* word : {"trial:first/3", "row:cells/3"}) {
    CHECK(error_of(std::string("architecture = '") + word + "'").find("'number = N'") !=
          std::string::npos);
  }
  CHECK(error_of("architecture = nonsense").find("no space reads 'nonsense'") != std::string::npos);
  CHECK(error_of("architecture = \"Genotype(normal=[('none', 0)])\"").find("at 16") !=
        std::string::npos);
}

TEST_CASE("what filters may look like") {
  for (const char* text :
       {"", "   ", "accuracy>93", "accuracy >= 1.5k and number<2M or not accuracy == -1e3",
        "latency_ms@host<4", "`accuracy:dataset=cifar10,split=test` != 3",
        "ARCHITECTURE_is_no_column", "architecture !~ 'conv 3x3'", "NOT accuracy IS MISSING"}) {
    CAPTURE(text);
    const bool good = std::string(text).find("is_no") == std::string::npos;
    CHECK(error_of(text).empty() == good);
  }
}

TEST_CASE("any cut or spoilt filter is read or refused, never worse") {
  const std::string text =
      "(accuracy > 93 and not architecture ~ \"a b\") or `accuracy` is missing";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    error_of(text.substr(0, cut));
    std::string spoilt = text;
    for (const char character : {'(', '"', '`', '\0', '\xff', '~'}) {
      if (cut < text.size()) spoilt[cut] = character;
      error_of(spoilt);
    }
  }
}

TEST_CASE("completion offers columns and words that continue what is typed") {
  const auto at = [](const std::string& text) {
    return complete_filter(text, text.size(), kColumns);
  };
  CHECK(at("accuracy > 3 and lat").candidates == std::vector<std::string>{"latency_ms@host"});
  CHECK(at("accuracy > 3 and lat").start == 17);
  CHECK(at("acc").candidates == std::vector<std::string>{"accuracy", "accuracy cifar10 test"});
  CHECK(at("accuracy > 3 an").candidates == std::vector<std::string>{"and"});
  CHECK(at("").candidates.size() == kColumns.size() + 5);
}
