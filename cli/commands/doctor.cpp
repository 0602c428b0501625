#include "app/session/doctor.h"

#include "cli/commands.h"
#include "cli/context.h"

namespace nas::cli {
namespace {

int run(const Arguments& arguments, Context& context) {
  const std::vector<Finding> findings = diagnose(context.session(), !arguments.has("fast"));
  context.print(findings_table(findings));
  return healthy(findings) ? 0 : 1;
}

}  // namespace

const Command doctor{
    .noun = "doctor",
    .verb = "",
    .summary = "check this machine, the libraries and the database",
    .description =
        "Says which BLAS, SIMD level, threads and versions are in use, what is wrong and what to "
        "do.\n"
        "Exit code 1 when something must be fixed.",
    .examples = "nasctl doctor\nnasctl doctor --fast --json",
    .positionals = {},
    .options = {{.name = "fast", .value = "", .help = "without the speed measurements"}},
    .run = run};

}  // namespace nas::cli
