#include <doctest/doctest.h>

#include <array>
#include <filesystem>

#include "db/importers/pickle.h"
#include "tests/db/hostile_samples.h"
#include "tests/db/importers/byte_writers.h"
#include "tests/db/importers/importer_testing.h"
#include "tests/db/importers/pickle_writer.h"

// Pickles that would run a command when Python reads them, by every instruction that can. Each is
// refused by the name of its instruction or global, alone and inside every container.

namespace nas::test {
namespace {

using namespace std::string_literals;

struct Malicious {
  std::string name;
  std::string bytes;
  std::string refused;  ///< what the refusal names
};

std::string start(int protocol = 2) {
  return "\x80"s + static_cast<char>(protocol);
}

std::vector<Malicious> collection() {
  const std::string call = "X\x04\x00\x00\x00"s + "true\x85R.";
  const auto global = [&](const std::string& module, const std::string& name) {
    return start() + "c" + module + "\n" + name + "\n" + call;
  };
  std::vector<Malicious> all{
      {"GLOBAL", global("os", "system"), "global os.system"},
      {"STACK_GLOBAL", start(4) + "\x8c\x05posix\x8c\x06system\x93" + call, "global posix.system"},
      {"INST", start() + "(S'true'\nios\nsystem\n.", "instruction STRING"},
      {"INST without arguments", start() + "(ios\nsystem\n.", "instruction INST"},
      {"OBJ", start() + "(cos\nsystem\nX\x04\x00\x00\x00"s + "trueo.", "global os.system"},
      {"OBJ of a known global", start() + "(cnumpy\ndtype\no.", "instruction OBJ"},
      {"NEWOBJ", start() + "csubprocess\nPopen\nX\x04\x00\x00\x00"s + "true\x85\x81.",
       "global subprocess.Popen"},
      {"NEWOBJ_EX", start(4) + "cnumpy\ndtype\n)}\x92.", "instruction NEWOBJ_EX"},
      {"BUILD",
       start() + "ccollections\nOrderedDict\n}X\x0c\x00\x00\x00"s + "__setstate__cos\nsystem\nsb.",
       "global os.system"},
      {"BUILD of a known global", start() + "ctorch\nSize\n}b.", "a state for torch.Size"},
      {"EXT1", start() + "\x82\x01.", "instruction EXT1"},
      {"EXT2", start() + "\x83\x01\x01.", "instruction EXT2"},
      {"EXT4", start() + "\x84\x01\x01\x01\x01.", "instruction EXT4"},
      {"PERSID", start() + "Pos.system\n.", "instruction PERSID"},
      {"getattr chain", start() + "c__builtin__\ngetattr\n(c__builtin__\n__import__\n.",
       "global __builtin__.getattr"},
      {"dotted name", start(4) + "\x8c\x05numpy\x8c\x10" + "dtype.__reduce__\x93.",
       "global numpy.dtype.__reduce__"},
      {"method of a known global",
       start(4) + "\x8c\x0b" + "collections\x8c\x14" + "OrderedDict.__init__\x93.",
       "global collections.OrderedDict.__init__"},
      {"another pickle inside", start() + "](" + global("os", "system"), "global os.system"},
      {"protocol 0", "cos\nsystem\n(S'true'\ntR.", "global os.system"},
      {"protocol 1 text", "I1\n.", "instruction INT"},
      {"call of a call", start() + "cnumpy\ndtype\n)R)R.",
       "a call of something that is not a global"},
      {"line feeds in a name", start(4) + "\x8c\x05os\nsy\x8c\x04stem\x93.", "global os sy.stem"},
  };
  const std::array<std::pair<const char*, const char*>, 16> kGlobals{
      {{"builtins", "eval"},
       {"builtins", "exec"},
       {"builtins", "getattr"},
       {"__builtin__", "apply"},
       {"builtins", "compile"},
       {"builtins", "open"},
       {"nt", "system"},
       {"os", "popen"},
       {"pty", "spawn"},
       {"runpy", "run_path"},
       {"importlib", "import_module"},
       {"torch", "load"},
       {"torch.hub", "load"},
       {"numpy.testing._private.utils", "runstring"},
       {"_pickle", "loads"},
       {"copyreg", "_reconstructor"}}};
  for (const auto& [module, name] : kGlobals) {
    all.push_back({name, global(module, name), "global "s + module + "." + name});
  }
  return all;
}

std::string refusal(const std::function<void(const std::string&)>& read, const std::string& bytes) {
  const Outcome outcome = outcome_of({"malicious", bytes, read}, bytes);
  CHECK_MESSAGE(outcome.fault.empty(), outcome.fault);
  return outcome.refusal;
}

TEST_CASE("malicious pickles: each is refused by name, alone and in every container") {
  const auto read = [](const std::string& bytes) {
    const auto source = open_memory(bytes);
    ByteReader reader(*source, "x.pickle");
    read_pickle(reader);
  };
  const auto as_it_is = [](const std::string& bytes) { return bytes; };
  const auto stored = [](const std::string& bytes) { return zip_of("a/data.pkl", bytes, 0); };
  const auto deflated = [](const std::string& bytes) { return zip_of("data.pkl", bytes, 8); };
  const std::array<std::function<void(const std::string&)>, 6> readers{
      read,
      importing("nats", "NATS-x.pickle.pbz2", bzip2),
      importing("hw_nas_bench", "HW-NAS-Bench-x.pickle", as_it_is),
      importing("transnas_pth", "transnas-x.pth", stored),
      importing("transnas_pth", "transnas-x.pth", deflated),
      importing("nasbench201_pth", "NAS-Bench-201-x.pth", legacy_torch)};
  for (const Malicious& malicious : collection()) {
    for (std::size_t i = 0; i < readers.size(); ++i) {
      CAPTURE(malicious.name);
      CAPTURE(i);
      const std::string text = refusal(readers[i], malicious.bytes);
      CHECK_MESSAGE(text.find(malicious.refused) != std::string::npos, malicious.name, ": ", text);
    }
  }
}

TEST_CASE("malicious pickles: nothing was run, and a tar archive is not a torch file") {
  const TemporaryDirectory folder;
  const auto witness = folder.path() / "witness";
  const std::string command = "touch " + witness.string();
  const std::string bytes =
      PickleWriter(2).global("os", "system").text(command).byte(0x85).call().finish();
  const auto load = importing("transnas_pth", "transnas-x.pth", legacy_torch);
  CHECK(contains(refusal(load, bytes), "os.system"));
  CHECK_FALSE(std::filesystem::exists(witness));
  const auto as_it_is = [](const std::string& text) { return text; };
  const std::string tar =
      "pickle" + std::string(94, '\0') + "0000644" + std::string(411, '\0') + bytes;
  CHECK_FALSE(refusal(importing("transnas_pth", "transnas-x.pth", as_it_is), tar).empty());
}

}  // namespace
}  // namespace nas::test
