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

ClusterHeads Gennape::new_heads(const Member& member, Rng rng) const {
  return {
      {.inputs = ContrastiveNet::kWidth, .clusters = member.what->clusters ? space_.clusters() : 1},
      rng};
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

HeadBatch Gennape::batch_of(const Member& member, const CodedGraphs& coded,
                            std::span<const double> targets,
                            std::span<const std::uint32_t> groups) const {
  return {coded.inputs,
          member.what->clusters ? coded.shares : coded.ones,
          labels(member, coded, targets),
          {groups.begin(), groups.end()}};
}

void Gennape::fit(std::span<const GennapeSource> sources, Rng rng, const FitContext& context,
                  const Each& each) {
  std::vector<CompGraph> graphs;
  std::vector<double> targets, macs;
  std::vector<std::uint32_t> groups;
  for (std::uint32_t s = 0; s < sources.size(); ++s) {
    graphs.insert(graphs.end(), sources[s].graphs.begin(), sources[s].graphs.end());
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
      progress.begin("member " + std::string(member.what->name), options_.head_epochs);
      member.heads = new_heads(member, own.stream(1));
      train(member.heads, batch_of(member, coded, targets, groups),
            {.loss = member.what->kind == Kind::kCompare ? HeadLoss::kPairs : HeadLoss::kSquared,
             .epochs = static_cast<int>(options_.head_epochs)},
            own.stream(2), [&] {
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
  values = member.heads.predict(coded.inputs, what.clusters ? coded.shares : coded.ones);
  for (std::size_t i = 0; what.transform && i < values.size(); ++i) {
    values[i] = transform_.out(values[i], coded.macs[i]);
  }
  if (!member.references.empty()) return win_parts(values, member.references);
  return values;
}

void Gennape::settle(std::vector<CompGraph> pool) {
  pool_ = std::move(pool);
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

Gennape Gennape::tuned(std::span<const CompGraph> graphs, std::span<const double> targets, Rng rng,
                       const Each& each) const {
  constexpr std::size_t kBatch = 10;
  Gennape copy = *this;
  const CodedGraphs coded = space_.code(graphs);
  const std::vector<std::uint32_t> groups(graphs.size(), 0);
  for (Member& member : copy.members_) {
    const Rng own = rng.stream(stable_hash(member.what->name));
    if (has_heads(*member.what)) {
      train(member.heads, batch_of(member, coded, targets, groups),
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
  copy.weigh(graphs, coded, targets);
  return copy;
}

void Gennape::weigh(std::span<const CompGraph> graphs, std::span<const double> targets) {
  weigh(graphs, space_.code(graphs), targets);
}

void Gennape::weigh(std::span<const CompGraph> graphs, const CodedGraphs& coded,
                    std::span<const double> targets) {
  double total = 0;
  for (Member& member : members_) {
    member.weight = std::exp(kendall_tau_b(targets, raw(member, graphs, coded)).value_or(0));
    total += member.weight;
  }
  for (Member& member : members_) member.weight /= total;
}

std::vector<std::vector<double>> Gennape::votes(std::span<const CompGraph> graphs) const {
  NAS_CHECK(fitted_, "fitted before it votes");
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
    if (has_heads(*member.what)) keep("heads." + name, member.heads.parameters());
    if (!member.references.empty()) keep("references." + name, member.references);
    keep("vote." + name, std::vector<double>{member.mean, member.deviation, member.weight});
  }
  keep("labels", std::vector<double>{plain_.mean, plain_.deviation, transform_.scale.mean,
                                     transform_.scale.deviation});
}

void Gennape::restore(const PredictorState& state) {
  if (reads_embeddings()) space_.restore(state, has_clusters(), options_.fuzzifier);
  if (has(Kind::kKGnn)) kgnn_.emplace(state);
  for (Member& member : members_) {
    const std::string name(member.what->name);
    const std::vector<double>& vote = gennape_tensor(state, "vote." + name, 3);
    member.mean = vote[0];
    member.deviation = vote[1];
    member.weight = vote[2];
    if (!has_heads(*member.what)) continue;
    member.heads = new_heads(member, Rng({}));
    std::vector<float>& parameters = member.heads.parameters();
    std::ranges::transform(gennape_tensor(state, "heads." + name, parameters.size()),
                           parameters.begin(),
                           [](double value) { return static_cast<float>(value); });
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
