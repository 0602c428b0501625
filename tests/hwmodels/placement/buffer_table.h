#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/util/csv.h"
#include "core/util/file.h"
#include "core/util/text.h"
#include "hwmodels/placement/buffer.h"

namespace nas::test {

/// A file id,lower,upper,size as MiniMalloc reads it: `upper` is the step after the last.
inline std::vector<Buffer> read_buffer_table(const std::filesystem::path& path) {
  const CsvTable csv = CsvTable::parse(read_file(path), path.string());
  const auto number = [&](std::size_t row, std::string_view column) {
    return parse_int(csv.at(row, csv.column(column))).value();
  };
  std::vector<Buffer> buffers;
  for (std::size_t row = 0; row < csv.rows(); ++row) {
    buffers.push_back({number(row, "size"), number(row, "lower"), number(row, "upper") - 1});
  }
  return buffers;
}

}  // namespace nas::test
