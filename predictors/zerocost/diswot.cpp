#include <array>
#include <map>
#include <mutex>

#include "core/ir/arch_builder.h"
#include "core/ops/resnet_ops.h"
#include "core/runtime/distill.h"
#include "core/util/error.h"
#include "core/util/text.h"
#include "predictors/zerocost/diswot_terms.h"
#include "predictors/zerocost/evidence.h"

namespace nas {
namespace {

constexpr std::int64_t kStages = 3;
constexpr std::int64_t kTeacherWidth = 16;
constexpr std::int64_t kMostBlocks = 99;

struct DiswotOptions {
  std::string teacher = "resnet56";
  std::string init = "normal";
};

constexpr std::array kFields = {
    Field<DiswotOptions>{"teacher", &DiswotOptions::teacher,
                         "a CIFAR ResNet with random weights: resnet20, resnet56, resnet110, ... "
                         "or its blocks by stage, 9-9-9",
                         "", 0, 0, "DisWOT, released code"},
    Field<DiswotOptions>{"init", &DiswotOptions::init,
                         "weights of teacher and student: N(0,1) as in the published correlations, "
                         "Kaiming, or the layers' own; decides how well it ranks",
                         "", 0, 0, "DisWOT, released code", "normal|kaiming|default"},
};

/// Blocks by stage of "resnet56" (depth 6 n + 2) or "9-9-9".
std::vector<std::int64_t> teacher_blocks(const std::string& text) {
  constexpr std::string_view kPrefix = "resnet";
  std::vector<std::int64_t> blocks;
  if (text.starts_with(kPrefix)) {
    const auto depth = parse_int(text.substr(kPrefix.size()));
    if (depth && *depth >= 8 && (*depth - 2) % 6 == 0) blocks.assign(kStages, (*depth - 2) / 6);
  } else {
    for (const std::string& word : split(text, '-')) {
      blocks.push_back(parse_int(word).value_or(0));
    }
  }
  bool fine = blocks.size() == kStages;
  for (const std::int64_t count : blocks) fine = fine && count >= 1 && count <= kMostBlocks;
  if (!fine) {
    throw Error(ErrorKind::kUsage,
                "proxy 'diswot': teacher = " + printable(text) +
                    ", expected resnetD with D = 6 n + 2 (20, 56, 110), or three numbers of blocks "
                    "from 1 to 99 as 9-9-9");
  }
  return blocks;
}

DiswotOptions parse(const OptionMap& options) {
  DiswotOptions parsed = parse_fields<DiswotOptions>(kFields, options, "proxy 'diswot'");
  teacher_blocks(parsed.teacher);
  return parsed;
}

ArchGraph build_teacher(const std::vector<std::int64_t>& blocks, const TensorType& input,
                        std::int64_t classes) {
  ArchBuilder builder;
  const Value image = builder.input(input);
  builder.output("logits", add_cifar_resnet(builder, image, blocks, kTeacherWidth, classes));
  return builder.finish();
}

class Diswot final : public Proxy {
 public:
  explicit Diswot(const DiswotOptions& options)
      : blocks_(teacher_blocks(options.teacher)), init_(options.init) {}

  std::uint32_t needs() const override { return kNeedsOwnPass; }
  std::vector<std::string> outputs() const override { return {"", "relation", "semantic"}; }

  std::string objection(const ArchGraph& graph) const override {
    const TensorType& input = graph.output_types(graph.graph_inputs()[0])[0];
    if (input.shape.rank() != 3) {
      return "it compares with a teacher for images, and the graph reads " + to_string(input);
    }
    const std::optional<NodeId> classifier = linear_classifier(graph);
    if (!classifier) return "it needs a linear classifier as output";
    const std::int64_t width = graph.type(graph.inputs(*classifier)[0]).shape[0];
    const std::int64_t wanted = kTeacherWidth << (kStages - 1);
    if (width == wanted) return "";
    return "its classifier reads " + std::to_string(width) + " features, the teacher's " +
           std::to_string(wanted) + "; they must be equal";
  }

  void score(const Evidence&, std::span<ProxyScore>) const override {}

  void measure(const Measurement& measurement, std::span<ProxyScore> scores) const override {
    const NetworkRelations student =
        network_relations(measurement.graph, measurement, init_, measurement.key);
    const NetworkRelations& teacher = teacher_of(measurement);
    scores[1].value = relation_similarity(teacher, student);
    scores[2].value = semantic_similarity(teacher, student);
    // Unweighted, although the second term is 100 to 1,000 times the first.
    scores[0].value = scores[1].value + scores[2].value;
  }

 private:
  /// The teacher's relations on these images: computed once for each task and initialisation.
  const NetworkRelations& teacher_of(const Measurement& measurement) const {
    const TensorType& input =
        measurement.graph.output_types(measurement.graph.graph_inputs()[0])[0];
    const std::int64_t classes =
        measurement.graph.type(measurement.graph.graph_outputs()[0].value).shape[0];
    const std::string name = to_string(input.shape) + " " + std::to_string(classes) + " " +
                             std::to_string(measurement.key.trial);
    const std::lock_guard lock(mutex_);
    const auto known = teachers_.find(name);
    if (known != teachers_.end()) return known->second;
    RngKey key = measurement.key;
    key.seed = stable_mix(key.seed, stable_hash("diswot teacher"));  // not the student's weights
    return teachers_
        .emplace(name,
                 network_relations(build_teacher(blocks_, input, classes), measurement, init_, key))
        .first->second;
  }

  std::vector<std::int64_t> blocks_;
  std::string init_;
  mutable std::mutex mutex_;  // guards teachers_, whose elements never move or change
  mutable std::map<std::string, NetworkRelations> teachers_;
};

}  // namespace

extern constinit const Plugin<Proxy> diswot_proxy{
    "diswot",
    "similarity to a teacher: relations of the images plus class-wise gradients (for distilling)",
    "P. Dong, L. Li, Z. Wei: DisWOT, CVPR 2023, arXiv:2303.15678; the released search and registry "
    "entry differ from it",
    [] { return describe_fields<DiswotOptions>(kFields); },
    [](const OptionMap& options) { return fields_to_map<DiswotOptions>(kFields, parse(options)); },
    [](const OptionMap& options) -> std::unique_ptr<Proxy> {
      return std::make_unique<Diswot>(parse(options));
    }};

}  // namespace nas
