#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/util/options.h"

namespace nas {

/// How a supernet is made and its weights are trained; every searcher that relaxes choices has
/// these. The defaults are those of DARTS on CIFAR-10 (Liu et al., ICLR 2019, released code).
struct RelaxedOptions {
  std::int64_t channels = 16;
  std::int64_t cells = 8;
  std::int64_t share = 1;
  bool edge_normalisation = false;
  bool affine = false;
  bool pool_norm = true;
  bool track_statistics = true;
  std::int64_t epochs = 50;
  std::int64_t batch = 64;
  double rate = 0.025;
  double final_rate = 0.001;
  double momentum = 0.9;
  bool nesterov = false;
  double decay = 3e-4;
  bool decay_norm = true;
  double clip = 5;
  double label_smoothing = 0;
  std::int64_t warmup_epochs = 0;
  std::string first_step = "architecture";
  std::int64_t every = 1;
  double architecture_rate = 3e-4;
  double architecture_beta = 0.5;
  double architecture_decay = 1e-3;
  double held_out = 0.5;
  std::int64_t train_samples = 0;
  std::int64_t held_out_samples = 0;
  std::int64_t watch_samples = 1000;
};

constexpr std::string_view kDartsCode = "DARTS, arXiv:1806.09055, released code";

template <class S>
constexpr std::array<Field<S>, 27> relaxed_fields() {
  return {{
      {"channels", &S::channels, "width of the supernet, as the space means it; 0: its own",
       "channels", 0, 4096, kDartsCode},
      {"cells", &S::cells, "depth of the supernet, as the space means it", "", 0, 1000,
       "DARTS: 8; NAS-Bench-201's code: 5 (in each stage); 0: the space's own"},
      {"share", &S::share, "only one of so many channels goes through the choices", "", 1, 64,
       "PC-DARTS, arXiv:1907.05737: 4 on CIFAR, 2 on ImageNet; 1: all"},
      {"edge_normalisation", &S::edge_normalisation,
       "sums of choices have learned weights (betas)"},
      {"affine", &S::affine, "batch normalisations of the cells have a scale and a shift"},
      {"pool_norm", &S::pool_norm, "a batch normalisation follows poolings among the choices"},
      {"track_statistics", &S::track_statistics,
       "batch normalisations of the supernet keep running statistics"},
      {"epochs", &S::epochs, "of the supernet", "", 1, 10000, kDartsCode},
      {"batch", &S::batch, "of a step", "samples", 2, 65536, kDartsCode},
      {"rate", &S::rate, "learning rate of the weights", "", 1e-8, 100, kDartsCode},
      {"final_rate", &S::final_rate, "that it falls to, by a cosine", "", 0, 100, kDartsCode},
      {"momentum", &S::momentum, "of the weights", "", 0, 0.9999, kDartsCode},
      {"nesterov", &S::nesterov, "Nesterov momentum"},
      {"decay", &S::decay, "weight decay", "", 0, 1, kDartsCode},
      {"decay_norm", &S::decay_norm, "also of biases and of the scales of normalisations"},
      {"clip", &S::clip, "largest norm of the weights' gradient; 0: any", "", 0, 1e6, kDartsCode},
      {"label_smoothing", &S::label_smoothing, "of the weights' loss", "", 0, 0.999},
      {"warmup_epochs", &S::warmup_epochs, "train weights only", "", 0, 10000,
       "PC-DARTS: 15 on CIFAR, 35 on ImageNet; ProxylessNAS: 40 epochs before the search"},
      {.name = "first_step",
       .member = &S::first_step,
       .meaning = "what a pair of steps begins with",
       .source = "DARTS: architecture; NAS-Bench-201's code: weights",
       .choices = "architecture|weights"},
      {"every", &S::every, "weight steps of an epoch for each architecture step", "", 1, 1000000,
       "ProxylessNAS: 5"},
      {"architecture_rate", &S::architecture_rate, "learning rate of the architecture, Adam", "",
       1e-8, 100, kDartsCode},
      {"architecture_beta", &S::architecture_beta, "Adam's first beta of the architecture", "", 0,
       0.9999, kDartsCode},
      {"architecture_decay", &S::architecture_decay, "decay of the architecture parameters", "", 0,
       1, kDartsCode},
      {"held_out", &S::held_out,
       "part of the training samples that the architecture is trained on, not the weights", "",
       0.001, 0.999, kDartsCode},
      {"train_samples", &S::train_samples, "at most so many for the weights; 0: all", "samples", 0,
       1e9},
      {"held_out_samples", &S::held_out_samples, "at most so many for the architecture; 0: all",
       "samples", 0, 1e9},
      {"watch_samples", &S::watch_samples,
       "held-out samples that the architecture found so far is judged by after each epoch",
       "samples", 1, 1e9},
  }};
}

/// A table of the common options and of a searcher's own.
template <class S, std::size_t N>
constexpr std::array<Field<S>, 27 + N> with_relaxed_fields(const std::array<Field<S>, N>& own) {
  std::array<Field<S>, 27 + N> all{};
  const std::array<Field<S>, 27> common = relaxed_fields<S>();
  for (std::size_t i = 0; i < 27; ++i) all[i] = common[i];
  for (std::size_t i = 0; i < N; ++i) all[27 + i] = own[i];
  return all;
}

}  // namespace nas
