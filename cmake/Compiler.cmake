# One interface target with the flags of all our code, and ccache as launcher.
add_library(nas_flags INTERFACE)
target_include_directories(nas_flags INTERFACE "${PROJECT_SOURCE_DIR}")
target_compile_options(nas_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
  -Wno-missing-field-initializers -Werror)

option(NAS_SANITIZE "Address and undefined-behaviour sanitizers" OFF)
if(NAS_SANITIZE)
  target_compile_options(nas_flags INTERFACE -fsanitize=address,undefined -fno-omit-frame-pointer)
  target_link_options(nas_flags INTERFACE -fsanitize=address,undefined)
endif()

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_COMMAND}" -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros "${CCACHE}")
endif()

# nas_library(name SOURCES a.cpp ... [PUBLIC libs] [PRIVATE libs]): one library for a folder.
function(nas_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  add_library(${name} STATIC ${arg_SOURCES})
  target_link_libraries(${name} PUBLIC nas_flags ${arg_PUBLIC} PRIVATE ${arg_PRIVATE})
endfunction()
