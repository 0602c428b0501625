#include "cli/data_argument.h"

#include "core/util/error.h"
#include "core/util/text.h"

namespace nas::cli {

OptionSpec size_option() {
  return {.name = "size",
          .value = "N",
          .help = "resize the images of a folder to N x N (as folder:DIR@N does)"};
}

std::string with_size(const Arguments& arguments, const std::string& spec) {
  const auto size = arguments.integer("size", 1, 1024);
  if (!size) return spec;
  if (!spec.starts_with("folder:")) {
    throw Error(ErrorKind::kUsage,
                "--size resizes a folder of images (folder:DIR); it has no effect on '" +
                    printable(spec) + "'");
  }
  std::string plain = spec;  // a size that it has already is replaced
  const std::size_t at = plain.rfind('@');
  if (at != std::string::npos && parse_int(plain.substr(at + 1))) plain.resize(at);
  return plain + "@" + std::to_string(*size);
}

}  // namespace nas::cli
