#pragma once

#include "core/util/rng.h"

namespace nas {

/// Derivatives of ln Gamma, for x > 0: the first and the second.
double digamma(double x);
double trigamma(double x);

/// A draw from the gamma distribution of this shape > 0 and scale 1, at least 1e-300 (Marsaglia and
/// Tsang, A Simple Method for Generating Gamma Variables, ACM TOMS 2000).
double gamma_draw(double shape, Rng& rng);

/// How a draw moves with its shape while its probability stays: -(dP/da) / (dP/dx) at x, P the
/// distribution function (Figurnov, Mohamed and Mnih, Implicit Reparameterization Gradients,
/// NeurIPS 2018, arXiv 1805.08498). Relative error below 1e-6 where draws lie.
double gamma_gradient(double shape, double x);

}  // namespace nas
