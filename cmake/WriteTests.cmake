# Run after linking: lists the cases of EXECUTABLE and writes add_test lines to FILE. Cases that are no acceptance have
# LABEL. TOGETHER: sources of which all such cases are one test, or "*": those of all sources are. They compute on one
# thread: several of them run at once, and threads that wait for each other spend what the others need.
# Each runs by run_test: ctest reports a test as skipped where one of its cases says so and none fails.
set(command "[==[${CMAKE_CURRENT_LIST_DIR}/run_test]==] [==[${EXECUTABLE}]==]")
set(skip "SKIP_RETURN_CODE 77")
execute_process(COMMAND "${EXECUTABLE}" --list-test-cases --no-colors
                OUTPUT_VARIABLE output RESULT_VARIABLE result)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "cannot list the tests of ${EXECUTABLE}: ${result}\n${output}")
endif()
# A list does not split at semicolons within brackets, so names like "[0, 1) is filled" hide them for a while.
string(REPLACE ";" "\\;" output "${output}")
string(REPLACE "[" "<nas-left>" output "${output}")
string(REPLACE "]" "<nas-right>" output "${output}")
string(REPLACE "\n" ";" lines "${output}")
# These tests make and remove thousands of small files, which costs a disk's file system a fifth of their processor time:
# their temporary directories lie in memory where it has room and lets programs run.
set(environment_of_all "OMP_NUM_THREADS=1")
if(EXISTS /proc/mounts)
  file(STRINGS /proc/mounts memory REGEX " /dev/shm tmpfs ")
  execute_process(COMMAND df --output=avail --block-size=1G /dev/shm OUTPUT_VARIABLE room ERROR_QUIET)
  string(REGEX MATCH "[0-9]+" room "${room}")
  if(memory AND NOT memory MATCHES "noexec" AND room GREATER_EQUAL 4)
    string(APPEND environment_of_all ";TMPDIR=/dev/shm")
  endif()
endif()
# ctest starts tests in the order of their costs; without one, a test's cost is the time that it took before.
set(cost "")
if(EARLY)
  set(cost " COST 1000")
endif()
set(script "")
# add_cases(name source): all cases of a source but those of acceptance, or of all where it is empty, are one test.
macro(add_cases name source)
  string(APPEND script
         "add_test([==[${PREFIX}: ${name}]==] ${command} [==[--source-file=*${source}]==]"
         " [==[--test-case-exclude=acceptance: *]==])\n"
         "set_tests_properties([==[${PREFIX}: ${name}]==] PROPERTIES LABELS ${LABEL} TIMEOUT 600 ${skip}${cost}"
         " ENVIRONMENT \"${environment_of_all}\""
         " WORKING_DIRECTORY [==[${WORKDIR}]==] FAIL_REGULAR_EXPRESSION \"test cases: +0 \")\n")
endmacro()
if(TOGETHER STREQUAL "*")
  add_cases("${LABEL} cases" "")
else()
  foreach(source IN LISTS TOGETHER)
    file(STRINGS "${SOURCE_DIR}/${source}" cases REGEX "^TEST_CASE|^ +TEST_CASE")
    file(STRINGS "${SOURCE_DIR}/${source}" acceptance REGEX "\"acceptance: ")
    list(LENGTH cases all)
    list(LENGTH acceptance others)
    if(all GREATER others)
      add_cases("${source}" "/${source}")
    endif()
  endforeach()
endif()
foreach(line IN LISTS lines)
  string(REPLACE "<nas-left>" "[" line "${line}")
  string(REPLACE "<nas-right>" "]" line "${line}")
  if(line STREQUAL "" OR line MATCHES "^\\[doctest\\]" OR line MATCHES "^====")
    continue()
  endif()
  set(label ${LABEL})
  set(timeout 180)
  set(environment " ENVIRONMENT \"${environment_of_all}\"")
  if(line MATCHES "^acceptance: ")
    set(label acceptance)
    set(timeout 1200)
    set(environment "")
  elseif(TOGETHER)
    continue()
  endif()
  # doctest reads a comma as a separator of filters.
  string(REPLACE "," "\\," filter "${line}")
  string(APPEND script
         "add_test([==[${PREFIX}: ${line}]==] ${command} [==[--test-case=${filter}]==])\n"
         "set_tests_properties([==[${PREFIX}: ${line}]==] PROPERTIES LABELS ${label} TIMEOUT ${timeout} ${skip}${environment}"
         " WORKING_DIRECTORY [==[${WORKDIR}]==])\n")
endforeach()
file(WRITE "${FILE}" "${script}")
