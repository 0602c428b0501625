# nas_plugins(target INTERFACE Searcher HEADER searchers/registry.h FUNCTION searcher_plugins NAMES a b c)
# adds a.cpp, b.cpp, c.cpp to the target and generates the function that returns the records
# `a_plugin`, `b_plugin`, `c_plugin`, in this order. The list is explicit on purpose: a static library drops
# self-registering objects that nobody references.
function(nas_plugins target)
  cmake_parse_arguments(arg "" "INTERFACE;HEADER;FUNCTION" "NAMES" ${ARGN})
  set(declarations "")
  set(entries "")
  foreach(name IN LISTS arg_NAMES)
    target_sources(${target} PRIVATE ${name}.cpp)
    string(APPEND declarations "extern const Plugin<${arg_INTERFACE}> ${name}_plugin;\n")
    string(APPEND entries "    &${name}_plugin,\n")
  endforeach()
  set(content "// Generated from the list in CMakeLists.txt.
#include \"${arg_HEADER}\"

namespace nas {

${declarations}
namespace {
const Plugin<${arg_INTERFACE}>* const kPlugins[] = {
${entries}};
}  // namespace

std::span<const Plugin<${arg_INTERFACE}>* const> ${arg_FUNCTION}() { return kPlugins; }

}  // namespace nas
")
  set(file "${CMAKE_CURRENT_BINARY_DIR}/${arg_FUNCTION}.cpp")
  file(CONFIGURE OUTPUT "${file}" CONTENT "${content}" @ONLY)
  target_sources(${target} PRIVATE "${file}")
endfunction()
