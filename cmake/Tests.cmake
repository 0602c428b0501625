# nas_test(name SOURCES a_test.cpp ... LIBRARIES libs): one doctest executable for a folder.
# Test cases whose name starts with "acceptance: " get the ctest label `acceptance`, all others `unit`.
include("${PROJECT_SOURCE_DIR}/cmake/DiscoverTests.cmake")

function(nas_test name)
  cmake_parse_arguments(arg "" "" "SOURCES;LIBRARIES" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE nas_flags nas_test_main ${arg_LIBRARIES})
  nas_discover_tests(${name})
endfunction()
