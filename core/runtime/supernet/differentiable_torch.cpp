#include "core/runtime/supernet/architecture_rule_torch.h"
#include "core/runtime/supernet/bank_trainee_torch.h"
#include "core/runtime/supernet/entries_torch.h"
#include "core/util/hash.h"
#include "core/util/spread.h"
#include "core/util/text.h"

namespace nas {
namespace {

/// A bank that is judged by the subnet which the architecture parameters mean.
class SearchTrainee final : public Trainee {
 public:
  SearchTrainee(WeightBankImpl& bank, const ArchitectureSearch& search, const TrainSetup& setup,
                const LossHead& head, const ArchitectureRule& rule)
      : bank_(bank),
        search_(search),
        setup_(setup),
        head_(head),
        rule_(rule),
        base_(bank, setup, head, {}) {}

  void visit(const ModelImpl::Visitor& visitor) override { base_.visit(visitor); }
  std::string identity() const override { return base_.identity(); }
  const Shape& input() const override { return base_.input(); }
  at::Device device() const override { return base_.device(); }
  AbsentGradient absent_gradient() const override { return base_.absent_gradient(); }

  std::vector<NamedValue> judge(Part part, std::vector<std::uint32_t> samples) override {
    samples = spread(samples, search_.watch_samples);
    const Architecture derived =
        derive(search_.space, choice_weights(rule_.groups(), rule_.shares()));
    std::vector<TracedGraph> probe;
    probe.push_back(resolve_traced(*bank_.blueprint, derived.choices));
    return BankTrainee(bank_, setup_, head_, std::move(probe)).judge(part, std::move(samples));
  }

 private:
  WeightBankImpl& bank_;
  const ArchitectureSearch& search_;
  const TrainSetup& setup_;
  const LossHead& head_;
  const ArchitectureRule& rule_;
  BankTrainee base_;
};

/// What is mixed: rewrites of the blueprint change it without a tensor.
std::string hash_of(const std::vector<std::vector<std::string>>& names) {
  std::string text;
  for (const std::vector<std::string>& list : names) text += join(list, " ") + "\n";
  constexpr std::size_t kDigits = 16;
  return sha256_hex(text).substr(0, kDigits);
}

TrainReport search_bank(WeightBankImpl& bank, const ArchitectureSearch& search,
                        const TrainSetup& setup) {
  const Problem& problem = *setup.problem;
  const TracedGraph whole = mixture(*bank.blueprint, all_alternatives(*bank.blueprint));
  check_trainable(whole.graph, setup);
  const Shape& output = whole.graph.type(whole.graph.graph_outputs()[0].value).shape;
  const auto head = make_loss_head(problem, setup.recipe, output[0], bank.device);
  // The released code of ProxylessNAS smooths labels in weight steps alone. A head that learns
  // tensors is one for both.
  Recipe plain = setup.recipe;
  plain.label_smoothing = 0;
  const auto unsmoothed = make_loss_head(problem, plain, output[0], bank.device);
  const LossHead& search_head = head->tensors().empty() ? *unsmoothed : *head;
  ArchitectureRule rule(bank, *head, search_head, search, setup);
  SearchTrainee trainee(bank, search, setup, *head, rule);
  const std::string fidelity = training_text(problem, setup.recipe, nullptr) + "; " +
                               search_text(search) +
                               "; shares=" + hash_of(share_names(search.space, rule.groups()));
  return run_training({trainee, rule, *head, fidelity}, setup, false);
}

}  // namespace

TrainReport on_torch::search_architecture(WeightBank& bank, const ArchitectureSearch& search,
                                          const TrainSetup& setup) {
  TrainReport report;
  translate_torch_errors("searching a supernet",
                         [&] { report = search_bank(bank.impl(), search, setup); });
  return report;
}

}  // namespace nas
