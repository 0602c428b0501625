# Registers every doctest case of an executable with ctest, once it is built: its label is `acceptance` when the name
# starts with "acceptance: ", otherwise `label`. SEARCHLIGHT_DATA and QT_QPA_PLATFORM are set for all. `early`: these other
# cases start before those of other executables. Further arguments: sources of which all other cases are one ctest, or "*":
# all are one.
function(nas_discover_tests target label early)
  set(file "${CMAKE_CURRENT_BINARY_DIR}/${target}_tests.cmake")
  set_property(TARGET ${target} APPEND PROPERTY LINK_DEPENDS "${PROJECT_SOURCE_DIR}/cmake/WriteTests.cmake")
  add_custom_command(
    TARGET ${target} POST_BUILD
    BYPRODUCTS "${file}"
    COMMAND "${CMAKE_COMMAND}" -D "EXECUTABLE=$<TARGET_FILE:${target}>" -D "FILE=${file}"
            -D "PREFIX=${target}" -D "WORKDIR=${PROJECT_SOURCE_DIR}"
            -D "SOURCE_DIR=${CMAKE_CURRENT_SOURCE_DIR}" -D "TOGETHER=${ARGN}" -D "EARLY=${early}" -D "LABEL=${label}"
            -P "${PROJECT_SOURCE_DIR}/cmake/WriteTests.cmake"
    VERBATIM)
  file(WRITE "${CMAKE_CURRENT_BINARY_DIR}/${target}_include.cmake"
       "if(EXISTS \"${file}\")\n  include(\"${file}\")\nelse()\n"
       "  add_test(${target}_NOT_BUILT ${target}_NOT_BUILT)\nendif()\n")
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES
               "${CMAKE_CURRENT_BINARY_DIR}/${target}_include.cmake")
endfunction()
