#include "core/runtime/distill.h"

namespace nas {
namespace {

// The weights of beta are the settings of RepDistiller (Tian et al., ICLR 2020) where it has the
// loss.
constexpr DistillLoss kLosses[] = {
    {"kd",
     "soft labels: divergence of the two networks' softened class probabilities",
     "Hinton, Vinyals and Dean, Distilling the Knowledge in a Neural Network, 2015, arXiv "
     "1503.02531",
     {.gamma = 0.1, .alpha = 0.9}},
    {"fitnet",
     "hint: a learned 1x1 convolution of the student's middle map imitates the teacher's",
     "Romero et al., FitNets: Hints for Thin Deep Nets, ICLR 2015, arXiv 1412.6550",
     {.beta = 100}},
    {"at",
     "where in the image the channels respond, at the end of every stage",
     "Zagoruyko and Komodakis, Paying More Attention to Attention, ICLR 2017, arXiv 1612.03928",
     {.beta = 1000}},
    {"nst",
     "distribution of the channels' spatial patterns (MMD with a squared inner product)",
     "Huang and Wang, Like What You Like: Neuron Selectivity Transfer, 2017, arXiv 1707.01219",
     {.beta = 50}},
    {"vid",
     "likelihood of the teacher's maps given the student's, with learned mean and variance",
     "Ahn et al., Variational Information Distillation, CVPR 2019, arXiv 1904.05835",
     {.beta = 1}},
    {"sp",
     "which images of the batch look alike, at the end of every stage",
     "Tung and Mori, Similarity-Preserving Knowledge Distillation, ICCV 2019, arXiv 1907.09682",
     {.beta = 3000}},
    {"cc",
     "correlation of learned embeddings between consecutive images",
     "Peng et al., Correlation Congruence for Knowledge Distillation, ICCV 2019, arXiv 1904.01802",
     {.beta = 0.02}},
    {"rkd",
     "distances and angles between the images' feature vectors",
     "Park, Kim, Lu and Cho, Relational Knowledge Distillation, CVPR 2019, arXiv 1904.05068",
     {.beta = 1}},
    {"pkt",
     "probabilities of the images to be neighbours in feature space",
     "Passalis and Tefas, Learning Deep Representations with Probabilistic Knowledge Transfer, "
     "ECCV 2018, arXiv 1803.10837",
     {.beta = 30000}},
    {"ickd",
     "which channels of the last map respond alike",
     "Liu et al., Exploring Inter-Channel Correlation for Diversity-preserved Knowledge "
     "Distillation, ICCV 2021, arXiv 2202.03680",
     {.beta = 1}},
    {"diswot",
     "relations of the images and class-wise channel similarity, the terms of its search",
     "Dong, Li and Wei, DisWOT, CVPR 2023, arXiv 2303.15678",
     {.beta = 1}},
};

}  // namespace

std::span<const DistillLoss> distill_losses() {
  return kLosses;
}

}  // namespace nas
