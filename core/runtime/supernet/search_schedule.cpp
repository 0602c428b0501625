#include "core/runtime/supernet/search_schedule.h"

#include "core/runtime/schedule.h"

namespace nas {

double weight_rate(const SearchSchedule& schedule, const Recipe& recipe, std::int64_t step,
                   std::int64_t steps_per_epoch) {
  if (schedule.warmup_rate <= 0) return learning_rate(recipe, step, steps_per_epoch);
  Recipe part = recipe;
  const std::int64_t warmup_steps = schedule.warmup_epochs * steps_per_epoch;
  if (step >= warmup_steps) {
    part.epochs -= schedule.warmup_epochs;
    return learning_rate(part, step - warmup_steps, steps_per_epoch);
  }
  part.epochs = schedule.warmup_epochs;
  part.schedule = "cosine";
  part.learning_rate = schedule.warmup_rate;
  part.final_learning_rate = 0;
  return learning_rate(part, step, steps_per_epoch);
}

bool has_search_step(const SearchSchedule& schedule, std::int64_t epoch, std::int64_t index,
                     std::int64_t steps_per_epoch) {
  if (epoch < schedule.warmup_epochs + schedule.lead_epochs) return false;
  const std::int64_t done = index + 1;
  if (schedule.updates == 0) return done % schedule.every == 0;
  // Segments of nearly equal length, the longer ones first; a step ends each.
  const std::int64_t length = steps_per_epoch / schedule.updates;
  const std::int64_t longer = steps_per_epoch % schedule.updates * (length + 1);
  if (done <= longer) return done % (length + 1) == 0;
  return (done - longer) % length == 0;
}

}  // namespace nas
