#include "predictors/gennape/ensemble.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/util/error.h"
#include "core/util/statistics.h"
#include "core/util/text.h"
#include "predictors/state.h"

namespace nas {
namespace {

using Kind = GennapeMember::Kind;

constexpr GennapeMember kKnown[] = {
    {"cl", Kind::kRegress, false, false},
    {"cl_fcm", Kind::kRegress, true, false},
    {"cl_t", Kind::kRegress, false, true},
    {"cl_fcm_t", Kind::kRegress, true, true},
    {"pair", Kind::kCompare, false, false},
    {"pair_fcm", Kind::kCompare, true, false},
    {"kgnn", Kind::kKGnn},
    {"flops", Kind::kFlops},
};

constexpr std::size_t kReferences = 256;  // that a comparing member is asked about
constexpr std::size_t kChunk = 256;

bool has_heads(const GennapeMember& what) {
  return what.kind == Kind::kRegress || what.kind == Kind::kCompare;
}

std::vector<double> standardised(std::vector<double> values, double mean, double deviation) {
  for (double& value : values) value = (value - mean) / deviation;
  return values;
}

/// Mean probability to be better than a reference.
std::vector<double> win_parts(const std::vector<double>& scores,
                              const std::vector<double>& references) {
  std::vector<double> parts;
  for (const double score : scores) {
    double sum = 0;
    for (const double other : references) sum += 1 / (1 + std::exp(other - score));
    parts.push_back(sum / static_cast<double>(references.size()));
  }
  return parts;
}

}  // namespace

const GennapeMember& gennape_member(std::string_view name) {
  std::vector<std::string> names;
  for (const GennapeMember& member : kKnown) {
    if (member.name == name) return member;
    names.emplace_back(member.name);
  }
  throw Error(ErrorKind::kUsage, "predictor 'gennape': " + unknown_name("member", name, names));
}

Gennape::Gennape(GennapeOptions options) : options_(std::move(options)) {
  for (const std::string& name : split(options_.members, '+')) {
    const GennapeMember& what = gennape_member(trim(name));
    for (const Member& other : members_) {
      if (other.what != &what) continue;
      throw Error(ErrorKind::kUsage,
                  "predictor 'gennape': member '" + std::string(what.name) + "' is named twice");
    }
    members_.push_back({.what = &what});
  }
}

bool Gennape::has(Kind kind) const {
  return std::ranges::any_of(members_, [kind](const Member& m) { return m.what->kind == kind; });
}

bool Gennape::reads_embeddings() const {
  return has(Kind::kRegress) || has(Kind::kCompare);
}

bool Gennape::has_clusters() const {
  return std::ranges::any_of(members_, [](const Member& m) { return m.what->clusters; });
}

ClusterHeads Gennape::new_heads(const Member& member, CgView view, Rng rng) const {
  return {{.inputs = HeadSpace::width(view),
           .clusters = member.what->clusters ? space_.clusters(view) : 1},
          rng};
}

std::vector<CompGraph> Gennape::read(std::span<const CompGraph> graphs) const {
  std::vector<CompGraph> result;
  for (const CompGraph& graph : graphs) result.push_back(words_.read(graph, scale_));
  return result;
}

std::vector<double> Gennape::labels(const Member& member, const CodedGraphs& coded,
                                    std::span<const double> targets) const {
  std::vector<double> result;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    result.push_back(member.what->transform ? transform_.in(targets[i], coded.macs[i])
                                            : plain_.in(targets[i]));
  }
  return result;
}

HeadBatch Gennape::batch_of(const Member& member, const CodedGraphs& coded, CgView view,
                            std::span<const double> targets,
                            std::span<const std::uint32_t> groups) const {
  return {coded.view(view).inputs,
          member.what->clusters ? coded.view(view).shares : coded.ones,
          labels(member, coded, targets),
          {groups.begin(), groups.end()}};
}

void Gennape::fit_heads(Member& member, const CodedGraphs& coded, std::span<const double> targets,
                        std::span<const std::uint32_t> groups, Rng rng, const Each& each) {
  const auto learn = [&](CgView view, std::uint64_t stream) {
    ClusterHeads heads = new_heads(member, view, rng.stream(stream));
    train(heads, batch_of(member, coded, view, targets, groups),
          {.loss = member.what->kind == Kind::kCompare ? HeadLoss::kPairs : HeadLoss::kSquared,
           .epochs = static_cast<int>(options_.head_epochs)},
          rng.stream(stream + 1), each);
    return heads;
  };
  member.heads = learn(CgView::kWhole, 1);
  member.node_heads = learn(CgView::kNodes, 3);
}

void Gennape::fit(std::span<const GennapeSource> sources, Rng rng, const FitContext& context,
                  const Each& each) {
  std::vector<CompGraph> graphs;
  std::vector<double> targets, macs;
  std::vector<std::uint32_t> groups;
  words_ = {};
  has_labels_ = false;
  for (const GennapeSource& source : sources) words_.add(source.graphs);
  for (std::uint32_t s = 0; s < sources.size(); ++s) {
    scale_ = CgScale::of(sources[s].graphs);
    std::ranges::move(read(sources[s].graphs), std::back_inserter(graphs));
    targets.insert(targets.end(), sources[s].targets.begin(), sources[s].targets.end());
    groups.resize(graphs.size(), s);
  }
  for (const CompGraph& graph : graphs) macs.push_back(static_cast<double>(graph.macs));
  plain_ = target_scale(targets);
  transform_ = LabelTransform::of(targets, macs);
  if (reads_embeddings()) {
    space_.fit(graphs,
               {.encoder_graphs = static_cast<std::size_t>(options_.encoder_graphs),
                .encoder_epochs = static_cast<int>(options_.encoder_epochs),
                .clusters = has_clusters() ? static_cast<std::size_t>(options_.clusters) : 0,
                .fuzzifier = options_.fuzzifier},
               rng.stream(1), context, each);
  }
  const CodedGraphs coded = space_.code(graphs);
  ProgressSink& progress = context.progress == nullptr ? no_progress() : *context.progress;
  for (std::size_t i = 0; i < members_.size(); ++i) {
    Member& member = members_[i];
    const Rng own = rng.stream(stable_hash(member.what->name));
    std::int64_t epoch = 0;
    if (has_heads(*member.what)) {
      progress.begin("member " + std::string(member.what->name), 2 * options_.head_epochs);
      fit_heads(member, coded, targets, groups, own, [&] {
        progress.update(++epoch, "");
        each();
      });
      progress.end();
    }
    if (member.what->kind != Kind::kKGnn) continue;
    progress.begin("member kgnn", options_.kgnn_epochs);
    each();
    kgnn_.emplace(own.stream(1));
    train(*kgnn_, graphs, labels(member, coded, targets),
          {.epochs = static_cast<int>(options_.kgnn_epochs), .learning_rate = options_.kgnn_rate},
          own.stream(2), [&](int done, double loss) {
            progress.update(done + 1, "loss " + format_short(loss, 4));
            each();
          });
    progress.end();
  }
  for (Member& member : members_) member.weight = 1 / static_cast<double>(members_.size());
  fitted_ = true;
}

std::vector<double> Gennape::raw(const Member& member, std::span<const CompGraph> graphs,
                                 const CodedGraphs& coded) const {
  const GennapeMember& what = *member.what;
  std::vector<double> values;
  if (what.kind == Kind::kFlops) {
    for (const double macs : coded.macs) values.push_back(std::log10(std::max(macs, 1.0)));
    return values;
  }
  if (what.kind == Kind::kKGnn) {
    for (std::size_t begin = 0; begin < graphs.size(); begin += kChunk) {
      std::vector<const CompGraph*> chunk;
      for (const CompGraph& graph :
           graphs.subspan(begin, std::min(kChunk, graphs.size() - begin))) {
        chunk.push_back(&graph);
      }
      for (const float value : kgnn_->predict(chunk)) {
        values.push_back(static_cast<double>(value));
      }
    }
    return values;
  }
  const CodedGraphs::View& seen = coded.view(view());
  const ClusterHeads& heads = has_labels_ ? member.heads : member.node_heads;
  values = heads.predict(seen.inputs, what.clusters ? seen.shares : coded.ones);
  for (std::size_t i = 0; what.transform && i < values.size(); ++i) {
    values[i] = transform_.out(values[i], coded.macs[i]);
  }
  if (!member.references.empty()) return win_parts(values, member.references);
  return values;
}

void Gennape::settle(std::span<const CompGraph> pool) {
  scale_ = CgScale::of(pool);
  pool_ = read(pool);
  rescale();
}

void Gennape::rescale() {
  if (pool_.empty()) return;
  const CodedGraphs coded = space_.code(pool_);
  for (Member& member : members_) {
    member.references.clear();
    std::vector<double> values = raw(member, pool_, coded);
    if (member.what->kind == Kind::kCompare) {
      member.references.assign(
          values.begin(),
          values.begin() + static_cast<std::ptrdiff_t>(std::min(values.size(), kReferences)));
      values = win_parts(values, member.references);
    }
    const TargetScale scale = target_scale(values);
    member.mean = scale.mean;
    member.deviation = scale.deviation;
  }
}

Gennape Gennape::tuned(std::span<const CompGraph> labelled, std::span<const double> targets,
                       Rng rng, const Each& each) const {
  constexpr std::size_t kBatch = 10;
  const std::vector<CompGraph> graphs = read(labelled);
  Gennape copy = *this;
  copy.has_labels_ = true;
  // Restored without labels: the statistics that were saved are of the other heads.
  if (!has_labels_ && copy.pool_.empty()) copy.pool_ = graphs;
  const CodedGraphs coded = space_.code(graphs);
  const std::vector<std::uint32_t> groups(graphs.size(), 0);
  for (Member& member : copy.members_) {
    const Rng own = rng.stream(stable_hash(member.what->name));
    if (has_heads(*member.what)) {
      train(member.heads, batch_of(member, coded, CgView::kWhole, targets, groups),
            {.loss = member.what->kind == Kind::kCompare ? HeadLoss::kPairs : HeadLoss::kSquared,
             .epochs = static_cast<int>(options_.tune_epochs),
             .batch = kBatch,
             .learning_rate = options_.tune_rate},
            own, each);
    }
    if (member.what->kind != Kind::kKGnn) continue;
    train(*copy.kgnn_, graphs, labels(member, coded, targets),
          {.epochs = static_cast<int>(options_.tune_epochs),
           .batch = kBatch,
           .learning_rate = options_.kgnn_tune_rate},
          own, [&](int, double) { each(); });
  }
  copy.rescale();
  copy.weigh_read(graphs, coded, targets);
  return copy;
}

void Gennape::weigh(std::span<const CompGraph> graphs, std::span<const double> targets) {
  has_labels_ = true;
  rescale();
  const std::vector<CompGraph> own = read(graphs);
  weigh_read(own, space_.code(own), targets);
}

void Gennape::weigh_read(std::span<const CompGraph> graphs, const CodedGraphs& coded,
                         std::span<const double> targets) {
  double total = 0;
  for (Member& member : members_) {
    member.weight = std::exp(kendall_tau_b(targets, raw(member, graphs, coded)).value_or(0));
    total += member.weight;
  }
  for (Member& member : members_) member.weight /= total;
}

std::vector<std::vector<double>> Gennape::votes(std::span<const CompGraph> networks) const {
  NAS_CHECK(fitted_, "fitted before it votes");
  const std::vector<CompGraph> graphs = read(networks);
  const CodedGraphs coded = space_.code(graphs);
  std::vector<std::vector<double>> result;
  for (const Member& member : members_) {
    result.push_back(standardised(raw(member, graphs, coded), member.mean, member.deviation));
  }
  return result;
}

std::vector<double> Gennape::score(std::span<const CompGraph> graphs) const {
  std::vector<double> sums(graphs.size());
  const auto all = votes(graphs);
  for (std::size_t m = 0; m < all.size(); ++m) {
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += members_[m].weight * all[m][i];
  }
  return sums;
}

void Gennape::save(std::vector<PredictorTensor>& tensors) const {
  const auto keep = [&tensors](const std::string& name, const auto& values) {
    tensors.push_back(make_tensor(name, {std::ssize(values)}, {values.begin(), values.end()}));
  };
  space_.save(tensors);
  if (kgnn_) std::ranges::move(kgnn_->tensors(), std::back_inserter(tensors));
  for (const Member& member : members_) {
    const std::string name(member.what->name);
    if (has_heads(*member.what)) {
      keep("heads." + name, member.heads.parameters());
      keep("node_heads." + name, member.node_heads.parameters());
    }
    if (!member.references.empty()) keep("references." + name, member.references);
    keep("vote." + name, std::vector<double>{member.mean, member.deviation, member.weight});
  }
  keep("labels", std::vector<double>{plain_.mean, plain_.deviation, transform_.scale.mean,
                                     transform_.scale.deviation});
  keep("words", words_.values());
  keep("terms", std::vector<double>{scale_.channels, scale_.side, has_labels_ ? 1.0 : 0.0});
}

void Gennape::restore(const PredictorState& state) {
  const auto named = [](const PredictorTensor& tensor) { return tensor.name == "words"; };
  if (std::ranges::none_of(state.tensors, named)) {
    throw Error(ErrorKind::kData,
                "was fitted by an earlier version, which had no heads on nodes; fit it again "
                "(nasctl predictor fit --replace)");
  }
  words_.set_values(gennape_tensor(state, "words", words_.values().size()));
  const std::vector<double>& terms = gennape_tensor(state, "terms", 3);
  // As far as `CgScale::of` goes.
  if (!(terms[0] > 0 && terms[0] <= 512 && terms[1] > 0 && terms[1] <= 8)) {
    throw Error(ErrorKind::kData, "predictor 'gennape': tensor 'terms' does not fit");
  }
  scale_ = {terms[0], terms[1]};
  has_labels_ = terms[2] != 0;
  if (reads_embeddings()) space_.restore(state, has_clusters(), options_.fuzzifier);
  if (has(Kind::kKGnn)) kgnn_.emplace(state);
  for (Member& member : members_) {
    const std::string name(member.what->name);
    const std::vector<double>& vote = gennape_tensor(state, "vote." + name, 3);
    member.mean = vote[0];
    member.deviation = vote[1];
    member.weight = vote[2];
    if (!has_heads(*member.what)) continue;
    const auto fill = [&](const std::string& tensor, CgView view) {
      ClusterHeads heads = new_heads(member, view, Rng({}));
      std::ranges::transform(gennape_tensor(state, tensor + name, heads.parameters().size()),
                             heads.parameters().begin(),
                             [](double value) { return static_cast<float>(value); });
      return heads;
    };
    member.heads = fill("heads.", CgView::kWhole);
    member.node_heads = fill("node_heads.", CgView::kNodes);
    if (member.what->kind != Kind::kCompare) continue;
    const std::size_t count = state_tensor(state, "references." + name).data.size();
    member.references = gennape_tensor(state, "references." + name, count);
  }
  const std::vector<double>& scales = gennape_tensor(state, "labels", 4);
  plain_ = {scales[0], scales[1]};
  transform_ = {{scales[2], scales[3]}};
  fitted_ = true;
}

}  // namespace nas
