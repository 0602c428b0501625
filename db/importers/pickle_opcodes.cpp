#include "db/importers/pickle_opcodes.h"

#include <array>
#include <string_view>

namespace nas {

std::string opcode_name(std::uint8_t code) {
  struct Name {
    char code;
    const char* name;
  };
  static constexpr std::array<Name, 24> kNames{{{'I', "INT"},          {'L', "LONG"},
                                                {'F', "FLOAT"},        {'S', "STRING"},
                                                {'V', "UNICODE"},      {'i', "INST"},
                                                {'o', "OBJ"},          {'P', "PERSID"},
                                                {'2', "DUP"},          {'0', "POP"},
                                                {'1', "POP_MARK"},     {'d', "DICT"},
                                                {'l', "LIST"},         {'p', "PUT"},
                                                {'g', "GET"},          {'\x82', "EXT1"},
                                                {'\x83', "EXT2"},      {'\x84', "EXT4"},
                                                {'\x8b', "LONG4"},     {'\x8d', "BINUNICODE8"},
                                                {'\x8e', "BINBYTES8"}, {'\x91', "FROZENSET"},
                                                {'\x92', "NEWOBJ_EX"}, {'\x96', "BYTEARRAY8"}}};
  for (const Name& known : kNames) {
    if (known.code == static_cast<char>(code)) return known.name;
  }
  constexpr std::string_view kHex = "0123456789abcdef";
  return std::string("0x") + kHex[code >> 4] + kHex[code & 15];
}

}  // namespace nas
