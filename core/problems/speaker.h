#pragma once

#include <memory>
#include <vector>

#include "core/api/problem.h"
#include "core/data/speech/recordings.h"
#include "core/data/speech/trials.h"
#include "core/problems/speech_front_end.h"

namespace nas {

extern const ProblemRecord speaker_problem;

/// The part of a recipe that says what a network reads.
SpeechRecipe speech_recipe(const Recipe& recipe);

/// To tell whether two recordings are of one speaker. `trials` compare recordings of the test part;
/// empty: every pair of them is a trial. Throws Error(kData) for a trial with a training recording.
std::shared_ptr<const Problem> pose_speakers(std::shared_ptr<const RecordingDataset> dataset,
                                             std::vector<VerificationTrial> trials = {});

}  // namespace nas
