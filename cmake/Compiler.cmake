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

# Programs and the library that holds LibTorch's part (nas_torch, opened when needed) must share one copy of
# everything below them: operations, errors that are thrown and caught, interruptions. So the folders are shared
# libraries, all in one place, and each must name all that it uses.
include(GNUInstallDirs)
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/lib")
set(NAS_LIBRARY_DIRECTORY "${CMAKE_INSTALL_LIBDIR}/searchlight")
set(CMAKE_INSTALL_RPATH "$ORIGIN/../${NAS_LIBRARY_DIRECTORY}")
target_link_options(nas_flags INTERFACE LINKER:--no-undefined)

# nas_library(name SOURCES a.cpp ... [PUBLIC libs] [PRIVATE libs]): one library for a folder.
function(nas_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  add_library(${name} SHARED ${arg_SOURCES})
  target_link_libraries(${name} PUBLIC nas_flags ${arg_PUBLIC} PRIVATE ${arg_PRIVATE})
  # Without a symbol of its own on every command line a compiler cache is shared with other forms of a target.
  set_target_properties(${name} PROPERTIES DEFINE_SYMBOL "" INSTALL_RPATH "$ORIGIN")
  install(TARGETS ${name} LIBRARY DESTINATION "${NAS_LIBRARY_DIRECTORY}")
endfunction()
