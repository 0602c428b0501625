#include "predictors/help/adaptation.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/util/error.h"
#include "core/util/text.h"
#include "predictors/help/references.h"
#include "predictors/state.h"

namespace nas {

void HelpAdaptation::start(Learned learned) {
  learned_ = std::move(learned);
  net_ = std::make_unique<HelpNet>(learned_.encoder, learned_.tensors);
  device_ = {};
}

void HelpAdaptation::adapt(std::span<const Subject> subjects, std::span<const double> targets) {
  NAS_CHECK(started() && subjects.size() == targets.size(), "fitted; a target each");
  check_measurements(settings_.who, targets);
  check_space(settings_.who, subjects, learned_.space);
  const Choice choice = choose(subjects, targets);
  const ReferenceLatencies latencies = reference_latencies(learned_.references, subjects, targets);
  references_measured_ = latencies.measured;
  device_ = {help_embedding(latencies.values), {}, {}, choice.low, choice.high};
  for (const std::size_t i : choice.support) {
    device_.encodings.push_back(help_encoding(*subjects[i].space, *subjects[i].architecture));
    device_.targets.push_back(targets[i]);
  }
  fit_.targets = device_.targets;
  leave_out(subjects, targets, choice);
  learn(device_);
}

std::vector<Forecast> HelpAdaptation::forecast(std::span<const Subject> subjects) const {
  NAS_CHECK(adapted(), "adapted before it predicts");
  if (subjects.empty()) return {};
  check_space(settings_.who, subjects, learned_.space);
  std::vector<std::vector<double>> encodings;
  for (const Subject& subject : subjects) {
    encodings.push_back(help_encoding(*subject.space, *subject.architecture));
  }
  std::vector<Forecast> result;
  for (const double value : net_->predict(encodings)) {
    result.push_back(fit_.forecast(value));
  }
  return result;
}

LeaveOneOut HelpAdaptation::leave_one_out() const {
  NAS_CHECK(adapted(), "adapted before it is judged");
  return fit_.leave_one_out(settings_.who);
}

std::vector<std::string> HelpAdaptation::findings() const {
  NAS_CHECK(adapted(), "adapted before it is asked");
  std::vector<std::string> lines;
  if (learned_.episode > 0) {
    lines.push_back("kept what was learned after episode " + std::to_string(learned_.episode));
  }
  const bool all = references_measured_ == kHelpReferences;
  lines.push_back(std::to_string(references_measured_) + " of ten references measured" +
                  (all ? "" : ", the others estimated by ridge regression"));
  std::vector<std::string> losses;
  for (const double loss : losses_) losses.push_back(format_short(loss, 3));
  lines.push_back("loss on " + std::to_string(device_.targets.size()) + " measurements " +
                  join(losses, " -> "));
  return lines;
}

HelpAdaptation::Choice HelpAdaptation::choose(std::span<const Subject> subjects,
                                              std::span<const double> targets) const {
  Choice choice;
  std::vector<double> scaling;
  const bool honest = settings_.honest;
  for (std::size_t i = 0; i < subjects.size(); ++i) {
    const bool reference = std::find(learned_.references.begin(), learned_.references.end(),
                                     *subjects[i].architecture) != learned_.references.end();
    if (!honest && reference) continue;
    scaling.push_back(targets[i]);
    if (honest || choice.support.size() < settings_.support) choice.support.push_back(i);
  }
  if (choice.support.size() < 2) {
    throw Error(ErrorKind::kData,
                who() +
                    ": protocol=published learns from measurements beside the references, of "
                    "which there are " +
                    std::to_string(choice.support.size()) + "; use protocol=honest");
  }
  // The published scale is that of a pool without its extremes.
  const MiddlePart middle(scaling);
  const auto [low, high] = std::minmax_element(scaling.begin(), scaling.end());
  choice.low = honest ? *low : middle.low;
  choice.high = honest ? *high : middle.high;
  return choice;
}

void HelpAdaptation::learn(const Device& device) {
  std::vector<double> labels;
  for (const double target : device.targets) {
    labels.push_back(help_label(target, device.low, device.high));
  }
  net_->start(device.embedding, true);
  losses_.clear();
  for (std::size_t step = 0; step < settings_.steps; ++step) {
    losses_.push_back(net_->step(device.encodings, labels));
  }
  losses_.push_back(net_->loss(device.encodings, labels));
  fit_.scale = MeasuredScale::of(net_->predict(device.encodings), device.targets);
}

void HelpAdaptation::leave_out(std::span<const Subject> subjects, std::span<const double> targets,
                               const Choice& choice) {
  fit_.left_out.clear();
  if (device_.targets.size() == 2) {
    fit_.left_out = {device_.targets[1], device_.targets[0]};  // one alone says what it is itself
    fit_.deviation = left_out_deviation(fit_.left_out, device_.targets);
    return;
  }
  for (std::size_t i = 0; i < choice.support.size(); ++i) {
    Device others = device_;
    const auto at = static_cast<std::ptrdiff_t>(i);
    others.encodings.erase(others.encodings.begin() + at);
    others.targets.erase(others.targets.begin() + at);
    const auto [low, high] = std::minmax_element(others.targets.begin(), others.targets.end());
    if (settings_.honest) {
      others.low = *low;
      others.high = *high;
    }
    const auto row = static_cast<std::ptrdiff_t>(choice.support[i]);
    std::vector<Subject> left(subjects.begin(), subjects.end());
    std::vector<double> values(targets.begin(), targets.end());
    left.erase(left.begin() + row);
    values.erase(values.begin() + row);
    others.embedding =
        help_embedding(reference_latencies(learned_.references, left, values).values);
    learn(others);
    fit_.left_out.push_back(
        fit_.scale.out(net_->predict(std::span(device_.encodings).subspan(i, 1)).front()));
  }
  fit_.deviation = left_out_deviation(fit_.left_out, device_.targets);
}

PredictorState HelpAdaptation::save() const {
  NAS_CHECK(adapted(), "adapted before it is saved");
  PredictorState state;
  for (const auto& [name, tensor] : learned_.tensors) state.tensors.push_back(tensor);
  const auto keep = [&state](const char* name, std::vector<double> values, std::size_t rows) {
    const auto columns = static_cast<std::int64_t>(values.size() / rows);
    state.tensors.push_back(
        make_tensor(name, {static_cast<std::int64_t>(rows), columns}, std::move(values)));
  };
  std::vector<double> choices, encodings;
  for (const Architecture& reference : learned_.references) {
    choices.insert(choices.end(), reference.choices.begin(), reference.choices.end());
  }
  for (const std::vector<double>& encoding : device_.encodings) {
    encodings.insert(encodings.end(), encoding.begin(), encoding.end());
  }
  keep("references", std::move(choices), kHelpReferences);
  keep("embedding", device_.embedding, 1);
  keep("encodings", std::move(encodings), device_.targets.size());
  keep("targets", device_.targets, 1);
  keep("left_out", fit_.left_out, 1);
  keep("scale", {device_.low, device_.high, fit_.deviation}, 1);
  state.text = nlohmann::json{{"space", learned_.space},
                              {"graph", learned_.encoder == HelpEncoder::kGraph},
                              {"episode", learned_.episode},
                              {"references", references_measured_}}
                   .dump();
  return state;
}

void HelpAdaptation::restore(const PredictorState& state) {
  const nlohmann::json json = nlohmann::json::parse(state.text, nullptr, false);
  const auto damaged = [this](const char* what) {
    throw Error(ErrorKind::kData, who() + ": its " + what);
  };
  Learned learned;
  try {
    learned.space = json.at("space").get<std::string>();
    learned.encoder = json.at("graph").get<bool>() ? HelpEncoder::kGraph : HelpEncoder::kVector;
    learned.episode = json.at("episode").get<std::size_t>();
    references_measured_ = json.at("references").get<std::size_t>();
  } catch (const nlohmann::json::exception&) {
    damaged("description is damaged");
  }
  for (const PredictorTensor& tensor : state.tensors) {
    if (tensor.name.find('/') != std::string::npos) learned.tensors[tensor.name] = tensor;
  }
  const std::vector<double>& choices = state_tensor(state, "references").data;
  const std::size_t decisions = choices.size() / kHelpReferences;
  if (decisions == 0 || choices.size() % kHelpReferences != 0) damaged("references are damaged");
  for (std::size_t i = 0; i < kHelpReferences; ++i) {
    Architecture& reference = learned.references.emplace_back();
    reference.space = learned.space;
    for (std::size_t k = 0; k < decisions; ++k) {
      const double choice = choices[i * decisions + k];
      if (!(choice >= 0 && choice <= 0xffff)) damaged("references are damaged");
      reference.choices.push_back(static_cast<std::uint16_t>(choice));
    }
  }
  start(std::move(learned));
  device_.embedding = state_tensor(state, "embedding").data;
  device_.targets = state_tensor(state, "targets").data;
  fit_.targets = device_.targets;
  fit_.left_out = state_tensor(state, "left_out").data;
  const std::vector<double>& scale = state_tensor(state, "scale").data;
  const std::vector<double>& encodings = state_tensor(state, "encodings").data;
  const auto inputs =
      static_cast<std::size_t>(help_layers(learned_.encoder, learned_.tensors).layers()[0].in);
  const std::size_t width = learned_.encoder == HelpEncoder::kGraph ? 9 * inputs : inputs;
  const std::size_t count = device_.targets.size();
  if (count < 2 || encodings.size() != count * width || scale.size() != 3 ||
      device_.embedding.size() != kHelpReferences || fit_.left_out.size() != count) {
    damaged("tensors do not fit each other");
  }
  for (std::size_t i = 0; i < count; ++i) {
    const auto first = encodings.begin() + static_cast<std::ptrdiff_t>(i * width);
    device_.encodings.emplace_back(first, first + static_cast<std::ptrdiff_t>(width));
  }
  device_.low = scale[0];
  device_.high = scale[1];
  fit_.deviation = scale[2];
  learn(device_);
}

}  // namespace nas
