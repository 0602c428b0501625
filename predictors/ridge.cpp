#include <Eigen/Dense>
#include <array>

#include "core/util/error.h"
#include "predictors/encoding.h"
#include "predictors/registry.h"
#include "predictors/state.h"
#include "predictors/transfer/ridge.h"

// Least squares on one-hot choices: a number for each choice of each decision, and their sum. What
// look-up tables are, it recovers exactly: the latencies that HW-NAS-Bench gives for FBNet and the
// simulated devices of NAS-Bench-201. With a penalty it is the ridge regression that every learned
// predictor of latencies has to beat.

namespace nas {
namespace {

constexpr std::string_view kWho = "predictor 'ridge'";

struct RidgeOptions {
  double penalty = 0;
};

constexpr std::array kFields = {
    Field<RidgeOptions>{"penalty", &RidgeOptions::penalty,
                        "on the squares of the numbers; 0: least squares, of several "
                        "solutions the smallest",
                        "", 0, 1e9},
};

RidgeOptions parse(const OptionMap& options) {
  return parse_fields<RidgeOptions>(kFields, options, kWho);
}

class RidgePredictor final : public Predictor {
 public:
  explicit RidgePredictor(const RidgeOptions& options) : options_(options) {}

  void fit(const SearchSpace& space, const Samples& samples, std::span<const double> targets,
           const FitContext& context) override {
    check_samples(kWho, samples, targets);
    check_stop(kWho, context);
    Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> x(
        static_cast<Eigen::Index>(targets.size()), static_cast<Eigen::Index>(one_hot_width(space)));
    for (Eigen::Index row = 0; row < x.rows(); ++row) {
      x.row(row) = encoded(space, samples.architectures[static_cast<std::size_t>(row)]);
    }
    if (options_.penalty > 0) {
      const double penalties[] = {options_.penalty};
      const LinearModel model =
          fit_ridge({x.data(), static_cast<std::size_t>(x.size())},
                    static_cast<std::size_t>(x.cols()), targets, penalties)[0];
      weights_ = Eigen::Map<const Eigen::VectorXd>(model.weights.data(), x.cols());
      intercept_ = model.intercept;
      return;
    }
    const Eigen::Map<const Eigen::VectorXd> y(targets.data(), x.rows());
    const Eigen::RowVectorXd centre = x.colwise().mean();
    x.rowwise() -= centre;
    const Eigen::VectorXd rest = y.array() - y.mean();
    weights_ = x.completeOrthogonalDecomposition().solve(rest);
    intercept_ = y.mean() - centre.dot(weights_);
  }

  std::vector<Prediction> predict(const SearchSpace& space, const Samples& samples) const override {
    if (samples.architectures.empty()) return {};
    if (static_cast<Eigen::Index>(one_hot_width(space)) != weights_.size()) {
      throw Error(ErrorKind::kUsage,
                  std::string(kWho) + ": sees " + std::to_string(weights_.size()) +
                      " choices, space '" + space.info().name + "' has " +
                      std::to_string(one_hot_width(space)) +
                      "; use it with the options of the space that it was made for");
    }
    std::vector<Prediction> result;
    for (const Architecture& architecture : samples.architectures) {
      result.push_back({intercept_ + encoded(space, architecture).dot(weights_), 0});
    }
    return result;
  }

  PredictorState save() const override {
    PredictorState state;
    state.tensors.push_back(
        make_tensor("weights", {weights_.size()}, {weights_.begin(), weights_.end()}));
    state.tensors.push_back(make_tensor("intercept", {1}, {intercept_}));
    state.text = "{}";
    return state;
  }

  void restore(const PredictorState& state) override {
    const std::vector<double>& weights = state_tensor(state, "weights").data;
    const std::vector<double>& intercept = state_tensor(state, "intercept").data;
    if (weights.empty() || intercept.size() != 1) {
      throw Error(ErrorKind::kData, std::string(kWho) + ": its tensors have the wrong sizes");
    }
    weights_ = Eigen::Map<const Eigen::VectorXd>(weights.data(), std::ssize(weights));
    intercept_ = intercept.front();
  }

 private:
  static Eigen::RowVectorXd encoded(const SearchSpace& space, const Architecture& architecture) {
    const std::vector<double> row = one_hot(space, architecture);
    return Eigen::Map<const Eigen::RowVectorXd>(row.data(), std::ssize(row));
  }

  RidgeOptions options_;
  Eigen::VectorXd weights_;
  double intercept_ = 0;
};

}  // namespace

extern const Plugin<Predictor> ridge_predictor;
constinit const Plugin<Predictor> ridge_predictor{
    .name = "ridge",
    .summary =
        "least squares or ridge regression on one-hot choices: exact for what is a sum over "
        "decisions",
    .paper = "A. E. Hoerl, R. W. Kennard: Ridge Regression, Technometrics 12(1), 1970",
    .fields = [] { return describe_fields<RidgeOptions>(kFields); },
    .resolve =
        [](const OptionMap& options) {
          return fields_to_map<RidgeOptions>(kFields, parse(options));
        },
    .make = [](const OptionMap& options) -> std::unique_ptr<Predictor> {
      return std::make_unique<RidgePredictor>(parse(options));
    },
};

}  // namespace nas
