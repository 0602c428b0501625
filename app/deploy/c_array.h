#pragma once

#include <span>
#include <string>
#include <string_view>

namespace nas {

/// `bytes` as the initialiser of a C array, twelve numbers a line: "  0x1c, 0x00, ...".
std::string c_numbers(std::string_view bytes);

/// A source file that defines `const unsigned char NAME[]`, aligned to 16 bytes, and
/// `const unsigned int NAME_len`; C and C++ read it. `what`: the comment on top.
std::string c_array_source(std::string_view name, std::string_view header, std::string_view bytes,
                           std::string_view what);
/// Its header.
std::string c_array_header(std::string_view name, std::string_view what);

/// `text` between the guards of a header that C and C++ read.
std::string guarded_header(std::string_view name, std::string_view text);

}  // namespace nas
