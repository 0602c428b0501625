#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <string>

#include "core/data/dataset_kind.h"
#include "core/util/directory.h"
#include "core/util/encoding.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/text.h"

namespace nas {
namespace {

// IDX (http://yann.lecun.com/exdb/mnist): two zero bytes, the element type (8: unsigned byte), the
// number of dimensions, each dimension as a big-endian 32-bit number, then the elements.
constexpr std::uint8_t kUnsignedByte = 8;
constexpr std::size_t kMaxSide = 4096;

struct IdxFile {
  std::string name;
  std::string bytes;
  std::vector<std::size_t> dims;
  std::size_t header() const { return 4 + 4 * dims.size(); }
};

std::string count(std::size_t n) {
  return format_count(static_cast<std::int64_t>(n));
}

std::uint8_t byte_at(const std::string& bytes, std::size_t at) {
  return static_cast<std::uint8_t>(bytes[at]);
}

[[noreturn]] void fail(const IdxFile& file, const std::string& text) {
  throw Error(ErrorKind::kData, file.name + ": " + text);
}

/// Reads the header and checks that the file holds exactly the elements that it announces.
IdxFile read_idx(const std::filesystem::path& path, std::size_t rank) {
  IdxFile file{path.filename().string(), read_file(path), {}};
  if (!file.bytes.empty()) {
    refuse_foreign_content(std::string_view(file.bytes).substr(0, 4096), path.string());
  }
  const std::string& bytes = file.bytes;
  const std::size_t header = 4 + 4 * rank;
  if (bytes.size() < header) {
    fail(file, "a header of " + std::to_string(header) + " bytes expected, the file has " +
                   count(bytes.size()) + ": it is truncated; fetch it again");
  }
  if (byte_at(bytes, 0) != 0 || byte_at(bytes, 1) != 0 || byte_at(bytes, 2) != kUnsignedByte ||
      byte_at(bytes, 3) != rank) {
    std::string found;
    for (std::size_t i = 0; i < 4; ++i) {
      found += (i == 0 ? "" : " ") + std::to_string(byte_at(bytes, i));
    }
    fail(file, "not an IDX file of unsigned bytes with " + std::to_string(rank) +
                   " dimensions: it must start with bytes 0 0 8 " + std::to_string(rank) +
                   ", found " + found);
  }
  std::size_t elements = 1;
  for (std::size_t d = 0; d < rank; ++d) {
    std::size_t dim = 0;
    for (std::size_t i = 0; i < 4; ++i) dim = dim << 8 | byte_at(bytes, 4 + 4 * d + i);
    if (dim == 0) fail(file, "dimension " + std::to_string(d) + " is 0");
    if (d > 0 && dim > kMaxSide) {
      fail(file, "dimension " + std::to_string(d) + " is " + count(dim) + ", at most " +
                     count(kMaxSide) + " is accepted");
    }
    file.dims.push_back(dim);
    elements *= dim;  // at most 2^32 * 2^12 * 2^12: no overflow
  }
  if (bytes.size() != header + elements) {
    const bool less = bytes.size() < header + elements;
    fail(file, count(header + elements) + " bytes expected (header " + std::to_string(header) +
                   ", then " + count(file.dims[0]) + " items), got " + count(bytes.size()) +
                   (less ? ": the file is truncated; fetch it again"
                         : ": there are bytes after the last item"));
  }
  return file;
}

std::filesystem::path find_part(const std::filesystem::path& directory, const std::string& part,
                                const std::string& rank) {
  const std::string stem = part + (rank == "3" ? "-images" : "-labels");
  for (const char* separator : {"-", "."}) {
    const std::string name = stem + separator + "idx" + rank + "-ubyte";
    std::filesystem::path path = find_plain_or_gzip(directory, name);
    if (!path.empty()) return path;
  }
  throw_missing(mnist_kind().info, directory, stem + "-idx" + rank + "-ubyte[.gz]");
}

ImageSet load_part(const std::filesystem::path& directory, const std::string& part) {
  const IdxFile images = read_idx(find_part(directory, part, "3"), 3);
  const IdxFile labels = read_idx(find_part(directory, part, "1"), 1);
  if (images.dims[0] != labels.dims[0]) {
    fail(labels, count(labels.dims[0]) + " labels, but " + images.name + " has " +
                     count(images.dims[0]) + " images");
  }
  ImageSet set;
  set.shape = Shape{1, static_cast<std::int64_t>(images.dims[1]),
                    static_cast<std::int64_t>(images.dims[2])};
  const auto* pixels = reinterpret_cast<const std::uint8_t*>(images.bytes.data());
  set.pixels.assign(pixels + images.header(), pixels + images.bytes.size());
  set.labels.reserve(labels.dims[0]);
  for (std::size_t i = labels.header(); i < labels.bytes.size(); ++i) {
    set.labels.push_back(byte_at(labels.bytes, i));
  }
  return set;
}

LoadedImages load_mnist(const std::filesystem::path& directory) {
  LoadedImages data;
  data.train = load_part(directory, "train");
  data.test = load_part(directory, "t10k");
  const int highest = *std::max_element(data.train.labels.begin(), data.train.labels.end());
  for (int i = 0; i <= highest; ++i) data.classes.push_back(std::to_string(i));
  return data;
}

}  // namespace

const DatasetKind& mnist_kind() {
  static const DatasetKind kind = {
      {"mnist",
       "train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and "
       "t10k-labels-idx1-ubyte; each may end in .gz, and '.idx' may stand for '-idx'",
       "IDX files: MNIST, Fashion-MNIST, KMNIST; grey images, labels 0, 1, 2, ...",
       true,
       {{"flip", "false"}}},  // digits and syllables have no mirror images
      load_mnist};
  return kind;
}

}  // namespace nas
