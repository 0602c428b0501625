#include "app/models/recording_embedder.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "core/runtime/model.h"
#include "core/util/verification.h"

namespace nas::cli {
namespace {

int run_embed(const Arguments& arguments, Context& context) {
  set_intra_op_threads(1);
  RecordingEmbedder embedder(*arguments.text("MODEL"));
  Table table{.kind = "embeddings", .columns = {{"recording", "", false, true}}};
  for (const std::string& recording : arguments.all("RECORDING")) {
    const std::vector<float> embedding = embedder.embed(recording);
    while (table.columns.size() <= embedding.size()) {
      table.columns.push_back({"e" + std::to_string(table.columns.size())});
    }
    std::vector<Cell> row{recording};
    for (const float value : embedding) row.emplace_back(static_cast<double>(value));
    table.rows.push_back(std::move(row));
  }
  context.print(table);
  return 0;
}

int run_verify(const Arguments& arguments, Context& context) {
  set_intra_op_threads(1);
  RecordingEmbedder embedder(*arguments.text("MODEL"));
  const std::string enrol = *arguments.text("ENROL"), test = *arguments.text("TEST");
  Table table{.kind = "verification",
              .columns = {{"enrol", "", false, true}, {"test", "", false, true}, {"score"}}};
  table.rows.push_back({enrol, test, cosine_score(embedder.embed(enrol), embedder.embed(test))});
  table.single = true;
  context.print(table);
  return 0;
}

const PositionalSpec kModel{.name = "MODEL",
                            .help = "a .safetensors file of nasctl, trained on speakers",
                            .completes = "file"};

}  // namespace

const Command arch_embed{
    .noun = "arch",
    .verb = "embed",
    .summary = "the embedding of recordings by a saved model of speakers",
    .description =
        "A recording may have any rate and length. Its embedding is the mean direction of the "
        "pieces that\nthe model judges it by; the product of two embeddings is their score.",
    .examples = "nasctl arch embed models/voices-1a2b3c4d.safetensors a.wav b.wav --format csv",
    .positionals =
        {kModel,
         {.name = "RECORDING", .help = "WAV or FLAC files", .repeated = true, .completes = "file"}},
    .options = {},
    .run = run_embed};

const Command arch_verify{
    .noun = "arch",
    .verb = "verify",
    .summary = "score whether two recordings are of one speaker",
    .description =
        "The score is a cosine, from -1 to 1: higher for one speaker. Where to draw the line is "
        "for the user\nto say: `nasctl arch evaluate` gives the error rates of a model on many "
        "trials.",
    .examples = "nasctl arch verify models/voices-1a2b3c4d.safetensors enrolled.wav caller.wav",
    .positionals = {kModel,
                    {.name = "ENROL",
                     .help = "a recording of a known speaker",
                     .completes = "file"},
                    {.name = "TEST", .help = "a recording to compare", .completes = "file"}},
    .options = {},
    .run = run_verify};

}  // namespace nas::cli
