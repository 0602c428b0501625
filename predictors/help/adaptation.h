#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/transfer_predictor.h"
#include "predictors/help/help_net.h"
#include "predictors/transfer/measured_fit.h"

namespace nas {

/// What HELP has learned from other devices, and the new one that it is adapted to.
class HelpAdaptation {
 public:
  struct Settings {
    std::string_view who;  ///< "predictor 'help'"
    /// Every measurement is learned from, and they alone scale the labels. Otherwise, as published:
    /// the first `support` ones beside the references are learned from, and the middle of all
    /// beside the references sets the scale.
    bool honest = true;
    std::size_t support = 10;
    std::size_t steps = 2;
  };
  struct Learned {
    std::string space;
    std::vector<Architecture> references;
    std::size_t episode = 0;  ///< after which it was kept; 0: not known
    HelpEncoder encoder = HelpEncoder::kVector;
    HelpTensors tensors;
  };

  explicit HelpAdaptation(const Settings& settings) : settings_(settings) {}

  /// Forgets the device.
  void start(Learned learned);
  bool started() const { return net_ != nullptr; }
  const Learned& learned() const { return learned_; }

  /// As of TransferPredictor. Throws Error(kData) also for fewer than two measurements beside the
  /// references where that is what is learned from.
  void adapt(std::span<const Subject> subjects, std::span<const double> targets);
  bool adapted() const { return !device_.targets.empty(); }
  std::vector<Forecast> forecast(std::span<const Subject> subjects) const;
  LeaveOneOut leave_one_out() const;
  std::vector<std::string> findings() const;

  /// All that predictions need; the inner steps are taken again.
  PredictorState save() const;
  void restore(const PredictorState& state);

 private:
  /// What is learned from on a new device.
  struct Device {
    std::vector<double> embedding;
    std::vector<std::vector<double>> encodings;
    std::vector<double> targets;
    double low = 0, high = 0;  ///< of the labels
  };
  struct Choice {
    std::vector<std::size_t> support;
    double low = 0, high = 0;
  };

  Choice choose(std::span<const Subject> subjects, std::span<const double> targets) const;
  /// Takes the inner steps and sets the scale of the answers.
  void learn(const Device& device);
  /// Each measurement that is learned from, predicted from all others.
  void leave_out(std::span<const Subject> subjects, std::span<const double> targets,
                 const Choice& choice);
  std::string who() const { return std::string(settings_.who); }

  Settings settings_;
  Learned learned_;
  std::unique_ptr<HelpNet> net_;
  // Of the device:
  Device device_;
  std::size_t references_measured_ = 0;
  std::vector<double> losses_;  ///< before each step, and after the last
  MeasuredFit fit_;
};

}  // namespace nas
