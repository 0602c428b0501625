#include <utility>

#include "app/presentation/answer_files.h"
#include "app/reports/architecture_heading.h"
#include "app/reports/report.h"
#include "app/reports/study_curves.h"
#include "app/study/trial_network.h"
#include "core/ir/draw/layout.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

constexpr std::int64_t kLeaders = 10;

/// Files of one report, with the text that names them.
class ReportWriter {
 public:
  void file(const std::string& name, std::string content) {
    files_.push_back({name, std::move(content)});
  }
  void heading(const std::string& text) { markdown_ += "\n## " + text + "\n\n"; }
  void text(const std::string& text) { markdown_ += text; }
  void image(const std::string& name, const std::string& meaning, std::string svg) {
    file(name, std::move(svg));
    markdown_ += "![" + meaning + "](" + name + ")\n";
  }
  std::vector<std::filesystem::path> finish(const std::filesystem::path& directory) {
    file("report.md", markdown_);
    return write_files(directory, files_);
  }

 private:
  std::vector<AnswerFile> files_;
  std::string markdown_;
};

Table failures(const StudyData& study) {
  Table table{"failures", {{"trial", "", false}, {"reason", "", true}}, {}, ""};
  std::int64_t count = 0;
  for (const TrialRow& trial : study.trials) {
    if (trial.state != TrialState::kFailed) continue;
    if (++count <= kLeaders) table.rows.push_back({trial.number, trial.error});
  }
  if (count > kLeaders) {
    table.caption = "The first " + std::to_string(kLeaders) + " of " + std::to_string(count) + ".";
  }
  return table;
}

/// Folded until it can be read; the heading says what `arch show` says.
std::string architecture_drawing(const SearchSpace& space, const Architecture& architecture,
                                 const ShownNetwork& network) {
  const ArchGraph graph = space.build(architecture, network.task);
  return to_svg(graph, {.fold_above = kReadableBoxes},
                architecture_heading(space, space.format(architecture), graph, network.heading));
}

void write_best(ReportWriter& writer, Session& session, const StudyData& study) {
  const std::vector<TrialSummary> best = leaders(study, "", 1);
  if (best.empty()) return;
  writer.heading("Best architecture");
  const SearchSpace& space = session.space(study.config.space);
  const Architecture architecture = space.parse(best[0].architecture);
  for (const TrialRow& trial : study.trials) {
    if (trial.number != best[0].number) continue;
    // Of a network that is not known, the space's own shows the same cell.
    const ShownNetwork network = trial.network.empty()
                                     ? plain_network(space, space.info().default_task)
                                     : trial_network(space, study.config, trial);
    writer.text("Trial " + std::to_string(trial.number) + ", " + network.heading + "\n\n");
    writer.image("architecture.svg", "graph of the best architecture",
                 architecture_drawing(space, architecture, network));
    const std::vector<CurvePoint> curve = session.reader().curve(trial.id);
    if (curve.empty()) continue;
    writer.text("\n");
    writer.image("curve.svg", "training curve",
                 curve_svg(curve, "Training of trial " + std::to_string(trial.number)));
  }
}

/// What the study recorded while it prepared, and what happened.
void write_preparation(ReportWriter& writer, const Store& store, const StudyData& study) {
  constexpr std::int64_t kMostEvents = 100;
  const auto drawings = study_curve_drawings(store.study_curve(study.row.id), study.row.spec.name);
  if (!drawings.empty()) writer.heading("Preparation");
  for (const StudyCurveDrawing& drawing : drawings) {
    writer.image(drawing.file, drawing.meaning, drawing.svg);
    writer.text("\n");
  }
  const Table events = events_table(store.events(study.row.id, kMostEvents));
  if (events.rows.empty()) return;
  writer.heading("Events");
  writer.text(render_markdown(events));
}

}  // namespace

std::vector<std::filesystem::path> study_report(Session& session, std::string_view name,
                                                const std::filesystem::path& directory) {
  const StudyData study = load_study(session.reader(), name);
  ReportWriter writer;
  writer.text("# Study `" + printable(study.row.spec.name) + "`\n\n");
  writer.text(render_markdown(summary_table(study)));
  const Table leaders = leaderboard_table(study, "", kLeaders);
  if (leaders.rows.empty() && study.row.trials_infeasible > 0) {
    writer.heading("Nearest architectures");
    writer.text(render_markdown(nearest_table(study, kLeaders)));
  } else {
    writer.heading("Leaderboard");
    writer.text(render_markdown(leaders));
  }
  if (study.config.objectives.size() > 1) {
    writer.heading("Pareto front");
    writer.text(render_markdown(pareto_table(study)));
  }
  writer.heading("Search");
  writer.image("pareto.svg", "trade-off of the first two metrics", pareto_svg(study));
  writer.text("\n");
  writer.image("best_so_far.svg", "best value over trials", best_so_far_svg({study}));
  if (auto svg = hypervolume_svg(study)) {
    writer.text("\n");
    writer.image("hypervolume.svg", "hypervolume over trials", *std::move(svg));
  }
  write_preparation(writer, session.reader(), study);
  write_best(writer, session, study);
  if (study.row.trials_failed > 0) {
    writer.heading("Failed trials");
    writer.text(render_markdown(failures(study)));
  }
  writer.heading("Run it again");
  writer.text("`study.toml` is the complete configuration; `trials.csv` holds every trial.\n");
  writer.file("study.toml", to_toml(study.config));
  writer.file("trials.csv", render(trials_table(study), Format::kCsv));
  return writer.finish(directory);
}

}  // namespace nas
