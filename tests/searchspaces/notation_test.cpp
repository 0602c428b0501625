#include "core/api/notation.h"

#include <doctest/doctest.h>

#include <set>

#include "tests/searchspaces/space_testing.h"

namespace nas {
namespace {

using test::make_space;
using test::usage_error;

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::string read(const SearchSpace& space, std::string_view text) {
  return space.format(read_architecture(space, text).architecture);
}

TEST_CASE("notations: every example is recognised and read, by its name and by its look") {
  for (const Plugin<SearchSpace>* plugin : space_plugins()) {
    const auto space = plugin->make({});
    std::set<std::string_view> names{"native", "joined"};
    for (const Notation& notation : notations_of(*space)) {
      CAPTURE(plugin->name);
      CAPTURE(notation.name);
      CHECK(names.insert(notation.name).second);
      CHECK_FALSE(notation.meaning.empty());
      CHECK(notation.recognises(notation.example));
      const Architecture architecture = read_architecture(*space, notation.example, notation.name);
      CHECK_NOTHROW(validate(*space, architecture));
      const std::string prefixed = std::string(notation.name) + ":" + std::string(notation.example);
      CHECK(read_architecture(*space, prefixed).architecture == architecture);
      if (notation.name == "nasbench201_digits") continue;  // as NASLib's: needs its name
      const ReadArchitecture found = read_architecture(*space, notation.example);
      CHECK(found.architecture == architecture);
      REQUIRE(found.notation != nullptr);
      CHECK(found.notation->name == notation.name);
      CHECK_FALSE(notation.recognises(space->format(architecture)));
    }
  }
}

TEST_CASE("notations: what surrounds an architecture in a program has no meaning") {
  for (const Plugin<SearchSpace>* plugin : space_plugins()) {
    const auto space = plugin->make({});
    Rng rng({.seed = 3, .purpose = Purpose::kTest});
    const Architecture architecture = sample(*space, rng);
    const std::string text = space->format(architecture);
    CAPTURE(text);
    for (const std::string& spelled :
         {"'" + text + "'", "\"" + text + "\",", " arch = '" + text + "'\n", text + ","}) {
      CAPTURE(spelled);
      const ReadArchitecture found = read_architecture(*space, spelled);
      CHECK(found.architecture == architecture);
      CHECK(found.notation == nullptr);
    }
  }
}

TEST_CASE("notations: texts that are in none name what was expected and the notations") {
  for (const Plugin<SearchSpace>* plugin : space_plugins()) {
    const auto space = plugin->make({});
    for (const std::string text : {"nonsense", "[", "{'a': [1, 2}", "Foo(1, 2", "('x', 'y')", "()",
                                   "{}", "[[[[[", "\x1b[31m", "''"}) {
      CAPTURE(plugin->name);
      CAPTURE(text);
      const std::string error = usage_error([&] { read_architecture(*space, text); });
      CHECK_FALSE(error.empty());
      CHECK(error.find('\n') == std::string::npos);
      CHECK(error.find('\x1b') == std::string::npos);
      CHECK(error.starts_with(space->info().name));
    }
    if (!notations_of(*space).empty()) {
      CHECK(has(usage_error([&] { read_architecture(*space, "nonsense"); }), "nasctl space show"));
    }
    CHECK(usage_error([&] { read_architecture(*space, std::string(100'000, '[')); }).size() < 600);
    CHECK(has(usage_error([&] { read_architecture(*space, "x", "nativ"); }), "'native'"));
  }
}

TEST_CASE("notations: a notation that is named refuses any other text in one line") {
  for (const Plugin<SearchSpace>* plugin : space_plugins()) {
    const auto space = plugin->make({});
    for (const Notation& notation : notations_of(*space)) {
      for (const std::string text : {"", "x", "resnet", "'", "|", "()", "[[], []]", "{'a': None}",
                                     "[nan]", "{'arch_str': 3}", "{'matrix': '', 'ops': ''}"}) {
        CAPTURE(notation.name);
        CAPTURE(text);
        const std::string error =
            usage_error([&] { read_architecture(*space, text, notation.name); });
        CHECK_FALSE(error.empty());
        CHECK(error.find('\n') == std::string::npos);
      }
    }
  }
}

constexpr std::string_view kCell =
    "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|none~0|nor_conv_1x1~1|avg_pool_3x3~2|";

TEST_CASE("notations: one cell of NAS-Bench-201 in ten spellings") {
  const auto space = make_space("nasbench201");
  for (const std::string& text :
       {std::string("Structure(4 nodes with ") + std::string(kCell) + ")",
        std::string("CellStructure(4 nodes with ") + std::string(kCell) + " )",
        std::string("{'name': 'infer.tiny', 'C': 16, 'N': 5, 'arch_str': '") + std::string(kCell) +
            "', 'num_classes': 10}",
        std::string("| NOR_CONV_3X3~0 | + |none~0|skip_connect~1| + |none~0|nor_conv_1x1~1|"
                    "avg_pool_3x3~2|"),
        std::string("[[('nor_conv_3x3', 0)], [('none', 0), ('skip_connect', 1)], [('none', 0), "
                    "('nor_conv_1x1', 1), ('avg_pool_3x3', 2)]]"),
        std::string("[[[\"nor_conv_3x3\", 0]], [[\"skip_connect\", 1], [\"none\", 0]], [[\"none\", "
                    "0], [\"nor_conv_1x1\", 1], [\"avg_pool_3x3\", 2]]]"),
        std::string("{'1<-0': 'nor_conv_3x3', '2<-0': 'none', '2<-1': 'skip_connect', '3<-0': "
                    "'none', '3<-1': 'nor_conv_1x1', '3<-2': 'avg_pool_3x3'}"),
        std::string("(2, 1, 1, 0, 3, 4)"), std::string("array([2, 1, 1, 0, 3, 4])"),
        std::string("np.array([2 1 1 0 3 4])"), std::string("naslib_nb201:211034"),
        std::string("2, 1, 1, 0, 3, 4"), std::string("2 1 1 0 3 4"),
        std::string("['nor_conv_3x3', 'none', 'skip_connect', 'none', 'nor_conv_1x1', "
                    "'avg_pool_3x3']"),
        std::string("nasbench201_digits:301024"),
        std::string("nasbench201_digits:[3, 0, 1, 0, 2, 4]")}) {
    CAPTURE(text);
    CHECK(read(*space, text) == kCell);
  }
  const std::string several = usage_error([&] { read_architecture(*space, "211034"); });
  CHECK(has(several, "naslib_nb201:211034 or nasbench201_digits:211034"));
  CHECK(has(usage_error([&] {
              read_architecture(*space,
                                "{'0_1': 'nor_conv_3x4', '0_2': 'none', '1_2': 'none', '0_3': "
                                "'none', '1_3': 'none', '2_3': 'none'}");
            }),
            "did you mean 'nor_conv_3x3'"));
  CHECK(has(usage_error([&] { read_architecture(*space, "{'0_1': 'nor_conv_3x3'}"); }),
            "the edge 0_2 is missing"));
  CHECK(has(usage_error([&] { read_architecture(*space, "{'0_1': 'none', '1<-0': 'none'}"); }),
            "the edge 0_1 is given twice"));
}

TEST_CASE("notations: one cell of NAS-Bench-101 in the forms of the official code and NASLib") {
  const auto space = make_space("nasbench101");
  const std::string matrix = "[[0, 1, 0, 1], [0, 0, 1, 0], [0, 0, 0, 1], [0, 0, 0, 0]]";
  const std::string ops = "['input', 'conv3x3-bn-relu', 'maxpool3x3', 'output']";
  const std::string expected =
      read(*space, "0101001000010000:input,conv3x3-bn-relu,maxpool3x3,output");
  for (const std::string& text :
       {"{'module_adjacency': array(" + matrix + ", dtype=int8), 'module_operations': " + ops +
            ", 'trainable_parameters': 8555530}",
        "{'matrix': " + matrix + ", 'ops': " + ops + "}",
        "api.ModelSpec(matrix=" + matrix + ", ops=" + ops + ")",
        "spec = (" + matrix + ", " + ops + ")", matrix + ", " + ops, matrix + "\n" + ops,
        "[" + matrix + ", [-1, 0, 2, -2]]", "{'matrix': " + matrix + ", 'ops': [0, 2]}",
        "{\"matrix\": " + matrix +
            ", \"ops\": [\"INPUT\", \"CONV3X3\", \"MAXPOOL3X3\", "
            "\"OUTPUT\"],}",
        "{'matrix': array([[0, 1, 0, 1],\n       [0, 0, 1, 0],\n       [0, 0, 0, 1],\n       [0, "
        "0, 0, "
        "0]]), 'ops': " +
            ops + "}",
        std::string("{'matrix': [[0 1 0 1]\n [0 0 1 0]\n [0 0 0 1]\n [0 0 0 0]], 'ops': ['input' "
                    "'conv3x3-bn-relu' 'maxpool3x3' 'output']}"),
        std::string(
            "{'matrix': np.array([[0., 1., 0., 1.], [0., 0., 1., 0.], [0., 0., 0., 1.], [0., "
            "0., 0., 0.]]), 'ops': [input, conv3x3-bn-relu, maxpool3x3, output]}"),
        std::string("(0, 1, 0, 1, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 4, 2, 1)")}) {
    CAPTURE(text);
    CHECK(read(*space, text) == expected);
  }
  const std::string backwards =
      "{'matrix': [[0, 0, 1, 1], [0, 0, 0, 1], [0, 1, 0, 0], [0, 0, 0, 0]], 'ops': ['input', "
      "'maxpool3x3', 'conv3x3-bn-relu', 'output']}";
  CHECK(read(*space, backwards) == expected);
  CHECK(has(usage_error([&] {
              read_architecture(*space,
                                "{'matrix': [[0, 1, 0], [0, 0, 1], [1, 0, 0]], 'ops': "
                                "['input', 'maxpool3x3', 'output']}");
            }),
            "out of the output"));
  CHECK(has(usage_error([&] {
              read_architecture(*space, "{'matrix': [[0, 1], [0]], 'ops': " + ops + "}");
            }),
            "a row for each of the 4 operations"));
  CHECK(has(usage_error([&] { read_architecture(*space, "{'ops': " + ops + "}"); }), "'matrix'"));
  CHECK_FALSE(
      usage_error([&] { read_architecture(*space, "[" + matrix + ", [-1, 0, 3, -2]]"); }).empty());
}

TEST_CASE("notations: a drawn cell of nine vertices is that of its seven needed ones") {
  const auto space = make_space("nasbench101");
  CHECK(read(*space,
             "{'matrix': [[0,1,1,0,0], [0,0,0,1,0], [0,0,0,0,1], [0,0,0,0,0], [0,0,0,0,0]], 'ops': "
             "['input','conv1x1-bn-relu','conv3x3-bn-relu','maxpool3x3','output']}") ==
        read(*space,
             "0110000010000010000000000:input,conv1x1-bn-relu,conv3x3-bn-relu,maxpool3x3,"
             "output"));
  std::string matrix = "[";
  std::string ops = "['input'";
  for (int v = 0; v < 9; ++v) {  // 0 -> 1 -> 8, and dead ends 0 -> 2, 0 -> 3, ...
    matrix += v > 0 ? ", [" : "[";
    for (int w = 0; w < 9; ++w) {
      const bool edge = (v == 0 && w > 0 && w < 8) || (v == 1 && w == 8);
      matrix += std::string(w > 0 ? ", " : "") + (edge ? "1" : "0");
    }
    matrix += "]";
    if (v > 0 && v < 8) ops += ", 'conv3x3-bn-relu'";
  }
  const std::string text = "{'matrix': " + matrix + "], 'ops': " + ops + ", 'output']}";
  CHECK(read(*space, text) == read(*space, "3:5:0"));
}

TEST_CASE("notations: settings of Once-for-All with and without unused blocks") {
  const auto space = make_space("ofa_mobilenetv3");
  const std::string expected =
      "r=160;d=2,2,2,2,3;k=3,5,3,3,7,3,3,3,3,3,3,3,3,3,3,3,3,5,7,3;"
      "e=3,4,3,3,6,3,3,3,3,3,3,3,3,3,3,3,6,4,3,3";
  const std::string ks = "[3, 5, 7, 3, 3, 3, 3, 3, 3, 5, 7]",
                    e = "[3, 4, 6, 3, 3, 3, 3, 3, 6, 4, 3]";
  const std::string ks20 = "[3,5,3,3, 7,3,3,3, 3,3,3,3, 3,3,3,3, 3,5,7,3]";
  const std::string e20 = "[3,4,3,3, 6,3,3,3, 3,3,3,3, 3,3,3,3, 6,4,3,3]";
  for (const std::string& text :
       {"{'ks': " + ks + ", 'e': " + e + ", 'd': [2, 2, 2, 2, 3], 'r': 160}",
        "{\"ks\": " + ks20 + ", \"e\": " + e20 +
            ", \"d\": [2, 2, 2, 2, 3], \"r\": [160], \"wid\": null}",
        "{'e': " + e20 + ", 'd': (2, 2, 2, 2, 3), 'image_size': 160, 'ks': array(" + ks20 + ")}",
        "dict(ks=" + ks + ", e=" + e + ", d=[2, 2, 2, 2, 3], r=160)",
        "[" + ks20 + ", " + e20 + ", [2, 2, 2, 2, 3], 160]",
        "[" + e20 + ", " + ks20 + ", [2, 2, 2, 2, 3], [160]]",
        std::string("{'ks': '3-5-3-3-7-3-3-3-3-3-3-3-3-3-3-3-3-5-7-3', 'e': '3 4 3 3 6 3 3 3 3 3 3 "
                    "3 3 3 3 3 6 "
                    "4 3 "
                    "3', 'd': '2,2,2,2,3', 'resolution': '160'}"),
        std::string("d=2,2,2,2,3; k=3,5,7,3,3,3,3,3,3,5,7; e=3,4,6,3,3,3,3,3,6,4,3; r=160")}) {
    CAPTURE(text);
    CHECK(read(*space, text) == expected);
  }
  CHECK(read(*space, "{'ks': 5, 'e': 4, 'd': 2, 'r': 160}") ==
        read(*space,
             "r=160;d=2,2,2,2,2;k=5,5,5,5,5,5,5,5,5,5,5,5,5,5,5,5,5,5,5,5;"
             "e=4,4,4,4,4,4,4,4,4,4,4,4,4,4,4,4,4,4,4,4"));
  CHECK(read(*space, "{'ks': " + ks + ", 'e': " + e + ", 'd': [2, 2, 2, 2, 3]}")
            .starts_with("r=224;"));
  CHECK(has(usage_error([&] { read_architecture(*space, "{'ks': " + ks + ", 'd': [2,2,2,2,3]}"); }),
            "the expansion ratios 'e'"));
  CHECK(has(usage_error([&] {
              read_architecture(*space, "{'ks': " + ks + ", 'e': " + e +
                                            ", 'd': [2, 2, 2, 2, 3], 'r': [160, 224]}");
            }),
            "one resolution 'r'"));
}

TEST_CASE("notations: settings of MCUNet are those of Once-for-All with a width") {
  const auto space = make_space("mcunet");
  const std::string ks = "[3, 5, 7, 3, 3, 3, 3, 3, 3, 5, 7]",
                    e = "[3, 4, 6, 3, 3, 3, 3, 3, 6, 4, 3]", d = "[2, 2, 2, 2, 2, 1]";
  const std::string expected =
      read(*space, "r=144;w=0.4;d=2,2,2,2,2,1;k=3,5,7,3,3,3,3,3,3,5,7;e=3,4,6,3,3,3,3,3,6,4,3");
  for (const std::string& text :
       {"{'ks': " + ks + ", 'e': " + e + ", 'd': " + d + ", 'w': 0.4, 'r': 144}",
        "{\"wid\": [0.4], \"ks\": " + ks + ", \"e\": " + e + ", \"d\": " + d + ", \"r\": [144]}",
        std::string("w=0.4; r=144; d=2,2,2,2,2,1; ks=3,5,7,3,3,3,3,3,3,5,7; "
                    "e=3,4,6,3,3,3,3,3,6,4,3")}) {
    CAPTURE(text);
    CHECK(read(*space, text) == expected);
  }
  const auto error = [&](const std::string& more) {
    return usage_error([&] {
      read_architecture(*space, "{'ks': " + ks + ", 'e': " + e + ", 'd': " + d + more + "}");
    });
  };
  CHECK(has(error(", 'r': 144"), "the width multiplier 'w'"));
  CHECK(has(error(", 'w': None, 'r': 144"), "the width multiplier 'w'"));
  CHECK(has(error(", 'w': 0.4"), "the resolution 'r'"));
  CHECK(has(error(", 'w': 0.45, 'r': 144"), "0.45"));
}

TEST_CASE("notations: an error of the translated text quotes the text that was typed") {
  const auto space = make_space("ofa_mobilenetv3");
  const std::string typed = "{'ks': [3, 5], 'e': [3], 'd': [2]}";
  const std::string error = usage_error([&] { read_architecture(*space, typed); });
  CHECK(error.starts_with("ofa_mobilenetv3: '" + typed + "', read as settings: at character"));
}

TEST_CASE("notations: networks that are a list of numbers") {
  const auto check = [](std::string_view name, std::string_view expected,
                        const std::vector<std::string>& texts) {
    const auto space = make_space(name);
    for (const std::string& text : texts) {
      CAPTURE(text);
      CHECK(read(*space, text) == expected);
    }
  };
  check("nats_size", "8:16:24:32:64",
        {"[8, 16, 24, 32, 64]", "(8,16,24,32,64)", "8-16-24-32-64", "8, 16, 24, 32, 64",
         "array([ 8, 16, 24, 32, 64])", "'8:16:24:32:64',", "8 : 16 : 24 : 32 : 64",
         "{'name': 'infer.shape.tiny', 'channels': '8:16:24:32:64', 'genotype': '|x~0|'}"});
  check("cifar_resnet", "357", {"[3, 5, 7]", "(3, 5, 7)", "3,5,7", "3-5-7", "'357'", "3 5 7"});
  check("cifar_resnet", "333", {"ResNet-20", "resnet20", "ResNet20"});
  check("nasbench_macro", "22212202",
        {"[2, 2, 2, 1, 2, 2, 0, 2]", "2-2-2-1-2-2-0-2",
         "['MB6_K5', 'MB6_K5', 'MB6_K5', 'MB3_K3', 'MB6_K5', 'MB6_K5', 'Identity', 'MB6_K5']"});
  check("fbnet", "7818488874147327324245",
        {"[7, 8, 1, 8, 4, 8, 8, 8, 7, 4, 1, 4, 7, 3, 2, 7, 3, 2, 4, 2, 4, 5]",
         "7 8 1 8 4 8 8 8 7 4 1 4 7 3 2 7 3 2 4 2 4 5"});
  check("transnas_micro", "64-41414-3_32_132",
        {"(3, 3, 2, 1, 3, 2)", "[3,3,2,1,3,2]", "3_32_132", "332132", "'64-41414-3_32_132'"});
  check("efficient_tdnn", "3.512.512.512.512.5.3.3.3.1536",
        {"(3, [512, 512, 512, 512], [5, 3, 3, 3], 1536)",
         "3, [512, 512, 512, 512], [5, 3, 3, 3], 1536"});
  check("transnas_macro", "64-1242-basic", {"(1, 2, 4, 2, 0, 0)", "1242", "1242-basic"});
}

}  // namespace
}  // namespace nas
