#include "core/util/student_t.h"

#include <doctest/doctest.h>

#include <cmath>
#include <initializer_list>

using namespace nas;

TEST_CASE("student_t: quantiles of the published tables") {
  // NIST/SEMATECH e-Handbook 1.3.6.7.2.
  CHECK(student_t_quantile(0.975, 9) == doctest::Approx(2.262157).epsilon(1e-6));
  CHECK(student_t_quantile(0.95, 1) == doctest::Approx(6.313752).epsilon(1e-6));
  CHECK(student_t_quantile(0.9, 4) == doctest::Approx(1.533206).epsilon(1e-6));
  CHECK(student_t_quantile(0.999, 30) == doctest::Approx(3.385185).epsilon(1e-6));
  CHECK(student_t_quantile(0.975, 1e7) == doctest::Approx(1.959964).epsilon(1e-6));
}

TEST_CASE("student_t: the distribution of one degree of freedom is Cauchy's, and is inverted") {
  for (const double t : {-30.0, -2.0, -0.1, 0.0, 0.7, 5.0}) {
    CHECK(student_t_distribution(t, 1) ==
          doctest::Approx(0.5 + std::atan(t) / 3.14159265358979324).epsilon(1e-12));
    const double p = student_t_distribution(t, 6);
    CHECK(student_t_quantile(p, 6) == doctest::Approx(t).epsilon(1e-9));
  }
}
