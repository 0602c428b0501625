# Writes FILE, a source with the revision that SOURCE is at; "" outside a checkout.
find_package(Git QUIET)
set(revision "")
if(GIT_FOUND)
  execute_process(COMMAND "${GIT_EXECUTABLE}" rev-parse --short HEAD WORKING_DIRECTORY "${SOURCE}"
                  OUTPUT_VARIABLE revision OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
file(WRITE "${FILE}" "namespace nas {
extern const char* const kBuildRevision;
const char* const kBuildRevision = \"${revision}\";
}  // namespace nas
")
