# nas_test(name [ONE_PROCESS|EACH_CASE] [LONG] SOURCES a_test.cpp ... LIBRARIES libs): one doctest executable for a folder.
# Test cases whose name starts with "acceptance: " get the ctest label `acceptance`, all others `unit`. The unit cases of a
# source run in one process; ONE_PROCESS: all unit cases do, since each such process would load LibTorch or start Qt;
# EACH_CASE: none shares its process. Each acceptance case has a process of its own. Processes of ONE_PROCESS and LONG are
# started before the others, so that none is left alone at the end.
include("${PROJECT_SOURCE_DIR}/cmake/DiscoverTests.cmake")

function(nas_test name)
  cmake_parse_arguments(arg "EACH_CASE;LONG;ONE_PROCESS" "" "SOURCES;LIBRARIES" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE nas_flags nas_test_main ${arg_LIBRARIES})
  # LibTorch brings glog's CHECK along, which must come before doctest's.
  if("nas_torch" IN_LIST arg_LIBRARIES)
    nas_reuse_precompiled(${name} nas_common_headers)
  else()
    nas_reuse_precompiled(${name} nas_test_main)
  endif()
  set(early OFF)
  if(arg_ONE_PROCESS OR arg_LONG)
    set(early ON)
  endif()
  if(arg_ONE_PROCESS)
    nas_discover_tests(${name} ${early} "*")
  elseif(arg_EACH_CASE)
    nas_discover_tests(${name} ${early})
  else()
    nas_discover_tests(${name} ${early} ${arg_SOURCES})
  endif()
endfunction()
