#include "app/study/space_moving.h"

#include <algorithm>

#include "app/study/mcu_origin.h"
#include "app/supernets/subnet_judge.h"
#include "core/util/error.h"
#include "core/util/rng.h"
#include "core/util/text.h"

namespace nas {
namespace {

/// What ends a movement before its time.
struct Interrupted {};

class Mover {
 public:
  Mover(Session& session, const SpaceMoving& moving) : session_(session), moving_(moving) {}

  SpaceMoved run() {
    SpaceMoved moved;
    const auto measure = [&](const std::vector<double>& at, std::int64_t visit) {
      const std::string name = name_of(at, visit);
      const MovementPoint point = measured(at, visit, name);
      moved.supernets.push_back(name);
      if (moving_.report) moving_.report({0, point}, name);
      return point;
    };
    try {
      moved.visits = move_space(moving_.axes, moving_.movement, measure);
    } catch (const Interrupted&) {
      moved.stopped = true;
    }
    return moved;
  }

 private:
  std::string name_of(const std::vector<double>& at, std::int64_t visit) const {
    std::string name = moving_.supernet.name;
    for (const double value : at) name += "-" + format_double(value);
    return visit == 0 ? name : name + "-visit" + std::to_string(visit + 1);
  }

  MovementPoint measured(const std::vector<double>& at, std::int64_t visit,
                         const std::string& name) const {
    SupernetRequest request = moving_.supernet;
    request.name = name;
    for (std::size_t i = 0; i < at.size(); ++i) {
      request.space.options[moving_.axes[i].name] = format_double(at[i]);
    }
    if (visit > 0) request.from = name_of(at, visit - 1);
    if (train_supernet(session_, request).report.stopped) throw Interrupted{};
    const SubnetJudge judge(open_supernet(session_, name), {});
    const SearchSpace& space = *judge.supernet().space;
    const Rng draws({.seed = moving_.movement.seed, .purpose = Purpose::kSample});
    Rng rng = draws.stream(0);
    double best = 0, sum = 0;
    for (std::int64_t i = 0; i < moving_.subnets; ++i) {
      const double value = judge.judge(sample(space, rng)).front().value;
      best = std::max(best, value);
      sum += value;
    }
    return {at, 100 - (best + sum / static_cast<double>(moving_.subnets)) / 2,
            illegal_share(space, judge.supernet().task, draws.stream(1))};
  }

  double illegal_share(const SearchSpace& space, const Task& task, Rng rng) const {
    std::int64_t illegal = 0;
    for (std::int64_t i = 0; i < moving_.samples; ++i) {
      const ArchGraph graph = space.build(sample(space, rng), task);
      illegal += network_sram_bytes(graph, moving_.device) > moving_.device.sram_bytes ? 1 : 0;
    }
    return 100 * static_cast<double>(illegal) / static_cast<double>(moving_.samples);
  }

  Session& session_;
  const SpaceMoving& moving_;
};

}  // namespace

MovementAxis movement_axis(const SearchSpace& space, DecisionId decision, double error_scale,
                           double memory_scale) {
  const Decision& named = space.decisions()[decision];
  MovementAxis axis{.name = named.name, .error_scale = error_scale, .memory_scale = memory_scale};
  for (const std::string& choice : named.choices) {
    const auto number = parse_double(choice);
    if (!number) {
      throw Error(
          ErrorKind::kUsage,
          "decision '" + named.name + "' has a choice that is not a number: " + printable(choice));
    }
    axis.choices.push_back(*number);
  }
  std::ranges::sort(axis.choices);
  if (axis.choices.size() < 2) {
    throw Error(ErrorKind::kUsage,
                "decision '" + named.name + "' has one choice: there is nowhere to move to");
  }
  axis.step =
      (axis.choices.back() - axis.choices.front()) / static_cast<double>(axis.choices.size() - 1);
  return axis;
}

SpaceMoved move_by_supernets(Session& session, const SpaceMoving& moving) {
  if (moving.subnets < 1 || moving.samples < 1) {
    throw Error(ErrorKind::kUsage, "a movement judges at least one subnet and draws one network");
  }
  return Mover(session, moving).run();
}

}  // namespace nas
