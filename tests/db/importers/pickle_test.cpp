#include "db/importers/pickle.h"

#include <doctest/doctest.h>

#include <cmath>
#include <string>

#include "db/importers/pickle_path.h"
#include "tests/db/importers/importer_testing.h"
#include "tests/db/importers/pickle_writer.h"

namespace nas {
namespace {

using namespace std::string_literals;
using test::contains;
using test::error_of;
using test::PickleWriter;

PickleValue load(std::string_view bytes, const PickleOptions& options = {}) {
  const auto source = open_memory(bytes);
  ByteReader reader(*source, "test.pickle");
  return read_pickle(reader, options);
}

std::string refusal(const std::string& bytes, const PickleOptions& options = {}) {
  return error_of([&] { load(bytes, options); });
}

TEST_CASE("pickle: what Python writes with protocol 2 is read") {
  // pickle.dumps({'meta_archs': ['a'], 'x': 1.5}, 2)
  const std::string bytes =
      "\x80\x02}q\x00(X\x0a\x00\x00\x00meta_archsq\x01]q\x02X\x01\x00\x00\x00"s
      "aq\x03"s +
      "aX\x01\x00\x00\x00xq\x04G\x3f\xf8\x00\x00\x00\x00\x00\x00u."s;
  const PickleValue value = load(bytes);
  const PickleDict& dict = as_dict(value, "it");
  CHECK(as_text(as_list(*dict.find("meta_archs"), "list").items.at(0), "item") == "a");
  CHECK(dict.find("x")->number() == 1.5);
  CHECK(dict.find("y") == nullptr);
}

TEST_CASE("pickle: an OrderedDict and a set become a dict and a list") {
  // pickle.dumps(collections.OrderedDict(a=1), 2) and pickle.dumps({1, 2}, 2)
  const PickleValue dict = load(
      "\x80\x02"s
      "ccollections\nOrderedDict\nq\x00)Rq\x01X\x01\x00\x00\x00"s
      "aq\x02K\x01s."s);
  CHECK(as_dict(dict, "it").find("a")->integer() == 1);
  const PickleValue set = load(
      "\x80\x02"s
      "c__builtin__\nset\nq\x00]q\x01(K\x01K\x02"s
      "e\x85q\x02Rq\x03."s);
  CHECK(as_list(set, "it").items.size() == 2);
}

TEST_CASE("pickle: numbers of all widths keep their sign") {
  const auto number = [](const std::string& code) {
    return load("\x80\x02"s + code + ".").number();
  };
  CHECK(number("J\xff\xff\xff\xff"s) == -1);
  CHECK(number("K\xff"s) == 255);
  CHECK(number("M\x00\x01"s) == 256);
  CHECK(number("\x8a\x02\x00\xff"s) == -256);
  CHECK(number("\x8a\x00"s) == 0);
  CHECK(number("\x88"s) == 1);
}

std::string dtype(PickleWriter writer, const std::string& code, const std::string& order,
                  const std::string& rest) {
  writer.global("numpy", "dtype").text(code).byte(0x89).byte(0x88).byte(0x87).call();
  writer.mark().integer(3).text(order).byte('N').byte('N').byte('N').integer(-1).integer(-1);
  writer.integer(0).byte('t').byte('b');
  return writer.raw(rest).finish();
}

TEST_CASE("pickle: a numpy scalar is its number, a big-endian one is refused") {
  PickleWriter start;
  start.global("numpy.core.multiarray", "scalar");
  const std::string half = "C\x08\x00\x00\x00\x00\x00\x00\xe0\x3f\x86R"s;  // 0.5 as bytes, call
  CHECK(load(dtype(start, "f8", "<", half)).number() == 0.5);
  CHECK(contains(refusal(dtype(start, "f8", ">", half)), "not little-endian"));
  CHECK(contains(refusal(dtype(start, "f4", "<", half)), "numpy scalar of type f4"));
  CHECK(contains(refusal(dtype(start, "O8", "<", half)), "'O8' is not supported"));
}

TEST_CASE("pickle: globals that are not on the list are refused by name") {
  const auto asked = [](const char* module, const char* name) {
    return refusal(PickleWriter(2).global(module, name).text("echo x").byte(0x85).call().finish());
  };
  CHECK(contains(asked("os", "system"),
                 "pickle asks for global os.system, which is not on the list"));
  CHECK(contains(asked("posix", "system"), "posix.system"));
  CHECK(contains(asked("builtins", "eval"), "builtins.eval"));
  CHECK(contains(asked("__builtin__", "exec"), "__builtin__.exec"));
  CHECK(contains(asked("subprocess", "Popen"), "subprocess.Popen"));
  CHECK(contains(asked("numpy.core", "multiarray.scalarx"), "not on the list"));
  CHECK(contains(asked("torch.serialization", "load"), "torch.serialization.load"));
  const std::string stacked =
      PickleWriter().text("nt").text("system").byte(0x93).text("x").byte(0x85).call().finish();
  CHECK(contains(refusal(stacked), "nt.system"));
}

TEST_CASE("pickle: instructions that are not on the list are refused by name") {
  const std::pair<const char*, const char*> kRefused[] = {{"(S'x'\nios\nsystem\n", "STRING"},
                                                          {"(ios\nsystem\n", "INST"},
                                                          {"(o", "OBJ"},
                                                          {"Pid\n", "PERSID"},
                                                          {"N2", "DUP"},
                                                          {"N0", "POP"},
                                                          {"\x82\x01", "EXT1"},
                                                          {"I1\n", "INT"},
                                                          {"\x92", "NEWOBJ_EX"},
                                                          {"\xff", "0xff"},
                                                          {"NQ", "BINPERSID"}};
  for (const auto& [code, name] : kRefused) {
    CAPTURE(name);
    CHECK(contains(refusal("\x80\x02"s + code + "."), name));
  }
}

TEST_CASE("pickle: a call of a call's result, or of a number, is refused") {
  PickleWriter nested;
  nested.global("numpy", "dtype").text("f8").byte(0x85).call().byte(')').call();
  CHECK(contains(refusal(nested.finish()), "a call of something that is not a global"));
  CHECK(contains(refusal(PickleWriter().integer(1).byte(')').call().finish()), "calls a number"));
  CHECK(contains(refusal(PickleWriter().global("torch", "FloatStorage").byte(')').call().finish()),
                 "a call of torch.FloatStorage"));
}

TEST_CASE("pickle: sizes that the file does not have are found without allocating them") {
  for (const char code : {'X', 'B', 'T'}) {
    const std::string bytes = "\x80\x02"s + code + "\xff\xff\xff\x03"s + "abc.";
    CHECK(contains(refusal(bytes), "the data end too early"));
  }
  CHECK(contains(refusal("\x80\x02X\xff\xff\xff\xff."s), "too long"));
}

TEST_CASE("pickle: deep nesting is refused, and is not recursive in the reader") {
  std::string bytes = "\x80\x02"s + std::string(100000, ']');
  bytes += std::string(99999, 'a') + ".";
  CHECK(contains(refusal(bytes), "nested deeper than 64"));
  const std::string tuples = "\x80\x02)"s + std::string(100000, '\x85') + ".";
  CHECK(contains(refusal(tuples), "nested deeper than 64"));
  CHECK(refusal("\x80\x02)"s + std::string(60, '\x85') + ".").empty());
}

TEST_CASE("pickle: containers cannot hold themselves, directly or through others") {
  // l = []; l.append(l)
  CHECK(contains(refusal("\x80\x02]q\x00h\x00"s + "a."), "puts a container into itself"));
  // a = []; b = [a]; a.append(b)
  CHECK(contains(refusal("\x80\x02]q\x00]q\x01h\x00"s + "a0"s + "."), "POP"));
  CHECK(contains(refusal("\x80\x02]q\x00]q\x01h\x00"s + "ah\x00h\x01"s + "aa."),
                 "changes a container that is inside another one"));
}

TEST_CASE("pickle: references bounded by what is there") {
  CHECK(contains(refusal("\x80\x02h\x05."s), "recalls value 5, which it never stored"));
  CHECK(contains(refusal("\x80\x02Nr\xff\xff\xff\x7f."s), "under number 2147483647"));
  // Ten lists of ten times the list before: ten billion leaves, if they were written out.
  std::string laughs = "\x80\x02]q\x00(NNNNNNNNNNe"s;
  for (char i = 1; i < 10; ++i) {
    laughs += "]q"s + i + "("s;
    for (int k = 0; k < 10; ++k) laughs += "h"s + static_cast<char>(i - 1);
    laughs += "e";
  }
  laughs.insert(2, "(");
  PickleValue value = load(laughs + "t."s);
  CHECK(value.list()->items.size() == 10);
  release(value);  // in time that follows the file's size
  CHECK(value.list()->items.empty());
}

TEST_CASE("pickle: limits of values are kept") {
  PickleOptions options;
  options.limits.values = 10;
  CHECK(contains(refusal("\x80\x02("s + std::string(11, 'N') + "t.", options), "too many values"));
  options = {};
  options.limits.stack = 5;
  CHECK(contains(refusal("\x80\x02("s + std::string(6, 'N') + "t.", options), "too many values"));
}

TEST_CASE("pickle: every truncation of a good pickle is an error, never a crash") {
  PickleWriter writer;
  writer.dict().text("a").list().integer(1).real(2).end_list();
  writer.text("b").global("collections", "OrderedDict").byte(')').call().end_dict();
  const std::string bytes = writer.finish();
  REQUIRE(refusal(bytes).empty());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CAPTURE(size);
    CHECK_FALSE(refusal(bytes.substr(0, size)).empty());
  }
}

TEST_CASE("pickle: every change of one byte is read or refused with an Error") {
  PickleWriter writer;
  writer.dict().text("a").list().integer(1).real(2).end_list();
  writer.text("b").global("collections", "OrderedDict").byte(')').call().end_dict();
  const std::string bytes = writer.finish();
  int refused = 0;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (int value = 0; value < 256; ++value) {
      std::string changed = bytes;
      changed[at] = static_cast<char>(value);
      refused += refusal(changed).empty() ? 0 : 1;
    }
  }
  CHECK(refused > 1000);
}

TEST_CASE("pickle: malformed stacks are refused") {
  CHECK(contains(refusal("\x80\x02."s), "does not end with one value"));
  CHECK(contains(refusal("\x80\x02NN."s), "does not end with one value"));
  CHECK(contains(refusal("\x80\x02t."s), "a mark that was not set"));
  CHECK(contains(refusal("\x80\x02}(Nu."s), "a key without a value"));
  CHECK(contains(refusal("\x80\x02Na."s), "changes a value on an empty stack"));
  CHECK(contains(refusal("\x80\x02(NR."s), "empty stack"));
  CHECK(contains(refusal("\x80\x02N(Ne."s), "not a container"));
  CHECK(contains(refusal("\x80\x06N."s), "protocol 6, expected 2 to 5"));
}

}  // namespace
}  // namespace nas
