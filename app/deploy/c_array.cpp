#include "app/deploy/c_array.h"

#include "core/util/text.h"

namespace nas {
namespace {

/// A comment cannot end early, and no line can end it.
std::string comment(std::string_view what) {
  std::string text;
  for (const char c : printable(what)) text += c == '*' ? ' ' : c;
  return "/* " + text + " */\n";
}

std::string upper(std::string_view name) {
  std::string text;
  for (const char c : name) text += c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  return text;
}

}  // namespace

std::string c_numbers(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  constexpr std::size_t kInLine = 12;
  std::string text;
  text.reserve(bytes.size() * 6 + bytes.size() / kInLine * 3);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    text += i % kInLine == 0 ? "  0x" : " 0x";
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
    text += ',';
    if (i % kInLine == kInLine - 1 || i + 1 == bytes.size()) text += '\n';
  }
  return text;
}

std::string c_array_source(std::string_view name, std::string_view header, std::string_view bytes,
                           std::string_view what) {
  const std::string array(name);
  return comment(what) + "#include \"" + std::string(header) + "\"\n\n" +
         "#if defined(__GNUC__) || defined(__clang__)\n"
         "__attribute__((aligned(16)))\n"
         "#endif\n"
         "const unsigned char " +
         array + "[] = {\n" + c_numbers(bytes) + "};\nconst unsigned int " + array +
         "_len = " + std::to_string(bytes.size()) + "u;\n";
}

std::string guarded_header(std::string_view name, std::string_view text) {
  const std::string guard = upper(name) + "_H_";
  return "#ifndef " + guard + "\n#define " + guard +
         "\n\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n" + std::string(text) +
         "\n#ifdef __cplusplus\n}\n#endif\n\n#endif\n";
}

std::string c_array_header(std::string_view name, std::string_view what) {
  const std::string array(name);
  return comment(what) +
         guarded_header(name, "extern const unsigned char " + array +
                                  "[];\nextern const unsigned int " + array + "_len;\n");
}

}  // namespace nas
