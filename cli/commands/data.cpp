#include "cli/commands.h"
#include "cli/context.h"
#include "cli/data_argument.h"
#include "core/data/dataset.h"
#include "core/data/dataset_recipe.h"

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
  for (const DatasetInfo& info : dataset_kinds()) {
    const std::string spec = info.name == "glyphs" ? info.name : info.name + ":DIR";
    std::string recipe;
    for (const auto& [key, value] : dataset_recipe(info.name)) {
      recipe += (recipe.empty() ? "" : " ") + key + "=" + value;
    }
    table.rows.push_back({info.name, spec, recipe, info.layout, info.summary});
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

Table facts(const ImageDataset& dataset) {
  Table table = single_table("dataset");
  const auto add = [&](const char* name, Cell value) { add_fact(table, name, std::move(value)); };
  add("id", dataset.id);
  add("source", dataset.source);
  add("image", to_string(dataset.train.shape));
  add("classes", static_cast<std::int64_t>(dataset.classes.size()));
  add("train_images", static_cast<std::int64_t>(dataset.train.size()));
  add("test_images", static_cast<std::int64_t>(dataset.test.size()));
  for (std::size_t c = 0; c < dataset.mean.size(); ++c) {
    const std::string number = std::to_string(c);
    const auto add_channel = [&](const std::string& what, float value) {
      add_fact(table, "channel_" + number + "_" + what, static_cast<double>(value),
               "channel " + number + " " + what);
    };
    add_channel("mean", dataset.mean[c]);
    add_channel("deviation", dataset.deviation[c]);
  }
  return table;
}

Table class_table(const ImageDataset& dataset) {
  std::vector<std::int64_t> train(dataset.classes.size()), test(dataset.classes.size());
  for (const std::uint16_t label : dataset.train.labels) ++train[label];
  for (const std::uint16_t label : dataset.test.labels) ++test[label];
  Table table{.kind = "classes", .columns = {{"class"}, {"train"}, {"test"}}};
  for (std::size_t c = 0; c < train.size(); ++c) {
    table.rows.push_back({dataset.classes[c], train[c], test[c]});
  }
  return table;
}

int run_show(const Arguments& arguments, Context& context) {
  const auto dataset = context.session().dataset(with_size(arguments, *arguments.text("DATA")));
  context.print(arguments.has("classes") ? class_table(*dataset) : facts(*dataset));
  return 0;
}

int run_add(const Arguments& arguments, Context& context) {
  const std::string name = *arguments.text("NAME");
  const auto dataset =
      context.session().add_dataset(name, with_size(arguments, *arguments.text("DATA")));
  context.note("'" + name + "' is " + dataset->id + "; use it as --data " + name);
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
    .options = {{.name = "classes", .value = "", .help = "images of each class"}, size_option()},
    .run = run_show};

const Command data_add{
    .noun = "data",
    .verb = "add",
    .summary = "check a data set and give it a short name",
    .description = "The name is kept in the results database; the files stay where they are.",
    .examples =
        "nasctl data add cifar cifar10:/data/cifar-10-batches-bin\n"
        "nasctl data add flowers folder:/data/flowers --size 64",
    .positionals = {{.name = "NAME", .help = "short name"}, kData},
    .options = {size_option()},
    .run = run_add};

}  // namespace nas::cli
