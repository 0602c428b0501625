#include <doctest/doctest.h>

#include "core/ir/forms/text_form.h"
#include "core/util/file.h"
#include "db/importers/torch_file.h"
#include "tests/db/hostile_samples.h"
#include "tests/db/importers/byte_writers.h"
#include "tests/db/importers/importer_testing.h"
#include "tests/db/importers/pickle_writer.h"

// Small files that ask for much: depth, memory by the square of their size, endless unpacking.

namespace nas::test {
namespace {

std::string repeated(const std::string& text, int count) {
  std::string result;
  for (int i = 0; i < count; ++i) result += text;
  return result;
}

std::string as_it_is(const std::string& bytes) {
  return bytes;
}

/// The refusal's text; a fault fails the test.
std::string refusal_of(const std::string& name, const std::string& bytes,
                       const std::function<void(const std::string&)>& read) {
  const Outcome outcome = outcome_of({name, bytes, read}, bytes);
  CHECK_MESSAGE(outcome.fault.empty(), name, ": ", outcome.fault);
  return outcome.refusal;
}

void expect(const std::string& name, const std::string& bytes,
            const std::function<void(const std::string&)>& read, std::string_view text) {
  const std::string refusal = refusal_of(name, bytes, read);
  CHECK_MESSAGE(refusal.find(text) != std::string::npos, name, ": '", refusal, "' lacks '", text,
                "'");
}

constexpr int kDeep = 100000;
const std::string kMappingStart = "name = \"x\"\n[architecture]\nfields = \"arch\"\n";
const std::string kMapping = kMappingStart + "[[column]]\nfield = \"acc\"\n";

TEST_CASE("hostile bytes: a hundred thousand levels of nesting") {
  const std::string brackets = repeated("[", kDeep), braces = repeated("{\"a\":", kDeep);
  for (const std::string& deep : {brackets, braces, "[{\"net\":" + brackets}) {
    expect("nds", deep, importing("nds_json", "DARTS.json", as_it_is), "nested deeper");
    // These two are objects: a list is refused at its first bracket.
    const char* const text = deep.front() == '[' ? "expected one JSON object" : "nested deeper";
    expect("suite zero", deep, importing("suite_zero_json", "zc_nb201.json", as_it_is), text);
    expect("macro", deep, importing("nasbench_macro_json", "nas-bench-macro.json", as_it_is), text);
    expect("JSON lines", deep, importing("table", "x.jsonl", as_it_is, kMapping), "nested deeper");
    expect("NAS-Bench-101", deep, importing("nasbench101_tfrecord", "x.tfrecord", tf_record),
           "nested deeper");
  }
  const auto mapping = [](const std::string& text) {
    importing(
        "table", "x.csv", [](const std::string&) { return "arch,acc\n"; }, text)(text);
  };
  expect("dotted key", repeated("a.", kDeep) + "a = 1\n", mapping, "more than 64 parts");
  expect("dotted table", "[" + repeated("a . ", kDeep) + "a]\n", mapping, "more than 64 parts");
  // The end of a text of several lines has three quotes, and up to two that belong to the text.
  for (const std::string end : {"\n\"\"\"", "\n\"\"\"\"", "\\\"\n\"\"\"\"\""}) {
    expect("dotted key behind a text",
           "x = {y = \"\"\"" + end + ", " + repeated("a.", kDeep) + "a = 1}", mapping,
           "more than 64 parts");
  }
  expect("dotted key behind a literal text",
         "x = {y = '''\n''', " + repeated("a.", kDeep) + "a = 1}", mapping, "more than 64 parts");
  refusal_of("dots in a comment and in texts",
             "# isn't" + repeated("a.", 100) + "\nx = \"\"\"\n" + repeated("a.", 100) + "\"\"\"\n",
             mapping);
  CHECK_FALSE(refusal_of("TOML lists", "a = " + brackets, mapping).empty());
  refusal_of("TOML tables of dotted keys",
             repeated("a = {" + repeated("a.", 63), 250) + "a = 1" + repeated("}", 250), mapping);
  CHECK_FALSE(refusal_of("TOML tables", repeated("a = {", kDeep), mapping).empty());
  for (const Plugin<SearchSpace>* plugin : space_plugins()) {
    const SearchSpace* space = space_of(plugin->name);
    for (const char* part : {"(", "[", "((('a', 0), ", "|", "Genotype(", "a:"}) {
      const auto parse = [&](const std::string& text) { space->parse(text); };
      CHECK_FALSE(refusal_of(std::string(plugin->name), repeated(part, kDeep), parse).empty());
    }
  }
  const auto graph = [](const std::string& text) { parse_graph(text); };
  refusal_of("scopes",
             "searchlight-graph 1\n%0 = input() : float[3,8,8] @" + repeated("a/", kDeep) +
                 "a\nreturn logits=%0\n",
             graph);
}

TEST_CASE("hostile bytes: tables that would be filled up to the square of their size") {
  std::string text = "arch,set,acc,list\n";
  std::string long_list,
      many_jobs = "[{\"net\": {}, \"test_ep_top1\": [1" + repeated(", 1", 20000) + "]}";
  for (int i = 0; i < 20000; ++i) long_list += "1;";
  for (int i = 0; i < 20000; ++i) {
    const std::string number = std::to_string(i);
    text += "a" + number + ",s" + number + ",1," + (i == 0 ? long_list + "1" : "1") + "\n";
    many_jobs += ", {\"net\": {\"ws\": " + number + "}, \"test_ep_top1\": [1]}";
  }
  const std::string pivot = "[pivot]\nfield = \"set\"\n";
  const std::string list = kMappingStart + "[[column]]\nfield = \"list\"\nlist = \";\"\n";
  expect("pivot", text, importing("table", "x.csv", as_it_is, kMapping + pivot),
         "more than 1000 data sets");
  expect("list", text, importing("table", "x.csv", as_it_is, list), "is it a table");
  expect("curves", many_jobs + "]", importing("nds_json", "ResNet.json", as_it_is),
         "is it a table");
  std::string wide = "arch,acc\n" + repeated("a,1\n", 20000);
  for (int i = 0; i < 20000; ++i) wide += "b" + std::to_string(i) + ",1\n";
  expect("repeated lines", wide,
         importing("table", "x.csv", as_it_is,
                   "name = \"x\"\n[architecture]\nfields = \"arch\"\nduplicates = \"wide\"\n"
                   "[[column]]\nfield = \"acc\"\n"),
         "is it a table");
}

TEST_CASE("hostile bytes: a JSON object of a hundred thousand keys takes linear time") {
  std::string records = "{\"cifar10\": {", flat = "{";
  for (int i = 0; i < kDeep; ++i) {
    const std::string key = "\"" + std::to_string(i) + "\": ";
    records += (i == 0 ? "" : ", ") + key + "{}";
    flat += (i == 0 ? "" : ", ") + key + "1";
  }
  refusal_of("suite zero", records + "}}",
             importing("suite_zero_json", "zc_nasbench201.json", as_it_is));
  expect("JSON line", flat + "}", importing("table", "x.jsonl", as_it_is, kMapping),
         "more than 10000 keys");
}

TEST_CASE("hostile bytes: a few kilobytes that unpack to hundreds of megabytes") {
  const std::string zeros(100 << 20, '\0');
  const std::string text = PickleWriter(2).text(zeros).finish();
  expect("bzip2", bzip2(text), importing("nats", "NATS-x.pickle.pbz2", as_it_is), "too long");
  expect("zip", zip_of("data.pkl", text, 8), importing("transnas_pth", "transnas.pth", as_it_is),
         "too long");
  expect("gzip", gzip(zeros), importing("table", "x.csv.gz", as_it_is, kMapping),
         "unpacks to more than 256 times its size");
}

TEST_CASE("hostile bytes: calls in a pickle that copy one value again and again") {
  const auto read = [](const std::string& bytes) {
    const auto source = open_memory(bytes);
    ByteReader reader(*source, "hostile");
    read_pickle(reader);
  };
  PickleWriter texts(2);
  texts.mark().text(std::string(1 << 18, 'x')).byte('q').byte(0).text("latin1").byte('q').byte(1);
  texts.global("_codecs", "encode").byte('q').byte(2);
  for (int i = 0; i < 5000; ++i) texts.raw("h\2h").byte(0).raw("h\1\x86R");
  expect("encode", texts.byte('t').finish(), read, "far more values than it has bytes");
  PickleWriter sets(2);
  sets.mark().byte(']').byte('q').byte(0).mark().raw(std::string(100000, 'N')).byte('e');
  sets.global("builtins", "set").byte('q').byte(1);
  for (int i = 0; i < 5000; ++i) sets.raw("h\1h").byte(0).raw("\x85R");
  expect("set", sets.byte('t').finish(), read, "far more values than it has bytes");
}

TEST_CASE("hostile bytes: a zip member whose size or CRC-32 is wrong is named") {
  const TemporaryDirectory folder;
  const auto path = folder.path() / "x.pth";
  const std::string object = PickleWriter(2).text("abcdefgh").finish();
  for (const int method : {0, 8}) {
    const std::string good = zip_of("a/data.pkl", object, method);
    const auto read = [&](const std::string& bytes) {
      put_file(path, bytes);
      read_torch_object(path, {});
    };
    CHECK(refusal_of("good", good, read).empty());
    const std::size_t entry = good.find("PK\x01\x02");
    std::string wrong = good;
    wrong[entry + 16] = static_cast<char>(wrong[entry + 16] ^ 1);
    expect("CRC", wrong, read, "x.pth, a/data.pkl: wrong CRC-32: expected ");
    wrong = good;
    wrong[entry + 24] = static_cast<char>(wrong[entry + 24] + 1);
    expect("size", wrong, read, "x.pth, a/data.pkl: wrong size: expected 17 bytes, got 16");
    if (method == 8) continue;
    wrong = good;
    const std::size_t letter = wrong.find("abcdefgh");
    wrong[letter] = 'X';
    expect("content", wrong, read, "wrong CRC-32");
  }
}

}  // namespace
}  // namespace nas::test
