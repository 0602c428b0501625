# nas_test(name [ONE_PROCESS|EACH_CASE] SOURCES a_test.cpp ... LIBRARIES libs): one doctest executable for a folder.
# Test cases whose name starts with "acceptance: " get the ctest label `acceptance`, all others `unit`. The unit cases of a
# source run in one process; ONE_PROCESS: all unit cases do, since each such process would load LibTorch or start Qt;
# EACH_CASE: none shares its process. Each acceptance case has a process of its own.
include("${PROJECT_SOURCE_DIR}/cmake/DiscoverTests.cmake")

function(nas_test name)
  cmake_parse_arguments(arg "EACH_CASE;ONE_PROCESS" "" "SOURCES;LIBRARIES" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE nas_flags nas_test_main ${arg_LIBRARIES})
  # LibTorch brings glog's CHECK along, which must come before doctest's.
  if("nas_torch" IN_LIST arg_LIBRARIES)
    nas_reuse_precompiled(${name} nas_common_headers)
  else()
    nas_reuse_precompiled(${name} nas_test_main)
  endif()
  if(arg_ONE_PROCESS)
    nas_discover_tests(${name} "*")
  elseif(arg_EACH_CASE)
    nas_discover_tests(${name})
  else()
    nas_discover_tests(${name} ${arg_SOURCES})
  endif()
endfunction()
