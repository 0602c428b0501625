#pragma once

namespace nas::cli {

class Arguments;
class Context;

/// `search compare` of stored studies.
int compare_own_studies(const Arguments& arguments, Context& context);

}  // namespace nas::cli
