#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace nas {

/// The text that @FILE stands for: without blanks around it and the comments ("# ...") before it.
/// Throws Error(kIo) for a file that cannot be read, Error(kUsage | kData) for one that is empty or
/// no text.
std::string read_named_file(std::string_view path);

/// Of a text that could not be read: throws Error(kUsage) where it is several architectures, one
/// per line. `read` throws Error for what is none.
void refuse_several(std::string_view path, const std::string& content,
                    const std::function<void(const std::string& line)>& read);

}  // namespace nas
