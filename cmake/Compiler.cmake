# One interface target with the flags of all our code, and ccache as launcher.
add_library(nas_flags INTERFACE)
target_include_directories(nas_flags INTERFACE "${PROJECT_SOURCE_DIR}")
# The same kind of code in libraries and programs, which can then share headers that were compiled once.
target_compile_options(nas_flags INTERFACE -fPIC -Wall -Wextra -Wpedantic -Wshadow -Wconversion
  -Wno-missing-field-initializers -Werror)

option(NAS_SANITIZE "Address and undefined-behaviour sanitizers" OFF)
if(NAS_SANITIZE)
  target_compile_options(nas_flags INTERFACE -fsanitize=address,undefined -fno-omit-frame-pointer)
  target_link_options(nas_flags INTERFACE -fsanitize=address,undefined)
endif()

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_COMMAND}" -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros CCACHE_PCH_EXTSUM=1 CCACHE_DEPEND=1 "${CCACHE}")
endif()

# What most files include, read once: a fifth of the processor time of a build. Files still include all that they use:
# OFF shows what is missing. Files with other optimisation options leave them out (SKIP_PRECOMPILE_HEADERS), since GCC 12
# crashed in one such file under sanitizers. Only headers from outside belong here, since a change compiles everything anew.
option(NAS_PRECOMPILE "Compile common headers once" ON)
set(NAS_COMMON_HEADERS <algorithm> <array> <cmath> <cstdint> <filesystem> <functional> <map> <memory> <optional> <set>
                       <span> <string> <string_view> <utility> <vector>)
# GCC 12 takes additions of strings for accesses out of bounds once <string> was compiled before, and the like.
set(NAS_PRECOMPILED_OPTIONS -Wno-array-bounds -Wno-maybe-uninitialized -Wno-restrict -Wno-stringop-overflow
                            -Wno-stringop-overread)

# nas_precompile(target HEADER...): the target compiles these for itself and for the targets that name it below.
function(nas_precompile target)
  if(NAS_PRECOMPILE)
    target_precompile_headers(${target} PRIVATE ${ARGN})
    # Two compilations of the same headers differ in their bytes; a compiler cache compares this text in their place.
    target_compile_options(${target} PRIVATE ${NAS_PRECOMPILED_OPTIONS})
    file(CONFIGURE OUTPUT "${CMAKE_CURRENT_BINARY_DIR}/CMakeFiles/${target}.dir/cmake_pch.hxx.gch.sum"
         CONTENT "${CMAKE_CXX_COMPILER} ${CMAKE_CXX_COMPILER_VERSION} ${CMAKE_BUILD_TYPE} ${NAS_SANITIZE} ${ARGN}")
  endif()
endfunction()

# nas_reuse_precompiled(target other): the headers that `other` has compiled.
function(nas_reuse_precompiled target other)
  if(NAS_PRECOMPILE)
    target_precompile_headers(${target} REUSE_FROM ${other})
    target_compile_options(${target} PRIVATE ${NAS_PRECOMPILED_OPTIONS})
  endif()
endfunction()

# Programs and the library that holds LibTorch's part (nas_torch, opened when needed) must share one copy of
# everything below them: operations, errors that are thrown and caught, interruptions. So the folders are shared
# libraries, all in one place, and each must name all that it uses.
include(GNUInstallDirs)
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/lib")
set(NAS_LIBRARY_DIRECTORY "${CMAKE_INSTALL_LIBDIR}/searchlight")
set(CMAKE_INSTALL_RPATH "$ORIGIN/../${NAS_LIBRARY_DIRECTORY}")
target_link_options(nas_flags INTERFACE LINKER:--no-undefined)

# Without definitions: the compiler refuses headers that were compiled with one that their user lacks.
file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/common_headers.cpp" CONTENT "")
add_library(nas_common_headers OBJECT "${PROJECT_BINARY_DIR}/common_headers.cpp")
target_link_libraries(nas_common_headers PRIVATE nas_flags)
nas_precompile(nas_common_headers ${NAS_COMMON_HEADERS})

# nas_library(name SOURCES a.cpp ... [PUBLIC libs] [PRIVATE libs] [PRECOMPILE headers]): one library for a folder, with
# headers of its own to compile once or the common ones.
function(nas_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;PUBLIC;PRIVATE;PRECOMPILE" ${ARGN})
  add_library(${name} SHARED ${arg_SOURCES})
  target_link_libraries(${name} PUBLIC nas_flags ${arg_PUBLIC} PRIVATE ${arg_PRIVATE})
  # Without a symbol of its own on every command line a compiler cache is shared with other forms of a target.
  set_target_properties(${name} PROPERTIES DEFINE_SYMBOL "" INSTALL_RPATH "$ORIGIN")
  if(arg_PRECOMPILE)
    nas_precompile(${name} ${arg_PRECOMPILE})
  else()
    nas_reuse_precompiled(${name} nas_common_headers)
  endif()
  install(TARGETS ${name} LIBRARY DESTINATION "${NAS_LIBRARY_DIRECTORY}")
endfunction()
