#include "core/data/dataset.h"
#include "core/data/image_file.h"
#include "core/ir/arch_builder.h"
#include "core/ir/forms/text_form.h"
#include "tests/core/data/test_files.h"
#include "tests/db/hostile_samples.h"
#include "tests/db/importers/importer_testing.h"

namespace nas::test {
namespace {

std::string big_endian(std::uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 255);
  return bytes;
}

std::string idx_images() {
  return std::string("\0\0\x08\x03", 4) + big_endian(2) + big_endian(2) + big_endian(3) +
         std::string(12, '\5');
}
std::string idx_labels() {
  return std::string("\0\0\x08\x01", 4) + big_endian(2) + std::string("\0\1", 2);
}

/// Reads a data set of which `attacked` is one file and the others are good.
std::function<void(const std::string&)> loading(const std::string& kind,
                                                const std::string& attacked) {
  auto folder = std::make_shared<TemporaryDirectory>();
  for (const char* part : {"train", "t10k"}) {
    write_bytes(folder->path() / (std::string(part) + "-images-idx3-ubyte"), idx_images());
    write_bytes(folder->path() / (std::string(part) + "-labels-idx1-ubyte"), idx_labels());
  }
  const std::size_t record = kind == "cifar10" ? 3073 : 3074;
  for (const char* part : {"train.bin", "test.bin"}) {
    write_bytes(folder->path() / part, std::string(record, '\1'));
  }
  return [folder, kind, attacked](const std::string& bytes) {
    put_file(folder->path() / attacked, bytes);
    load_dataset(kind + ":" + folder->path().string());
  };
}

std::string random_text(const SearchSpace& space) {
  Rng rng({.seed = 3});
  while (true) {
    Architecture architecture{space.info().name, {}};
    for (const Decision& decision : space.decisions()) {
      architecture.choices.push_back(
          static_cast<std::uint16_t>(rng.below(decision.choices.size())));
    }
    if (!space.objection(architecture.choices)) return space.format(architecture);
  }
}

std::string small_graph() {
  ArchBuilder builder;
  Value x = builder.input({Element::kFloat, {3, 8, 8}});
  const Scope scope(builder, "stem");
  const Value y = builder.add("conv2d", {x}, {{"out_channels", 3}, {"kernel", 3}, {"padding", 1}});
  x = builder.add("add", {x, y});
  builder.output("logits", x);
  return to_text(builder.finish());
}

}  // namespace

std::vector<HostileFormat> data_formats() {
  std::vector<std::uint8_t> pixels;
  for (int i = 0; i < 5 * 4 * 3; ++i) pixels.push_back(static_cast<std::uint8_t>(i * 37));
  const auto decode_png_bytes = [](const std::string& bytes) { decode_png(bytes); };
  const auto decode_jpeg_bytes = [](const std::string& bytes) { decode_jpeg(bytes); };
  return {
      {"PNG", encode_png(5, 4, 3, pixels), decode_png_bytes},
      {"JPEG", encode_jpeg(5, 4, 3, pixels), decode_jpeg_bytes},
      {"JPEG, progressive", encode_progressive_jpeg(5, 4, 3, pixels), decode_jpeg_bytes, 3},
      {"IDX, images", idx_images(), loading("mnist", "train-images-idx3-ubyte")},
      {"IDX, labels", idx_labels(), loading("mnist", "t10k-labels-idx1-ubyte")},
      {"CIFAR-100", std::string(3074, '\1'), loading("cifar100", "train.bin"), 97},
      {"CIFAR-10", std::string(3073, '\1'), loading("cifar10", "train.bin"), 97},
  };
}

std::vector<HostileFormat> text_formats() {
  std::vector<HostileFormat> formats;
  for (const Plugin<SearchSpace>* plugin : space_plugins()) {
    const SearchSpace* space = space_of(plugin->name);
    formats.push_back({"space " + std::string(plugin->name), random_text(*space),
                       [space](const std::string& bytes) { space->format(space->parse(bytes)); },
                       2});
  }
  formats.push_back(
      {"graph", small_graph(), [](const std::string& bytes) { to_text(parse_graph(bytes)); }});
  return formats;
}

}  // namespace nas::test
