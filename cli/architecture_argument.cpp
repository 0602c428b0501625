#include "cli/architecture_argument.h"

#include <algorithm>

#include "core/api/decision_effects.h"
#include "core/api/recipe.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas::cli {
namespace {

/// A network that is shown may be as large as one that is trained.
std::int64_t most_in_recipe(std::string_view name) {
  for (const Field<Recipe>& field : recipe_fields()) {
    if (field.name == name) return static_cast<std::int64_t>(field.max);
  }
  NAS_CHECK(false, "a recipe has this field");
}

/// A trial is of a space; another one beside it would have no effect, unless a further argument
/// (the B of `arch diff`) needs it.
void refuse_space(const Arguments& arguments, std::string_view word) {
  const auto plain = [&](std::string_view name) {
    const auto other = arguments.text(name);
    return other && !other->starts_with("trial:");
  };
  if (!arguments.has("space") || plain("A") || plain("B")) return;
  throw Error(ErrorKind::kUsage,
              "--space has no effect: " + printable(word) + " is of the space of its study");
}

Shape input_shape(std::string_view text) {
  std::vector<std::int64_t> dims;
  for (const std::string& part : split(text, ',')) {
    const auto number = parse_int(trim(part));
    if (!number || *number < 1 || *number > 1 << 20) dims.clear();
    if (!number || *number < 1 || *number > 1 << 20) break;
    dims.push_back(*number);
  }
  if (dims.size() != 3 && dims.size() != 2) {
    throw Error(ErrorKind::kUsage, "--input = " + printable(text) +
                                       ", expected channels,height,width such as 3,32,32, or "
                                       "features,frames such as 80,300");
  }
  return Shape(dims);
}

}  // namespace

std::vector<OptionSpec> joined(std::vector<OptionSpec> first,
                               const std::vector<OptionSpec>& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

std::vector<OptionSpec> space_options() {
  return {{.name = "space",
           .value = "NAME",
           .help = "search space (nasctl space list)",
           .completes = "space"},
          {.name = "space-option",
           .value = "KEY=VALUE",
           .help = "an option of the space (nasctl space show NAME)",
           .repeated = true,
           .needs = "space"}};
}

PluginChoice space_choice(const Arguments& arguments) {
  const auto name = arguments.text("space");
  if (!name) {
    throw Error(ErrorKind::kUsage, "missing --space NAME (nasctl space list shows the names)");
  }
  PluginChoice choice = parse_plugin_choice(*name);
  for (const std::string& option : arguments.all("space-option")) {
    add_option(choice.options, option);
  }
  return choice;
}

std::vector<OptionSpec> task_options() {
  return {
      {.name = "input",
       .value = "C,H,W",
       .help = "size of one image; F,T of a sequence (default: the space's)"},
      {.name = "classes", .value = "N", .help = "number of classes"},
      {.name = "width", .value = "N", .help = "initial channels"},
      {.name = "depth", .value = "N", .help = "cells (the space says of what)"},
      {.name = "skeleton", .value = "NAME", .help = "outer network, where the space has several"},
      {.name = "auxiliary", .value = "", .help = "with the auxiliary head"}};
}

std::vector<OptionSpec> network_options() {
  return joined({{.name = "network",
                  .value = "WHICH",
                  .help = "of a trial: the network of the search, of the final training, or the "
                          "space's published one (default: the one that was judged)",
                  .choices = "search|final|published"}},
                task_options());
}

namespace {

ShownNetwork chosen_network(const Arguments& arguments, const NamedArchitecture& named) {
  const auto role = arguments.text("network");
  if (named.trial) {
    return trial_network(*named.space, named.trial->config, named.trial->row,
                         role ? std::optional(parse_network_role(*role)) : std::nullopt);
  }
  if (role && *role != "published") {
    throw Error(ErrorKind::kUsage, "--network " + printable(*role) +
                                       ": only a trial has such a network; name one as "
                                       "trial:STUDY/NUMBER");
  }
  Task task = named.space->info().default_task;
  if (!role) named.stated.apply(task);
  return plain_network(*named.space, task);
}

/// `task` with what the user changed.
Task changed_task(const Arguments& arguments, const SearchSpace& space, Task task) {
  constexpr std::int64_t kMost = 1 << 20;
  if (const auto skeleton = arguments.text("skeleton")) {
    const std::vector<std::string>& known = space.info().skeletons;
    if (std::find(known.begin(), known.end(), *skeleton) == known.end()) {
      throw Error(ErrorKind::kUsage, unknown_name("skeleton of space '" + space.info().name + "'",
                                                  printable(*skeleton), known));
    }
    task.skeleton = *skeleton;
  }
  if (const auto input = arguments.text("input")) task.input = input_shape(*input);
  task.classes = arguments.integer_or("classes", task.classes, 1, kMost);
  task.width = arguments.integer_or("width", task.width, 1, most_in_recipe("width"));
  task.depth = arguments.integer_or("depth", task.depth, 1, most_in_recipe("depth"));
  task.auxiliary = task.auxiliary || arguments.has("auxiliary");
  return task;
}

}  // namespace

Task task_argument(const Arguments& arguments, const SearchSpace& space) {
  return changed_task(arguments, space, space.info().default_task);
}

ShownNetwork network_argument(const Arguments& arguments, const NamedArchitecture& named) {
  ShownNetwork network = chosen_network(arguments, named);
  const Task task = changed_task(arguments, *named.space, network.task);
  if (task != network.task) network = plain_network(*named.space, task);
  // The text names the task that was asked for; a resolution that is a decision changes its input.
  const Shape& own = task_of(*named.space, named.architecture, task).input;
  if (own != named.space->settle(task).input) {
    network.heading += "; this architecture's input is " + to_string(own);
  }
  return network;
}

NamedArchitecture named_architecture(const Arguments& arguments, Context& context,
                                     std::string_view word) {
  if (word.starts_with("trial:")) refuse_space(arguments, word);
  std::optional<PluginChoice> choice;
  if (arguments.has("space") || arguments.has("space-option")) choice = space_choice(arguments);
  NamedByText found = ArchitectureLookup(context.session()).architecture(word, choice);
  if (!found.note.empty()) context.note(found.note);
  return found;
}

}  // namespace nas::cli
