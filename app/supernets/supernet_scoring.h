#pragma once

#include <string>

#include "app/scoring/scoring.h"
#include "app/supernets/subnet_judge.h"

namespace nas {

/// Ranks the architectures of a benchmark by the weights of a supernet.
struct SupernetScoring {
  BenchmarkScoring rows;  ///< benchmark, space, count, workers and the seed that draws
  std::string supernet;
  SubnetJudging judging;
  std::string column;  ///< metric of the column; "": "supernet.NAME"
};

/// Adds a column of `SubnetJudge::merit`, of source proxy: tables treat it like one. Rows of equal
/// digest are different subnets, so that each runs. Columns are written every `flush_seconds`, and
/// the same call resumes. Throws Error(kUsage) where the benchmark is of another space.
ScoringReport score_with_supernet(Session& session, const SupernetScoring& scoring);

}  // namespace nas
