#include "cli/commands.h"
#include "cli/context.h"
#include "cli/data_argument.h"
#include "core/problems/data_kinds.h"

namespace nas::cli {
namespace {

int run_list(const Arguments&, Context& context) {
  Table table{.kind = "datasets",
              .columns = {{"name", "", false, true},
                          {"spec", "", false, true},
                          {"recipe", "", true},
                          {"layout", "", true, false, true},
                          {.name = "summary", .shrink = true, .wrap = true}},
              .caption = "nasctl data add NAME KIND:DIR gives a data set a short name"};
  for (const DataKind& kind : data_kinds()) {
    const DatasetInfo& info = kind.info;
    std::string recipe;
    for (const auto& [key, value] : info.recipe) {
      recipe += (recipe.empty() ? "" : " ") + key + "=" + value;
    }
    table.rows.push_back({info.name, spelling(info), recipe, info.layout, info.summary});
  }
  if (context.session().store_exists()) {
    for (const DatasetRow& row : context.session().reader().datasets()) {
      table.rows.push_back(
          {row.name, row.spec, std::string(), std::string(), "added: " + row.content});
    }
  }
  context.print(table);
  return 0;
}

Table facts(const Problem& problem) {
  const ProblemData& data = problem.data();
  const std::string samples(problem.record().samples);
  Table table = single_table("dataset");
  const auto add = [&](const std::string& name, Cell value) {
    add_fact(table, name, std::move(value));
  };
  add("id", data.id);
  add("source", data.source);
  add("problem", std::string(problem.record().name));
  if (!problem.record().fits_itself()) {
    add("classes", static_cast<std::int64_t>(data.classes.size()));
    add("train_" + samples, static_cast<std::int64_t>(data.samples(Part::kTraining)));
    add("test_" + samples, static_cast<std::int64_t>(data.samples(Part::kTest)));
  }
  for (const DataFact& fact : data.facts) {
    const Cell value = std::visit([](const auto& known) { return Cell(known); }, fact.value);
    add_fact(table, fact.name, value, fact.title.empty() ? fact.name : fact.title);
  }
  return table;
}

Table class_table(const ProblemData& data) {
  std::vector<std::int64_t> train(data.classes.size()), test(data.classes.size());
  for (const std::uint16_t label : data.labels_of(Part::kTraining)) ++train[label];
  for (const std::uint16_t label : data.labels_of(Part::kTest)) ++test[label];
  Table table{.kind = "classes", .columns = {{"class"}, {"train"}, {"test"}}};
  for (std::size_t c = 0; c < train.size(); ++c) {
    table.rows.push_back({data.classes[c], train[c], test[c]});
  }
  return table;
}

int run_show(const Arguments& arguments, Context& context) {
  const auto problem = context.session().problem(with_size(arguments, *arguments.text("DATA")));
  context.print(arguments.has("classes") ? class_table(problem->data()) : facts(*problem));
  return 0;
}

int run_add(const Arguments& arguments, Context& context) {
  const std::string name = *arguments.text("NAME");
  const auto problem = context.session().add_dataset(
      name, with_size(arguments, *arguments.text("DATA")), arguments.has("force"));
  context.note("'" + name + "' is " + problem->data().id + "; use it as --data " + name);
  return 0;
}

const PositionalSpec kData{.name = "DATA", .help = "KIND:DIR, glyphs, or an added name"};

}  // namespace

const Command data_list{.noun = "data",
                        .verb = "list",
                        .summary = "kinds of data sets, and the added ones",
                        .examples = "nasctl data list",
                        .run = run_list};

const Command data_show{
    .noun = "data",
    .verb = "show",
    .summary = "load a data set and describe it",
    .examples = "nasctl data show glyphs\nnasctl data show mnist:DIR --classes --format csv",
    .positionals = {kData},
    .options = {{.name = "classes", .value = "", .help = "samples of each class"}, size_option()},
    .run = run_show};

const Command data_add{
    .noun = "data",
    .verb = "add",
    .summary = "check a data set and give it a short name",
    .description =
        "The name is kept in the results database; the files stay where they are. A name that\n"
        "stands for other data already is refused.",
    .examples =
        "nasctl data add cifar cifar10:/data/cifar-10-batches-bin\n"
        "nasctl data add flowers folder:/data/flowers --size 64",
    .positionals = {{.name = "NAME", .help = "short name"}, kData},
    .options = {size_option(),
                {.name = "force",
                 .value = "",
                 .help = "let a known name stand for this data from now on"}},
    .run = run_add};

}  // namespace nas::cli
