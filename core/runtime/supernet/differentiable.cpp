#include "core/runtime/supernet/differentiable.h"

#include <map>

#include "core/runtime/supernet/collapse.h"
#include "core/runtime/supernet/entries.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

/// What a relaxation is determined by, without what it does not use.
std::string relaxation_text(const ArchitectureSearch& search) {
  const RelaxationOptions& r = search.relaxation;
  std::string text = "relaxation=" + (search.policy ? std::string("reinforce") : r.method);
  if (r.method == "gumbel") {
    text += "; temperature=" + format_double(r.first_temperature) + ".." +
            format_double(r.last_temperature);
  }
  if (r.method == "dirichlet") text += "; kl=" + format_double(r.kl);
  if (search.policy) {
    text += "; policy_paths=" + std::to_string(search.policy_paths) +
            "; baseline_decay=" + format_double(search.baseline_decay);
  }
  if (r.latency.kind != "none") {
    text += "; latency=" + r.latency.kind + "; cost=" + r.latency.metric +
            "; reference=" + format_double(r.latency.reference) +
            "; factor=" + format_double(r.latency.factor) +
            "; exponent=" + format_double(r.latency.exponent) +
            "; lambda=" + format_double(r.latency.lambda) +
            "; fixed=" + format_double(r.latency.cost.fixed);
    for (const auto& costs : r.latency.cost.alternatives) {
      for (const double cost : costs) text += "," + format_double(cost);
    }
  }
  return text;
}

std::string schedule_text(const SearchSchedule& schedule) {
  std::string text;
  const auto add = [&](const char* name, std::int64_t value, std::int64_t usual) {
    if (value != usual) text += std::string("; ") + name + "=" + std::to_string(value);
  };
  add("warmup_epochs", schedule.warmup_epochs, 0);
  if (schedule.warmup_rate > 0) text += "; warmup_rate=" + format_double(schedule.warmup_rate);
  add("lead_epochs", schedule.lead_epochs, 0);
  if (schedule.updates == 0) add("every", schedule.every, 1);
  add("updates", schedule.updates, 0);
  return text;
}

/// The shares after each epoch, as the curve has them.
std::vector<ArchVectors> shares_of(const std::vector<CurvePoint>& curve, const ChoiceGroups& groups,
                                   const std::vector<std::vector<std::string>>& names,
                                   std::int64_t epochs) {
  std::map<std::string, std::pair<std::size_t, std::size_t>> places;
  for (std::size_t v = 0; v < names.size(); ++v) {
    for (std::size_t i = 0; i < names[v].size(); ++i) places[names[v][i]] = {v, i};
  }
  std::vector<ArchVectors> shares(static_cast<std::size_t>(epochs), zero_vectors(groups));
  for (const CurvePoint& point : curve) {
    const auto found = places.find(point.name);
    if (found == places.end() || point.epoch < 1 || point.epoch > epochs) continue;
    const auto [vector, index] = found->second;
    ArchVectors& all = shares[static_cast<std::size_t>(point.epoch - 1)];
    const std::size_t alphas = all.alphas.size();
    (vector < alphas ? all.alphas[vector] : all.betas[vector - alphas])[index] = point.value;
  }
  return shares;
}

}  // namespace

std::string search_text(const ArchitectureSearch& search) {
  std::string text = relaxation_text(search);
  if (search.second_order) text += "; order=second";
  if (!search.architecture_first) text += "; weights_first";
  text += schedule_text(search.schedule);
  if (search.search_batch > 0) text += "; search_batch=" + std::to_string(search.search_batch);
  const ArchAdam::Settings& adam = search.adam;
  text += "; adam=" + format_double(adam.rate) + "," + format_double(adam.beta1) + "," +
          format_double(adam.beta2) + "," + format_double(adam.decay);
  text += "; deviation=" + format_double(search.deviation);
  if (search.gradient_clip > 0) text += "; clip=" + format_double(search.gradient_clip);
  if (!search.track_statistics) text += "; untracked";
  if (search.eigenvalue) text += "; eigenvalue";
  return text + "; watch_samples=" + std::to_string(search.watch_samples);
}

ArchitectureSearchReport search_architecture(WeightBank& bank, const ArchitectureSearch& search,
                                             const TrainSetup& setup) {
  check_searchable(search.space, bank.blueprint());
  if (search.second_order && search.relaxation.method != "softmax") {
    throw Error(ErrorKind::kUsage,
                "the second order is that of DARTS: its relaxation is softmax, not " +
                    search.relaxation.method);
  }
  ArchitectureSearchReport report;
  report.training = torch_table<SupernetTorch>().search_architecture(bank, search, setup);
  const ChoiceGroups groups = choice_groups(bank.blueprint());
  for (const ArchVectors& shares :
       shares_of(report.training.curve, groups, share_names(search.space, groups),
                 report.training.epochs_done)) {
    report.weights.push_back(choice_weights(groups, shares));
  }
  return report;
}

std::vector<NamedValue> curve_values(const ArchitectureSearch& search, const ChoiceGroups& groups,
                                     const ArchVectors& shares) {
  std::vector<NamedValue> values = share_values(groups, shares);
  const LatencyLoss& latency = search.relaxation.latency;
  if (latency.kind != "none") {
    values.push_back({"expected_" + latency.metric,
                      expected_cost(by_group(latency.cost, groups), shares.alphas)});
  }
  ArchVectors all = shares;
  auto names = share_names(search.space, groups);
  std::size_t vector = 0;
  each_vector(all, [&](const std::vector<double>& list) {
    for (std::size_t i = 0; i < list.size(); ++i) values.push_back({names[vector][i], list[i]});
    ++vector;
  });
  return values;
}

ArchitectureSearchReport search_by_cost(const Blueprint& blueprint,
                                        const ArchitectureSearch& search, const CostSearch& how) {
  check_searchable(search.space, blueprint);
  const ChoiceGroups groups = choice_groups(blueprint);
  const AlternativeCosts cost = by_group(search.relaxation.latency.cost, groups);
  ArchVectors parameters = initial_vectors(groups, search.deviation, how.seed);
  const auto shares = [&] {
    ArchVectors result;
    for (const auto& alphas : parameters.alphas) result.alphas.push_back(softmax(alphas));
    for (const auto& betas : parameters.betas) result.betas.push_back(softmax(betas));
    return result;
  };
  ArchAdam adam(search.adam, groups);
  ArchVectors gradient = zero_vectors(groups);
  for (auto& betas : gradient.betas) betas.clear();  // no cost depends on them
  ArchitectureSearchReport report;
  while (report.training.epochs_done < how.epochs) {
    if (how.stop.stop_requested()) {
      report.training.stopped = true;
      break;
    }
    for (std::int64_t step = 0; step < how.steps; ++step) {
      for (std::size_t g = 0; g < parameters.alphas.size(); ++g) {
        gradient.alphas[g] = softmax_gradient(softmax(parameters.alphas[g]), cost.alternatives[g]);
      }
      adam.step(gradient, parameters);
    }
    ++report.training.epochs_done;
    report.weights.push_back(choice_weights(groups, shares()));
    for (const NamedValue& value : curve_values(search, groups, shares())) {
      report.training.curve.push_back({report.training.epochs_done, value.name, value.value});
      if (search.curve) search.curve(report.training.curve.back());
    }
  }
  return report;
}

void check_searchable(const SearchSpace& space, const Blueprint& blueprint) {
  const ChoiceGroups groups = choice_groups(blueprint);
  const auto refuse = [&](const std::string& why) {
    throw Error(ErrorKind::kUnsupported,
                "space '" + space.info().name + "' cannot be searched by mixtures: " + why);
  };
  if (groups.choices.empty()) refuse("its blueprint has no choice among operations");
  for (const BlueprintNode& node : blueprint.nodes) {
    for (const ElasticValue& attr : node.attrs) {
      if (!attr.is_constant()) {
        refuse("the sizes of '" + node.scope + "' depend on decisions; train a supernet of paths");
      }
    }
  }
  const ArchVectors shares = zero_vectors(groups);
  derive(space, choice_weights(groups, shares));
  try {
    mixture(blueprint, all_alternatives(blueprint));
  } catch (const Error& error) {
    refuse(error.what());
  }
}

std::vector<ChoiceWeights> choice_weights(const ChoiceGroups& groups, const ArchVectors& shares) {
  std::vector<ChoiceWeights> weights;
  for (std::size_t g = 0; g < groups.choices.size(); ++g) {
    weights.push_back({groups.choices[g].selector, shares.alphas[g]});
  }
  for (std::size_t s = 0; s < groups.sums.size(); ++s) {
    for (std::size_t t = 0; t < groups.sums[s].terms.size(); ++t) {
      for (double& weight : weights[groups.sums[s].terms[t]].weights) weight *= shares.betas[s][t];
    }
  }
  return weights;
}

std::vector<std::vector<std::string>> share_names(const SearchSpace& space,
                                                  const ChoiceGroups& groups) {
  std::vector<std::vector<std::string>> names;
  for (const ChoiceGroup& group : groups.choices) {
    std::vector<std::string>& list = names.emplace_back();
    for (const std::string& alternative : alternative_names(space, group.selector)) {
      list.push_back("alpha/" + group.name + "/" + alternative);
    }
  }
  for (const SumGroup& sum : groups.sums) {
    std::vector<std::string>& list = names.emplace_back();
    for (std::size_t t = 0; t < sum.terms.size(); ++t) {
      list.push_back("beta/" + sum.name + "/" + std::to_string(t));
    }
  }
  return names;
}

}  // namespace nas
