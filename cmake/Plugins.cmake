# nas_records(target TYPE "Plugin<Searcher>" SUFFIX plugin HEADER searchers/registry.h FUNCTION searcher_plugins
#             [PREFIX folder/] [ENDING _torch] NAMES a b c)
# adds folder/a_torch.cpp, ... to the target and generates the function that returns pointers to the records `a_plugin`,
# `b_plugin`, `c_plugin`, in this order, of which each file defines one. The list is explicit on purpose: a static
# library drops self-registering objects that nobody references.
function(nas_records target)
  cmake_parse_arguments(arg "" "TYPE;SUFFIX;HEADER;FUNCTION;PREFIX;ENDING" "NAMES" ${ARGN})
  set(declarations "")
  set(entries "")
  foreach(name IN LISTS arg_NAMES)
    target_sources(${target} PRIVATE "${arg_PREFIX}${name}${arg_ENDING}.cpp")
    string(APPEND declarations "extern const ${arg_TYPE} ${name}_${arg_SUFFIX};\n")
    string(APPEND entries "    &${name}_${arg_SUFFIX},\n")
  endforeach()
  set(content "// Generated from the list in CMakeLists.txt.
#include \"${arg_HEADER}\"

namespace nas {

${declarations}
namespace {
const ${arg_TYPE}* const kRecords[] = {
${entries}};
}  // namespace

std::span<const ${arg_TYPE}* const> ${arg_FUNCTION}() { return kRecords; }

}  // namespace nas
")
  set(file "${CMAKE_CURRENT_BINARY_DIR}/${arg_FUNCTION}${arg_ENDING}.cpp")
  file(CONFIGURE OUTPUT "${file}" CONTENT "${content}" @ONLY)
  target_sources(${target} PRIVATE "${file}")
endfunction()

# nas_plugins(target INTERFACE Searcher HEADER searchers/registry.h FUNCTION searcher_plugins NAMES a b c): the records
# of plug-ins.
function(nas_plugins target)
  cmake_parse_arguments(arg "" "INTERFACE;HEADER;FUNCTION" "NAMES" ${ARGN})
  # Spaces, searchers and predictors may have the same name, and a process has one namespace for all libraries.
  string(REGEX REPLACE "([a-z])([A-Z])" "\\1_\\2" suffix ${arg_INTERFACE})
  string(TOLOWER ${suffix} suffix)
  nas_records(${target} TYPE "Plugin<${arg_INTERFACE}>" SUFFIX ${suffix} HEADER ${arg_HEADER}
              FUNCTION ${arg_FUNCTION} NAMES ${arg_NAMES})
endfunction()
