// The parts of GENNAPE: spectra and memberships against closed forms, derivatives against
// differences, and the predictor as a whole on labels that are known.

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "core/api/transfer_predictor.h"
#include "core/util/statistics.h"
#include "predictors/gennape/options.h"
#include "predictors/gennape/spectrum.h"
#include "predictors/registry.h"
#include "searchspaces/registry.h"
#include "tests/predictors/light_options.h"

using namespace nas;

namespace {

using doctest::Approx;

CompGraph graph_of(std::size_t nodes, std::vector<std::pair<std::uint32_t, std::uint32_t>> edges) {
  CompGraph graph;
  graph.nodes.resize(nodes);
  graph.edges = std::move(edges);
  return graph;
}

void check_spectrum(const CompGraph& graph, const std::vector<double>& wanted) {
  const Spectrum found = spectrum_of(graph);
  for (std::size_t i = 0; i < kSpectrumSize; ++i) {
    CAPTURE(i);
    CHECK(found[i] == Approx(i < wanted.size() ? wanted[i] : 2).epsilon(1e-9).scale(1));
  }
}

std::unique_ptr<SearchSpace> make(const char* name) {
  return find_plugin(space_plugins(), "space", name).make({});
}

std::vector<CompGraph> some_graphs(int count, std::uint64_t seed) {
  const auto space = make("nasbench201");
  Rng rng({.seed = seed});
  Task task = space->info().default_task;
  task.depth = 1;
  std::vector<CompGraph> graphs;
  while (std::ssize(graphs) < count) {
    graphs.push_back(comp_graph_of(space->build(sample(*space, rng), task)));
  }
  return graphs;
}

std::vector<const CompGraph*> pointers(const std::vector<CompGraph>& graphs) {
  std::vector<const CompGraph*> result;
  for (const CompGraph& graph : graphs) result.push_back(&graph);
  return result;
}

template <class T>
CgMatrix<T> random_matrix(Eigen::Index rows, Eigen::Index columns, Rng& rng) {
  CgMatrix<T> matrix(rows, columns);
  for (Eigen::Index i = 0; i < matrix.size(); ++i) matrix.data()[i] = static_cast<T>(rng.normal());
  return matrix;
}

/// Whether the gradient along directions is that of differences, whose steps are so short that few
/// rectifiers change sides. `loss` gives both.
template <class T>
void check_gradient(std::vector<T>& parameters,
                    const std::function<double(std::vector<T>& gradient)>& loss, double step,
                    double tolerance, Rng rng) {
  std::vector<T> gradient, unused;
  loss(gradient);
  const std::vector<T> before = parameters;
  for (int direction = 0; direction < 3; ++direction) {
    std::vector<T> along(parameters.size());
    for (T& value : along) value = static_cast<T>(rng.normal());
    const auto at = [&](double distance) {
      for (std::size_t i = 0; i < before.size(); ++i) {
        parameters[i] = before[i] + static_cast<T>(distance) * along[i];
      }
      const double value = loss(unused);
      parameters = before;
      return value;
    };
    double expected = 0;
    for (std::size_t i = 0; i < along.size(); ++i) {
      expected += static_cast<double>(gradient[i]) * static_cast<double>(along[i]);
    }
    CHECK((at(step) - at(-step)) / (2 * step) == Approx(expected).epsilon(tolerance).scale(0.1));
  }
}

}  // namespace

TEST_CASE("gennape: spectra of small graphs are those of the closed forms") {
  check_spectrum(graph_of(2, {{0, 1}}), {0, 2});
  check_spectrum(graph_of(3, {{0, 1}, {0, 2}, {1, 2}}), {0, 1.5, 1.5});            // K3
  check_spectrum(graph_of(3, {{0, 1}, {1, 2}}), {0, 1, 2});                        // path
  check_spectrum(graph_of(4, {{0, 1}, {1, 2}, {2, 3}, {0, 3}}), {0, 1, 1, 2});     // cycle
  check_spectrum(graph_of(5, {{0, 4}, {1, 4}, {2, 4}, {3, 4}}), {0, 1, 1, 1, 2});  // star
  check_spectrum(graph_of(5, {{0, 1}, {2, 3}}), {0, 0, 1, 2, 2});  // parts; the last one alone
  // A path of n nodes has 1 - cos(pi k / (n - 1)).
  std::vector<std::pair<std::uint32_t, std::uint32_t>> chain;
  for (std::uint32_t i = 0; i < 39; ++i) chain.emplace_back(i, i + 1);
  std::vector<double> wanted;
  for (int k = 0; k < 40; ++k) wanted.push_back(1 - std::cos(std::acos(-1) * k / 39));
  check_spectrum(graph_of(40, chain), wanted);
}

TEST_CASE("gennape: the distance of spectra is Euclidean and knows no direction of edges") {
  const Spectrum pair = spectrum_of(graph_of(2, {{0, 1}}));
  const Spectrum triangle = spectrum_of(graph_of(3, {{0, 1}, {0, 2}, {1, 2}}));
  CHECK(spectral_distance(pair, triangle) == Approx(std::sqrt(2 * 0.25)));
  CHECK(spectral_distance(pair, pair) == 0);
  const Spectrum one = spectrum_of(graph_of(3, {{0, 1}, {1, 2}}));
  const Spectrum other = spectrum_of(graph_of(3, {{0, 1}, {2, 1}}));
  CHECK(spectral_distance(one, other) < 1e-12);
}

TEST_CASE("fuzzy c-means: memberships sum to 1 and are the closed form between two centroids") {
  FuzzyMeans means;
  means.centroids.resize(2, 1);
  means.centroids << 0, 1;
  CgMatrix<double> points(4, 1);
  points << 0.25, 0.5, 0, 3;
  const CgMatrix<double> shares = means.memberships(points);
  // m = 2: d^-2 / (d^-2 + e^-2) = e^2 / (d^2 + e^2).
  CHECK(shares(0, 0) == Approx(0.75 * 0.75 / (0.25 * 0.25 + 0.75 * 0.75)));
  CHECK(shares(1, 0) == Approx(0.5));
  CHECK(shares(2, 0) == 1);  // on a centroid
  CHECK(shares(2, 1) == 0);
  CHECK(shares(3, 1) == Approx(9.0 / 13));
  for (Eigen::Index i = 0; i < 4; ++i) CHECK(shares.row(i).sum() == Approx(1));
  means.fuzzifier = 1.5;  // the exponent is 2: fourth powers of distances
  CHECK(means.memberships(points)(0, 0) ==
        Approx(std::pow(0.75, 4) / (std::pow(0.25, 4) + std::pow(0.75, 4))));
  means.centroids << 1, 1;  // on both
  CgMatrix<double> one(1, 1);
  one << 1;
  CHECK(means.memberships(one)(0, 0) == Approx(0.5));
}

TEST_CASE("fuzzy c-means: two points are their own clusters; clouds are found; order is nothing") {
  const auto ignore = [] {};
  CgMatrix<double> two(2, 3);
  two << 0, 1, 2, 3, 5, 7;
  FuzzyMeansReport report;
  const FuzzyMeans pair = fuzzy_means(two, 2, 2, 100, Rng({.seed = 1}), ignore, &report);
  CHECK(report.last_change <= 1e-9);
  const CgMatrix<double> own = pair.memberships(two);
  for (Eigen::Index i = 0; i < 2; ++i) CHECK(own.row(i).maxCoeff() == Approx(1));
  CHECK(fuzzy_means(two, 5, 2, 100, Rng({.seed = 1}), ignore).centroids.rows() == 2);

  Rng rng({.seed = 2});
  CgMatrix<double> points = random_matrix<double>(60, 2, rng) * 0.1;
  for (Eigen::Index i = 0; i < 60; ++i) points(i, i % 3 == 0 ? 0 : 1) += i % 3 == 1 ? -10 : 10;
  const FuzzyMeans clouds = fuzzy_means(points, 3, 2, 200, Rng({.seed = 3}), ignore, &report);
  const CgMatrix<double> shares = clouds.memberships(points);
  CHECK(report.last_change <= 1e-9);
  for (Eigen::Index i = 0; i < 60; ++i) {
    CHECK(shares.row(i).sum() == Approx(1));
    CHECK(shares.row(i).maxCoeff() > 0.99);
  }
  // The fixed point: centroids are the weighted means of what belongs to them.
  const CgMatrix<double> weights = shares.array().square();
  for (Eigen::Index k = 0; k < 3; ++k) {
    const Eigen::RowVectorXd mean = weights.col(k).transpose() * points / weights.col(k).sum();
    CHECK((mean - clouds.centroids.row(k)).norm() < 1e-6);
  }
  // Other centroids first, the same memberships in that order.
  FuzzyMeans turned = clouds;
  turned.centroids = clouds.centroids.colwise().reverse();
  CHECK((turned.memberships(points) - shares.rowwise().reverse()).cwiseAbs().maxCoeff() < 1e-12);
}

TEST_CASE("gennape: the label is accuracy by size, and comes back") {
  CHECK(LabelTransform::divisor(4.5e9) == Approx(2));  // 9 * 10^9 operations
  CHECK(LabelTransform::divisor(0) == Approx(1));
  const std::vector<double> accuracies{90, 80}, macs{4.5e9, 0};
  const LabelTransform transform = LabelTransform::of(accuracies, macs);
  CHECK(transform.in(90, 4.5e9) == Approx(-transform.in(80, 0)));  // 45 and 80 around 62.5
  CHECK(transform.in(125, 4.5e9) == Approx(0).scale(1));
  for (const double size : {0.0, 1e7, 3e9}) {
    CHECK(transform.out(transform.in(93.4, size), size) == Approx(93.4));
  }
}

TEST_CASE("gennape: heads have the derivatives of differences, by both losses") {
  Rng rng({.seed = 4});
  ClusterHeads heads({.inputs = 5, .clusters = 3, .hidden = 4}, rng.stream(1));
  HeadBatch batch{random_matrix<float>(7, 5, rng),
                  random_matrix<float>(7, 3, rng).cwiseAbs(),
                  {1, 2, 3, 4, 4, 6, 7},
                  {0, 0, 0, 0, 0, 1, 1}};
  for (Eigen::Index i = 0; i < 7; ++i) batch.shares.row(i) /= batch.shares.row(i).sum();
  for (const HeadLoss kind : {HeadLoss::kSquared, HeadLoss::kPairs}) {
    check_gradient<float>(
        heads.parameters(),
        [&](std::vector<float>& gradient) { return heads.loss(batch, kind, gradient); }, 2e-4, 0.02,
        rng.stream(2));
  }
  // Who belongs to one cluster alone is judged by its head alone.
  CgMatrix<float> mixed(1, 3), input = batch.inputs.row(0);
  double sum = 0;
  for (Eigen::Index k = 0; k < 3; ++k) {
    mixed.setZero();
    mixed(0, k) = 1;
    sum += static_cast<double>(batch.shares(0, k)) * heads.predict(input, mixed)[0];
  }
  CHECK(heads.predict(batch.inputs, batch.shares)[0] == Approx(sum).epsilon(1e-5));
}

TEST_CASE("gennape: the encoder's derivatives by every read-out are those of differences") {
  const std::vector<CompGraph> graphs = some_graphs(4, 5);
  const Colouring colouring(pointers(graphs), CgEncoder::kLayers);
  Rng rng({.seed = 6});
  std::vector<double> parameters(CgEncoder::size());
  initialise<double>(CgEncoder::tensors().list, rng, parameters);
  for (const std::size_t first : {std::size_t{0}, CgEncoder::kLayers}) {
    const CgMatrix<double> slope = random_matrix<double>(
        4, static_cast<Eigen::Index>((CgEncoder::kParts - first) * CgEncoder::kWidth), rng);
    check_gradient<double>(
        parameters,
        [&](std::vector<double>& gradient) {
          CgDropout dropout{0.2, Rng({.seed = 7})};
          const CgPass<double> pass = encode<double>(parameters, colouring, &dropout);
          gradient.assign(parameters.size(), 0.0);
          encode_back<double>(parameters, colouring, pass, slope, first, gradient);
          return read_out(colouring, pass, first).cwiseProduct(slope).sum();
        },
        1e-6, 1e-4, rng.stream(first));
  }
}

TEST_CASE("gennape: dropout keeps the mean, and equal nodes are equal under it") {
  const std::vector<CompGraph> graphs = some_graphs(1, 8);
  const std::vector<CompGraph> twice{graphs[0], graphs[0]};
  const Colouring colouring(pointers(twice), CgEncoder::kLayers);
  Rng rng({.seed = 9});
  std::vector<double> parameters(CgEncoder::size());
  initialise<double>(CgEncoder::tensors().list, rng, parameters);
  const CgMatrix<double> whole =
      read_out(colouring, encode<double>(parameters, colouring, nullptr), 0);
  CgMatrix<double> sum = CgMatrix<double>::Zero(1, whole.cols());
  constexpr int kTimes = 400;
  for (int i = 0; i < kTimes; ++i) {
    CgDropout dropout{0.3, rng.stream(static_cast<std::uint64_t>(i))};
    const CgMatrix<double> found =
        read_out(colouring, encode<double>(parameters, colouring, &dropout), 0);
    CHECK(found.row(0) == found.row(1));
    sum += found.row(0) / kTimes;
  }
  // The embeddings, of which the mean is linear.
  const auto embeddings = static_cast<Eigen::Index>(CgEncoder::kWidth);
  CHECK((sum.leftCols(embeddings) - whole.row(0).leftCols(embeddings)).norm() <
        0.1 * whole.row(0).leftCols(embeddings).norm());
}

TEST_CASE("gennape: the contrastive loss has the derivative of differences, and falls") {
  const std::vector<CompGraph> graphs = some_graphs(6, 10);
  const std::vector<const CompGraph*> batch = pointers(graphs);
  std::vector<Spectrum> spectra;
  std::vector<const Spectrum*> their;
  for (const CompGraph& graph : graphs) spectra.push_back(spectrum_of(graph));
  for (const Spectrum& spectrum : spectra) their.push_back(&spectrum);
  ContrastiveNet net(Rng({.seed = 11}));
  const Rng noise({.seed = 12});
  check_gradient<float>(
      net.parameters(),
      [&](std::vector<float>& gradient) { return net.loss(batch, their, {}, noise, gradient); },
      4e-5, 0.05, Rng({.seed = 13}));
  double first = 0, last = 0;
  train(net, batch, {.epochs = 30}, noise,
        [&](int epoch, double loss) { (epoch == 0 ? first : last) = loss; });
  CHECK(last < 0.8 * first);
}

TEST_CASE("gennape: a space is read in the terms of another, which itself reads as it is") {
  const auto nb101 = make("nasbench101"), nb201 = make("nasbench201");
  const auto graph_of_cell = [](const SearchSpace& space, const char* text) {
    return comp_graph_of(space.build(space.parse(text), space.info().default_task));
  };
  const CompGraph known = graph_of_cell(*nb101, "7:10da13:00200");
  CgVocabulary words;
  words.add(std::span(&known, 1));
  const CgScale own = CgScale::of(std::span(&known, 1));
  CHECK(own.channels == 1);
  CHECK(own.side == 1);
  const CompGraph same = words.read(known, own);
  CHECK(same.nodes == known.nodes);
  CHECK(same.edges == known.edges);
  CHECK(same.macs == known.macs);

  const CompGraph other = graph_of_cell(*nb201,
                                        "|nor_conv_3x3~0|+|skip_connect~0|avg_pool_3x3~1|+"
                                        "|skip_connect~0|nor_conv_1x1~1|nor_conv_3x3~2|");
  const CgScale scale = CgScale::of(std::span(&other, 1));
  CHECK(scale.channels == 8);  // 64 to 512
  CHECK(scale.side == 1);      // both end in maps of 8 x 8
  const CompGraph read = words.read(other, scale);
  const auto count = [](const CompGraph& of, CgOp op) {
    return std::ranges::count(of.nodes, op, &CgNode::op);
  };
  CHECK(count(other, CgOp::kIdentity) == 30);  // two in each of fifteen cells
  CHECK(count(read, CgOp::kIdentity) == 0);
  CHECK(read.nodes.size() == other.nodes.size() - 30);
  CHECK(count(read, CgOp::kAvgPool) == 0);
  CHECK(count(read, CgOp::kMaxPool) == count(other, CgOp::kAvgPool));
  CHECK(count(read, CgOp::kConv) == count(other, CgOp::kConv));
  CHECK(read.weighted == other.weighted);
  CHECK(read.macs == 64 * other.macs);
  // Who read an identity reads what it read: as many edges go into additions.
  const auto into_sums = [](const CompGraph& of) {
    return std::ranges::count_if(
        of.edges, [&of](const auto& edge) { return of.nodes[edge.second].op == CgOp::kAdd; });
  };
  CHECK(into_sums(read) == into_sums(other));
}

TEST_CASE("gennape: members are chosen by name, and a wrong one is refused in one line") {
  CHECK_THROWS_WITH_AS(make_predictor("gennape", {{"members", "cl_t+kgn"}}),
                       doctest::Contains("did you mean 'kgnn'"), Error);
  CHECK_THROWS_WITH_AS(make_predictor("gennape", {{"members", "flops+flops"}}),
                       doctest::Contains("named twice"), Error);
  CHECK_THROWS_AS(make_predictor("gennape", {{"members", ""}}), Error);
}

namespace {

/// Labels that every space has: more multiplications are better.
TransferTask labelled(const SearchSpace& space, std::span<const Architecture> networks) {
  TransferTask task{"source", subjects_of(space, networks), {}};
  for (const Architecture& one : networks) {
    const CompGraph graph = comp_graph_of(space.build(one, space.info().default_task));
    task.targets.push_back(80 + std::log(static_cast<double>(graph.macs)));
  }
  return task;
}

}  // namespace

TEST_CASE("gennape: it orders a space without labels, each member does, and saving loses nothing") {
  const auto known = make("nats_size"), asked = make("nasbench201");
  Rng rng({.seed = 14});
  std::vector<Architecture> source, queries;
  for (int i = 0; i < 60; ++i) source.push_back(sample(*known, rng));
  for (int i = 0; i < 40; ++i) queries.push_back(sample(*asked, rng));
  const TransferTask task = labelled(*known, source), truth = labelled(*asked, queries);
  const std::vector<Subject> pool = subjects_of(*asked, queries);
  for (const char* members : {"flops", "cl_fcm_t+pair+kgnn+flops"}) {
    OptionMap options = test::light_options("gennape");
    options["members"] = members;
    const auto predictor = make_predictor("gennape", options);
    auto& transfer = dynamic_cast<TransferPredictor&>(*predictor);
    transfer.fit_tasks(std::span(&task, 1), pool, {.seed = 1});
    std::vector<double> scores;
    for (const Forecast& one : transfer.forecast(pool)) scores.push_back(one.mean);
    CHECK(spearman(scores, truth.targets).value() >
          (members == std::string("flops") ? 0.999 : 0.5));
    const auto [low, high] = std::minmax_element(scores.begin(), scores.end());
    CHECK(*low > 90);  // the level of the source
    CHECK(*high < 105);
    const auto copy = make_predictor("gennape", options);
    copy->restore(predictor->save());
    std::vector<double> again;
    for (const Forecast& one : dynamic_cast<TransferPredictor&>(*copy).forecast(pool)) {
      again.push_back(one.mean);
    }
    CHECK(again == scores);
  }
}

TEST_CASE("gennape: labels below the least one are left out, and too few are refused by name") {
  const auto space = make("nats_size");
  Rng rng({.seed = 15});
  std::vector<Architecture> networks;
  for (int i = 0; i < 60; ++i) networks.push_back(sample(*space, rng));
  TransferTask task = labelled(*space, networks);
  for (std::size_t i = 0; i < 20; ++i) task.targets[i] = 10;
  const auto predictor = make_predictor("gennape", {});
  CHECK_THROWS_WITH_AS(dynamic_cast<TransferPredictor&>(*predictor)
                           .fit_tasks(std::span(&task, 1), task.subjects, {}),
                       doctest::Contains("'source' has 40 labels of at least 80"), Error);
}
