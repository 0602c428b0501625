#include <vector>

#include "app/study/study_config.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "core/util/error.h"
#include "core/util/text.h"
#include "db/transfer/merge_stores.h"

namespace nas::cli {
namespace {

void refuse_store_option(const Arguments& arguments, std::string_view why) {
  if (!arguments.has("store")) return;
  throw Error(ErrorKind::kUsage, "--store has no effect: " + std::string(why));
}

TransferOptions transfer_options(Context& context) {
  return {.progress = &context.progress(),
          .stop = context.session().stop(),
          .files = context.session().given_files()};
}

int run_copy(const Arguments& arguments, Context& context) {
  refuse_store_option(arguments, "both stores are arguments");
  const StoreAddress from = StoreAddress::parse(*arguments.text("FROM"));
  const StoreAddress to = StoreAddress::parse(*arguments.text("TO"));
  const CopyReport report = copy_store(from, to, transfer_options(context));
  Table table{.kind = "copied_tables",
              .columns = {{"table", "", false, true}, {"rows"}, {"digest", "", true}}};
  for (const CopiedTable& copied : report.tables)
    table.rows.push_back({copied.name, copied.rows, copied.content});
  table.caption = "all tables of '" + to.text() + "' were read back and are equal";
  context.print(table);
  if (report.files > 0) {
    context.note("files that rows name by relative paths: " + format_count(report.files) +
                 "; they stay in '" + printable(report.folder) +
                 "', which --files names for the copy");
  }
  return 0;
}

std::string with_name(const std::string& config, const std::string& name) {
  StudyConfig renamed = parse_study_config(config, "a study of a database");
  renamed.name = name;
  return to_toml(renamed);
}

int run_merge(const Arguments& arguments, Context& context) {
  refuse_store_option(arguments, "the stores are arguments, and --into says where they come");
  std::vector<StoreAddress> from;
  for (const std::string& word : arguments.all("ADDRESS"))
    from.push_back(StoreAddress::parse(word));
  MergeOptions options;
  options.transfer = transfer_options(context);
  options.rename = arguments.has("rename");
  options.renamed_config = with_name;
  const MergeReport report =
      merge_stores(from, StoreAddress::parse(*arguments.text("into")), options);
  Table table{.kind = "merged_tables",
              .columns = {{"table", "", false, true}, {"added"}, {"known"}}};
  for (const MergedTable& merged : report.tables)
    table.rows.push_back({merged.name, merged.added, merged.known});
  context.print(table);
  for (const std::string& line : report.renamed) context.note(line);
  return 0;
}

}  // namespace

const Command db_copy{
    .noun = "db",
    .verb = "copy",
    .summary = "copy a whole store to a new or empty one",
    .description =
        "From a file to a server, back, or between two of a kind; whole or not at all. Ids stay, "
        "and before the copy becomes visible every table is read back and compared. Files that "
        "the store names (models, supernets) stay where they are.",
    .examples =
        "nasctl db copy results.db postgresql://db.example.org/nas\n"
        "nasctl db copy service=lab backup.db",
    .positionals = {{.name = "FROM", .help = "results database", .completes = "file"},
                    {.name = "TO", .help = "new or empty results database", .completes = "file"}},
    .options = {},
    .run = run_copy};

const Command db_merge{
    .noun = "db",
    .verb = "merge",
    .summary = "bring several stores into one",
    .description =
        "Architectures, devices, values and whatever else is the same are kept once. Studies of "
        "one name and configuration are one study where they agree trial by trial; studies that "
        "differ are refused. Data sets, benchmarks, predictors and supernets of one name must be "
        "equal. Whole or not at all.",
    .examples =
        "nasctl db merge node1.db node2.db node3.db --into all.db\n"
        "nasctl db merge node*.db --into postgresql://db.example.org/nas --rename",
    .positionals = {{.name = "ADDRESS",
                     .help = "results database to read",
                     .repeated = true,
                     .completes = "file"}},
    .options = {{.name = "into",
                 .value = "ADDRESS",
                 .help = "results database that gets the rows; may be new",
                 .completes = "new-file",
                 .required = true},
                {.name = "rename",
                 .value = "",
                 .help = "a study whose name another study has gets a free one"}},
    .run = run_merge};

}  // namespace nas::cli
