#include <doctest/doctest.h>

#include <cmath>

#include "core/util/error.h"
#include "predictors/zerocost/diswot_terms.h"
#include "searchspaces/registry.h"

namespace nas {
namespace {

/// Random relations of 6 images, 4 classes and 5 channels; the Gram matrix is one.
NetworkRelations random_relations(std::uint64_t seed) {
  Rng rng({.seed = seed, .purpose = Purpose::kTest});
  NetworkRelations relations{6, 4, 5, std::vector<double>(36), std::vector<double>(20)};
  std::vector<double> maps(6 * 3);
  for (double& value : maps) value = rng.uniform();
  for (std::size_t i = 0; i < 6; ++i) {
    for (std::size_t j = 0; j < 6; ++j) {
      for (std::size_t k = 0; k < 3; ++k) {
        relations.gram[i * 6 + j] += maps[i * 3 + k] * maps[j * 3 + k];
      }
    }
  }
  for (double& value : relations.gradients) value = rng.normal();
  return relations;
}

/// -1/(K C) sum |A_T - A_S|^2 with whole channel matrices.
double direct_semantic(const NetworkRelations& teacher, const NetworkRelations& student) {
  const std::size_t width = teacher.channels;
  const auto entry = [&](const NetworkRelations& network, std::size_t k, std::size_t i,
                         std::size_t j) {
    const double* g = network.gradients.data() + k * width;
    double square = 0;
    for (std::size_t c = 0; c < width; ++c) square += g[i] * g[c] * g[i] * g[c];
    return g[i] * g[j] / std::max(std::sqrt(square), 1e-12);
  };
  double sum = 0;
  for (std::size_t k = 0; k < teacher.classes; ++k) {
    for (std::size_t i = 0; i < width; ++i) {
      for (std::size_t j = 0; j < width; ++j) {
        sum += std::pow(entry(teacher, k, i, j) - entry(student, k, i, j), 2);
      }
    }
  }
  return -sum / static_cast<double>(teacher.classes * width);
}

ArchGraph network(std::string_view space_name, std::string_view text, std::int64_t classes) {
  const auto space = find_plugin(space_plugins(), "space", space_name).make({});
  Task task;
  task.input = {3, 16, 16};
  task.classes = classes;
  return space->build(space->parse(text), task);
}

std::vector<ProxyScore> score(const ProxyChoice& choice, const ArchGraph& graph,
                              std::uint64_t seed = 0) {
  ScoreSettings settings;
  settings.seed = seed;
  settings.batch = 8;
  return ProxyEngine({choice}, settings, nullptr).score(graph);
}

TEST_CASE("diswot: a network is wholly similar to itself, and less to any other") {
  const NetworkRelations a = random_relations(1), b = random_relations(2);
  CHECK(relation_similarity(a, a) == doctest::Approx(0));
  CHECK(semantic_similarity(a, a) == doctest::Approx(0));
  CHECK(relation_similarity(a, b) < -1e-6);
  CHECK(semantic_similarity(a, b) < -1e-2);
  CHECK(semantic_similarity(a, b) >= -4);
}

TEST_CASE("diswot: the closed form of the semantic term is the direct one, zeros included") {
  for (std::uint64_t seed = 1; seed < 20; ++seed) {
    const NetworkRelations teacher = random_relations(seed);
    NetworkRelations student = random_relations(seed + 100);
    if (seed % 2 == 0) student.gradients[3] = student.gradients[8] = 0;
    if (seed % 3 == 0) {
      for (std::size_t i = 0; i < 5; ++i) student.gradients[i] *= 1e-7;  // below the clamp
    }
    CHECK(semantic_similarity(teacher, student) ==
          doctest::Approx(direct_semantic(teacher, student)));
  }
}

TEST_CASE("diswot: the semantic term does not see the size of a class's gradient") {
  const NetworkRelations teacher = random_relations(1);
  NetworkRelations student = random_relations(2);
  const double before = semantic_similarity(teacher, student);
  for (std::size_t i = 0; i < student.gradients.size(); ++i) {
    student.gradients[i] *= static_cast<double>(1 + i / student.channels);
  }
  CHECK(semantic_similarity(teacher, student) == doctest::Approx(before));
  for (double& value : student.gradients) value = -value;
  // Both the direction and all signs turn: the channel matrices stay.
  CHECK(semantic_similarity(teacher, student) == doctest::Approx(before));
}

TEST_CASE("diswot: gradients that point elsewhere give the values computed by hand") {
  NetworkRelations teacher{1, 1, 2, {1}, {1, 1}}, student{1, 1, 2, {1}, {1, -1}};
  // A_T has rows (1, 1) / sqrt(2); A_S (1, -1) / sqrt(2) and (-1, 1) / sqrt(2): two entries of
  // sqrt(2) differ.
  CHECK(semantic_similarity(teacher, student) == doctest::Approx(-2));
}

TEST_CASE("diswot: the score is the sum of its terms, repeats itself and depends on the weights") {
  const ArchGraph graph = network("cifar_resnet", "131", 10);
  const ProxyChoice choice{"diswot", {{"teacher", "resnet8"}}};
  const std::vector<ProxyScore> scores = score(choice, graph);
  REQUIRE(scores.size() == 3);
  CHECK(scores[1].name == "diswot.relation");
  CHECK(scores[0].value == doctest::Approx(scores[1].value + scores[2].value));
  CHECK(scores[2].value < 0);
  CHECK(score(choice, graph)[0].value == scores[0].value);
  CHECK(score(choice, graph, 1)[0].value != scores[0].value);
  for (const char* init : {"kaiming", "default"}) {
    CHECK(score({"diswot", {{"teacher", "1-1-1"}, {"init", init}}}, graph)[0].value !=
          scores[0].value);
  }
}

TEST_CASE("diswot: teachers and networks that do not fit are named") {
  for (const char* teacher : {"resnet55", "resnet", "9-9", "0-1-1", "vgg"}) {
    CAPTURE(teacher);
    CHECK_THROWS_WITH_AS(
        score({"diswot", {{"teacher", teacher}}}, network("cifar_resnet", "111", 10)),
        doctest::Contains("expected resnetD"), Error);
  }
  CHECK_THROWS_WITH_AS(score({"diswot", {}}, network("nats_size", "8:8:8:8:8", 10)),
                       doctest::Contains("reads 8 features, the teacher's 64"), Error);
}

}  // namespace
}  // namespace nas
