# nas_test(name [ONE_PROCESS|EACH_CASE] [LONG] [SYSTEM] SOURCES a_test.cpp ... LIBRARIES libs): one doctest executable for a folder.
# Test cases whose name starts with "acceptance: " get the ctest label `acceptance`. The others are `system` where their
# executable links one of NAS_STARTS_PROGRAMS, the libraries by which tests start nasctl, workers and PostgreSQL servers or
# drive windows, or says SYSTEM, as those do that start programs in another way; else `unit`. These cases of a source run
# in one process; ONE_PROCESS: all of them do, since each such process would load LibTorch or start Qt; EACH_CASE: none
# shares its process. Each acceptance case has a process of its own. Processes of ONE_PROCESS and LONG are started before
# the others, so that none is left alone at the end.
include("${PROJECT_SOURCE_DIR}/cmake/DiscoverTests.cmake")

set(NAS_STARTS_PROGRAMS nas_program nas_starter nas_postgres_server Qt6::Test)

function(nas_test name)
  cmake_parse_arguments(arg "EACH_CASE;LONG;ONE_PROCESS;SYSTEM" "" "SOURCES;LIBRARIES" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE nas_flags nas_test_main ${arg_LIBRARIES})
  # LibTorch brings glog's CHECK along, which must come before doctest's.
  if("nas_torch" IN_LIST arg_LIBRARIES)
    nas_reuse_precompiled(${name} nas_common_headers)
  else()
    nas_reuse_precompiled(${name} nas_test_main)
  endif()
  set(label unit)
  if(arg_SYSTEM)
    set(label system)
  endif()
  foreach(library IN LISTS NAS_STARTS_PROGRAMS)
    if(library IN_LIST arg_LIBRARIES)
      set(label system)
    endif()
  endforeach()
  set(early OFF)
  if(arg_ONE_PROCESS OR arg_LONG)
    set(early ON)
  endif()
  if(arg_ONE_PROCESS)
    nas_discover_tests(${name} ${label} ${early} "*")
  elseif(arg_EACH_CASE)
    nas_discover_tests(${name} ${label} ${early})
  else()
    nas_discover_tests(${name} ${label} ${early} ${arg_SOURCES})
  endif()
endfunction()
