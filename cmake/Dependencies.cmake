# Everything comes from Debian packages: scripts/packages.txt.
find_package(Threads REQUIRED)
find_package(Boost 1.74 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(PostgreSQL REQUIRED)
find_package(PNG REQUIRED)
find_package(JPEG REQUIRED)
find_package(Freetype REQUIRED)
find_package(CLI11 REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(tomlplusplus REQUIRED)
find_package(doctest REQUIRED)
find_package(Ceres REQUIRED)
find_package(Eigen3 REQUIRED)
find_library(XGBOOST_LIBRARY xgboost REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(NETTLE REQUIRED IMPORTED_TARGET nettle)
# Sound: files, rates, spectra.
pkg_check_modules(SNDFILE REQUIRED IMPORTED_TARGET sndfile)
pkg_check_modules(SAMPLERATE REQUIRED IMPORTED_TARGET samplerate)
pkg_check_modules(FFTW3F REQUIRED IMPORTED_TARGET fftw3f)
# Headers alone: .tflite files are FlatBuffers.
find_path(FLATBUFFERS_INCLUDE flatbuffers/flatbuffers.h REQUIRED)

# LibTorch: Debian's CMake files also ask for CUDA and oneDNN development files; the libraries are enough.
# Only nas_torch links it.
find_path(TORCH_INCLUDE ATen/ATen.h HINTS "$ENV{LIBTORCH}/include" REQUIRED)
set(TORCH_API_INCLUDE "${TORCH_INCLUDE}/torch/csrc/api/include")
find_library(TORCH_LIBRARY torch HINTS "$ENV{LIBTORCH}/lib" REQUIRED)
find_library(TORCH_CPU_LIBRARY torch_cpu HINTS "$ENV{LIBTORCH}/lib" REQUIRED)
find_library(C10_LIBRARY c10 HINTS "$ENV{LIBTORCH}/lib" REQUIRED)
add_library(libtorch INTERFACE)
target_include_directories(libtorch SYSTEM INTERFACE "${TORCH_INCLUDE}" "${TORCH_API_INCLUDE}")
target_link_libraries(libtorch INTERFACE "${TORCH_LIBRARY}" "${TORCH_CPU_LIBRARY}" "${C10_LIBRARY}")
file(STRINGS "${TORCH_API_INCLUDE}/torch/version.h" TORCH_VERSION REGEX "VERSION_(MAJOR|MINOR|PATCH) [0-9]+")
list(TRANSFORM TORCH_VERSION REPLACE "[^0-9]+" "")
list(JOIN TORCH_VERSION "." TORCH_VERSION)

# Ceres brings ATLAS along, whose sgemm would take the place of the one that LibTorch is linked with and
# is several times slower: the system's BLAS comes first among the libraries of every program with either.
find_library(BLAS_LIBRARY NAMES libblas.so.3 openblas blas REQUIRED)
add_library(system_blas INTERFACE)
target_link_options(system_blas INTERFACE
  "LINKER:--push-state,--no-as-needed,${BLAS_LIBRARY},--pop-state")

# The explorer; SVG export of its views.
find_package(Qt6 6.4 REQUIRED COMPONENTS Widgets Svg Test)
