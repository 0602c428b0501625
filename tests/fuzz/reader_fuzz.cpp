// Readers of foreign files against damaged copies, for a time:
//   reader_fuzz SECONDS SEED FINDING FILE...
// Damages .onnx, .tflite and .qasm files (more networks and circuits are made) and reads the
// copies: each is refused in one line or read; what was read survives being written, printed,
// planned, drawn and executed. Anything else (an error of ours, another exception, a finding of a
// sanitizer, a copy that takes longer than ten seconds) ends the program with the copy in the file
// FINDING. Meant for the `asan` build: scripts/fuzz.

#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "core/int8/executor.h"
#include "core/ir/cost.h"
#include "core/ir/forms/text_form.h"
#include "core/onnx/export_graph.h"
#include "core/onnx/import_graph.h"
#include "core/onnx/network_text.h"
#include "core/onnx/read_onnx.h"
#include "core/onnx/write_onnx.h"
#include "core/quantum/circuit_graph.h"
#include "core/quantum/draw_circuit.h"
#include "core/quantum/qasm.h"
#include "core/tflite/export_program.h"
#include "core/tflite/import_graph.h"
#include "core/tflite/import_program.h"
#include "core/tflite/read_tflite.h"
#include "core/tflite/write_tflite.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/text.h"
#include "hwmodels/mcu/network_plan.h"
#include "tests/core/onnx/every_operation.h"
#include "tests/core/onnx/mutate.h"
#include "tests/core/quantum/random_circuit.h"
#include "tests/fuzz/mutations.h"

namespace nas {
namespace {

constexpr unsigned kMostSeconds = 10;  // for a copy, under sanitizers on a busy machine

// What a signal handler writes: the copy that is being read.
std::string copy, finding_path;

void save_copy(int signal) {
  if (std::FILE* file = std::fopen(finding_path.c_str(), "wb")) {
    std::fwrite(copy.data(), 1, copy.size(), file);
    std::fclose(file);
  }
  std::fprintf(stderr, "reader_fuzz: signal %d; the copy is in %s\n", signal, finding_path.c_str());
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

void require(bool holds, const std::string& what) {
  if (holds) return;
  std::fprintf(stderr, "reader_fuzz: %s\n", what.c_str());
  std::abort();
}

/// Runs what may refuse the copy, in one line and not as an error of ours. Whether it did not.
template <class Work>
bool accepts(const Work& work) {
  try {
    work();
    return true;
  } catch (const Error& error) {
    const std::string text = error.what();
    require(error.kind() != ErrorKind::kInternal, "an error of ours: " + text);
    require(text.find('\n') == std::string::npos, "an error of several lines: " + text);
    return false;
  }
}

void execute(const MicroProgram& program) {
  constexpr std::int64_t kMostMacs = 2'000'000, kMostBytes = 64 << 20;
  std::int64_t bytes = 0;
  for (const MicroTensor& tensor : program.tensors) bytes += tensor.bytes();
  if (bytes > kMostBytes || micro_macs(program) > kMostMacs) return;
  accepts([&] { MicroExecutor(program).run(); });
}

bool read_tflite_copy(const std::string& bytes) {
  MicroProgram program;
  const bool good = accepts([&] {
    const TfliteModel model = parse_tflite(bytes, "copy.tflite");
    program = to_program(model);
    accepts([&] { to_graph(model, true).graph.check(); });  // not every program is a graph
  });
  if (!good) return false;
  std::string written;
  if (accepts([&] { written = format_tflite(to_tflite(program)); })) {
    const MicroProgram again = to_program(parse_tflite(written, "copy.tflite"));
    require(again.steps.size() == program.steps.size(), "a program comes back with other steps");
  }
  constexpr std::size_t kMostSteps = 200;
  if (program.steps.size() <= kMostSteps) {
    accepts([&] { plan_program(program, kTinyEngine, {.nodes = 1000}); });
  }
  execute(program);
  return true;
}

bool read_qasm_copy(const std::string& text) {
  Circuit circuit(1);
  if (!accepts([&] { circuit = parse_qasm(text, "copy.qasm"); })) return false;
  require(parse_qasm(to_qasm2(circuit), "2") == circuit, "a circuit does not come back");
  require(parse_qasm(to_qasm3(circuit), "3") == circuit, "a circuit does not come back");
  constexpr std::size_t kMostGates = 2000;
  if (circuit.gates().size() > kMostGates) return true;
  require(to_circuit(to_graph(circuit)).gates().size() == circuit.gates().size(),
          "a graph has other gates than its circuit");
  draw_circuit_text(circuit);
  draw_circuit_svg(circuit, "copy");
  return true;
}

bool read_onnx_copy(const std::string& bytes) {
  OnnxModel model;
  if (!accepts([&] { model = parse_onnx(bytes, "copy.onnx"); })) return false;
  for (const NetworkText mode : {NetworkText::kChain, NetworkText::kRunLength}) {
    accepts([&] { network_text(model, mode); });
  }
  ImportedNetwork network;
  if (!accepts([&] { network = to_graph(model, true); })) return false;
  network.graph.check();
  GraphCost cost;
  if (!accepts([&] { cost = graph_cost(network.graph); })) return true;  // too much to count
  std::string written;
  if (!accepts([&] { written = format_onnx(to_onnx(network.graph, &network.weights)); }))
    return true;
  const GraphCost again = graph_cost(to_graph(parse_onnx(written, "again.onnx"), true).graph);
  require(again.params == cost.params && again.macs == cost.macs, "a network comes back changed");
  return true;
}

constexpr std::array kWords = std::to_array<std::string_view>({"OPENQASM",
                                                               "include",
                                                               "qreg",
                                                               "creg",
                                                               "qubit",
                                                               "bit",
                                                               "barrier",
                                                               "measure",
                                                               "gate",
                                                               "h",
                                                               "cx",
                                                               "ccx",
                                                               "u3",
                                                               "rz",
                                                               "cp",
                                                               "swap",
                                                               "gphase",
                                                               "pi",
                                                               "tau",
                                                               "sin",
                                                               "ln",
                                                               "sqrt",
                                                               "q",
                                                               "c",
                                                               "[",
                                                               "]",
                                                               "(",
                                                               ")",
                                                               "{",
                                                               "}",
                                                               ";",
                                                               ",",
                                                               "->",
                                                               "=",
                                                               "^",
                                                               "**",
                                                               "*",
                                                               "/",
                                                               "-",
                                                               "+",
                                                               "//",
                                                               "/*",
                                                               "*/",
                                                               "\"",
                                                               "\n",
                                                               "π",
                                                               "if",
                                                               "reset",
                                                               "((((((((((((((((((((((((((((((((",
                                                               "--------------------"});

/// What a file is damaged from and read by.
struct Form {
  std::string_view name;
  std::vector<std::string> originals{};
  std::string (*damage)(const std::string& original, Rng& rng) = nullptr;
  bool (*read)(const std::string& copy) = nullptr;
  std::size_t copies = 0, good = 0;
};

/// Every operation that we write, in old and new operators.
std::vector<std::string> written_networks() {
  std::vector<std::string> files;
  for (const std::string& lines : test::kEveryOperation) {
    const ArchGraph graph = parse_graph("searchlight-graph 1\n" + lines);
    const TensorFile weights = initial_weights(graph);
    for (const int opset : {test::first_opset(lines), 13, 21}) {
      files.push_back(format_onnx(to_onnx(graph, &weights, {.opset = opset})));
    }
    files.push_back(format_onnx(to_onnx(graph, nullptr)));
  }
  return files;
}

using Forms = std::array<Form, 3>;

Forms forms_of(const std::vector<std::string>& files) {
  Forms forms = {Form{.name = "tflite",
                      .damage = [](const std::string& original,
                                   Rng& rng) { return test::mutate_words(original, rng); },
                      .read = read_tflite_copy},
                 Form{.name = "qasm",
                      .damage = [](const std::string& original,
                                   Rng& rng) { return test::mutate_text(original, kWords, rng); },
                      .read = read_qasm_copy},
                 Form{.name = "onnx",
                      .originals = written_networks(),
                      .damage = [](const std::string& original,
                                   Rng& rng) { return test::mutate(original, rng); },
                      .read = read_onnx_copy}};
  for (const std::string& file : files) {
    const std::size_t form = file.ends_with(".qasm") ? 1 : file.ends_with(".onnx") ? 2 : 0;
    forms[form].originals.push_back(read_file(file));
  }
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    const Circuit circuit = test::random_circuit(4, 12, seed);
    forms[1].originals.push_back(seed % 2 == 0 ? to_qasm2(circuit) : to_qasm3(circuit));
  }
  forms[1].originals.emplace_back(
      "OPENQASM 3.0;\ninclude \"stdgates.inc\";\nqubit[2] q;\nqubit one;\nbit[2] c;\n"
      "U(π/2, 0, -(1+2)^2/4) q[0];\ncp(tau/8) q[0], one; // a comment\ngphase(2*sin(0.5));\n"
      "h q; barrier q, one; /* another\n one */ c[0] = measure q[0];\nc = measure q;\n");
  return forms;
}

void fuzz(double seconds, std::uint64_t seed, const std::vector<std::string>& files) {
  using Clock = std::chrono::steady_clock;
  Forms forms = forms_of(files);
  const auto end = Clock::now() + std::chrono::duration<double>(seconds);
  const Rng rng({.seed = seed, .purpose = Purpose::kTest});
  for (std::uint64_t i = 0; Clock::now() < end; ++i) {
    Form& form = forms[i % forms.size()];
    if (form.originals.empty()) continue;
    Rng own = rng.stream(i);
    copy = form.damage(form.originals[own.below(form.originals.size())], own);
    alarm(kMostSeconds);
    ++form.copies;
    form.good += form.read(copy) ? 1 : 0;
    alarm(0);
  }
  for (const Form& form : forms) {
    std::printf("%s: %zu originals, %zu damaged copies, %zu of them read\n",
                std::string(form.name).c_str(), form.originals.size(), form.copies, form.good);
  }
}

}  // namespace
}  // namespace nas

int main(int argc, char** argv) {
  if (argc < 4) {
    std::fprintf(stderr, "usage: reader_fuzz SECONDS SEED FINDING FILE...\n");
    return 2;
  }
  const auto seconds = nas::parse_double(argv[1]);
  const auto seed = nas::parse_int(argv[2]);
  if (!seconds || !seed) {
    std::fprintf(stderr, "reader_fuzz: SECONDS and SEED are numbers\n");
    return 2;
  }
  nas::finding_path = argv[3];
  // Every finding of a sanitizer ends in SIGABRT (abort_on_error=1).
  std::signal(SIGABRT, nas::save_copy);
  std::signal(SIGALRM, nas::save_copy);
  try {
    nas::fuzz(*seconds, static_cast<std::uint64_t>(*seed), {argv + 4, argv + argc});
  } catch (const nas::Error& error) {  // an original that cannot be read
    std::fprintf(stderr, "reader_fuzz: %s\n", error.what());
    return 2;
  }
  return 0;
}
