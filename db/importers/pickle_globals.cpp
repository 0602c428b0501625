#include "db/importers/pickle_globals.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

// The globals of the public benchmark files; numpy 2 renamed its module.
constexpr std::array<std::string_view, 25> kGlobals{
    "collections.OrderedDict",
    "__builtin__.set",
    "builtins.set",
    "numpy.dtype",
    "numpy.ndarray",
    "numpy.core.multiarray.scalar",
    "numpy._core.multiarray.scalar",
    "numpy.core.multiarray._reconstruct",
    "numpy._core.multiarray._reconstruct",
    "_codecs.encode",
    "torch._utils._rebuild_tensor_v2",
    "torch._utils._rebuild_parameter",
    "torch.Size",
    "torch.FloatStorage",
    "torch.DoubleStorage",
    "torch.HalfStorage",
    "torch.BFloat16Storage",
    "torch.LongStorage",
    "torch.IntStorage",
    "torch.ShortStorage",
    "torch.CharStorage",
    "torch.ByteStorage",
    "torch.BoolStorage",
    "torch.storage.UntypedStorage",
    "torch.storage._UntypedStorage",
};

[[noreturn]] void fail(const std::string& text) {
  throw Error(ErrorKind::kData, text);
}

const PickleValue* item(const PickleValue& value, std::size_t index) {
  const PickleList* list = value.list();
  return list != nullptr && index < list->items.size() ? &list->items[index] : nullptr;
}

/// "f8", "i4", "b1" of a dtype object.
std::string dtype_code(const PickleValue* value) {
  const PickleObject* object = value == nullptr ? nullptr : value->object();
  if (object == nullptr || object->global != "numpy.dtype") fail("numpy value without a dtype");
  const PickleValue* first = item(object->arguments, 0);
  const std::string* code = first == nullptr ? nullptr : first->text();
  if (code == nullptr) fail("numpy.dtype without a type code");
  std::string_view plain = *code;
  if (plain.starts_with('<') || plain.starts_with('=') || plain.starts_with('|')) {
    plain.remove_prefix(1);
  }
  return std::string(plain);
}

template <class T>
T little_endian(std::string_view bytes) {
  T value{};
  std::memcpy(&value, bytes.data(), sizeof(T));  // x86-64 and AArch64 are little-endian
  return value;
}

double half_precision(std::uint16_t bits) {
  const int exponent = bits >> 10 & 31;
  const int mantissa = bits & 1023;
  double value = exponent == 0    ? std::ldexp(mantissa, -24)
                 : exponent == 31 ? (mantissa == 0 ? INFINITY : NAN)
                                  : std::ldexp(1024 + mantissa, exponent - 25);
  return (bits & 0x8000) != 0 ? -value : value;
}

PickleValue decode(const std::string& code, std::string_view bytes) {
  const auto wide = [](auto value) { return PickleValue(static_cast<std::int64_t>(value)); };
  if (code == "f8") return PickleValue(little_endian<double>(bytes));
  if (code == "f4") return PickleValue(static_cast<double>(little_endian<float>(bytes)));
  if (code == "f2") return PickleValue(half_precision(little_endian<std::uint16_t>(bytes)));
  if (code == "i8") return PickleValue(little_endian<std::int64_t>(bytes));
  if (code == "u8") return wide(little_endian<std::uint64_t>(bytes));
  if (code == "i4") return wide(little_endian<std::int32_t>(bytes));
  if (code == "u4") return wide(little_endian<std::uint32_t>(bytes));
  if (code == "i2") return wide(little_endian<std::int16_t>(bytes));
  if (code == "u2") return wide(little_endian<std::uint16_t>(bytes));
  if (code == "i1") return wide(little_endian<std::int8_t>(bytes));
  if (code == "u1") return wide(little_endian<std::uint8_t>(bytes));
  if (code == "b1") return PickleValue(bytes.front() != 0);
  fail("numpy type '" + printable(code) + "' is not supported");
}

std::size_t dtype_size(const std::string& code) {
  if (code.size() != 2 || code[1] < '1' || code[1] > '8') {
    fail("numpy type '" + printable(code) + "' is not supported");
  }
  return static_cast<std::size_t>(code[1] - '0');
}

PickleValue scalar_of(const PickleValue& arguments) {
  const std::string code = dtype_code(item(arguments, 0));
  const PickleValue* second = item(arguments, 1);
  const std::string* bytes = second == nullptr ? nullptr : second->text();
  if (bytes == nullptr || bytes->size() != dtype_size(code)) {
    fail("numpy scalar of type " + code + " without its bytes");
  }
  return decode(code, *bytes);
}

/// The bytes that a protocol 2 pickle wrote as a latin-1 text.
PickleValue encoded(const PickleValue& arguments) {
  const PickleValue* first = item(arguments, 0);
  const PickleValue* second = item(arguments, 1);
  const std::string* text = first == nullptr ? nullptr : first->text();
  const std::string* codec = second == nullptr ? nullptr : second->text();
  if (text == nullptr || codec == nullptr || *codec != "latin1") {
    fail("_codecs.encode with other arguments than a text and latin1");
  }
  auto result = std::make_shared<PickleText>();
  result->bytes = true;
  for (std::size_t i = 0; i < text->size(); ++i) {
    const auto c = static_cast<unsigned char>((*text)[i]);
    if (c < 0x80) {
      result->text += static_cast<char>(c);
      continue;
    }
    if ((c & 0xFC) != 0xC0 || i + 1 == text->size()) fail("a latin1 text with other characters");
    const auto next = static_cast<unsigned char>((*text)[++i]);
    result->text += static_cast<char>((c & 3) << 6 | (next & 0x3F));
  }
  return PickleValue(std::shared_ptr<const PickleText>(std::move(result)));
}

PickleValue dict_of(const PickleValue& arguments) {
  auto dict = std::make_shared<PickleDict>();
  if (const PickleValue* pairs = item(arguments, 0)) {
    if (pairs->list() == nullptr) fail("OrderedDict of something that is not a list of pairs");
    for (const PickleValue& pair : pairs->list()->items) {
      if (pair.list() == nullptr || pair.list()->items.size() != 2) {
        fail("OrderedDict of something that is not a list of pairs");
      }
      dict->items.emplace_back(pair.list()->items[0], pair.list()->items[1]);
    }
    dict->depth = pairs->list()->depth;
  }
  return PickleValue(std::move(dict));
}

PickleValue set_of(const PickleValue& arguments) {
  auto set = std::make_shared<PickleList>();
  if (const PickleValue* items = item(arguments, 0)) {
    if (items->list() == nullptr) fail("set of something that is not a list");
    set->items = items->list()->items;
    set->depth = items->list()->depth;
  }
  return PickleValue(std::move(set));
}

/// State of an ndarray: (version, shape, dtype, column-major, data).
PickleValue array_of(const PickleValue& state) {
  const PickleValue* data = item(state, 4);
  const PickleValue* column_major = item(state, 3);
  if (data == nullptr) fail("numpy array without contents");
  if (data->list() != nullptr) return *data;
  const std::string code = dtype_code(item(state, 2));
  const std::size_t size = dtype_size(code);
  const std::string* bytes = data->text();
  if (bytes == nullptr || bytes->size() % size != 0) fail("numpy array with odd contents");
  const PickleValue* shape = item(state, 1);
  const bool flat = shape != nullptr && shape->list() != nullptr && shape->list()->items.size() < 2;
  if (!flat && column_major->number().value_or(0) != 0) {
    fail("a numpy array in column-major order is not supported");
  }
  auto list = std::make_shared<PickleList>();
  for (std::size_t at = 0; at < bytes->size(); at += size) {
    list->items.push_back(decode(code, std::string_view(*bytes).substr(at, size)));
  }
  return PickleValue(std::move(list));
}

}  // namespace

bool is_known_global(std::string_view global) {
  return std::find(kGlobals.begin(), kGlobals.end(), global) != kGlobals.end();
}

PickleValue stand_in_for_call(const PickleObject& callee, const PickleValue& arguments) {
  if (arguments.list() == nullptr) fail("a call whose arguments are " + arguments.kind());
  const std::string_view name = callee.global;
  if (!callee.arguments.is_none()) fail("a call of something that is not a global");
  if (name == "collections.OrderedDict") return dict_of(arguments);
  if (name.ends_with(".set")) return set_of(arguments);
  if (name.ends_with(".scalar")) return scalar_of(arguments);
  if (name == "_codecs.encode") return encoded(arguments);
  if (name.ends_with("Storage")) fail("a call of " + std::string(name));
  auto object = std::make_shared<PickleObject>();
  object->global = name.ends_with("._reconstruct") ? "numpy.ndarray" : std::string(name);
  object->arguments = arguments;
  object->depth = arguments.list()->depth + 1;
  return PickleValue(std::move(object));
}

PickleValue with_state(const PickleValue& value, PickleValue state) {
  const PickleObject* object = value.object();
  if (object == nullptr) {
    // An OrderedDict subclass would carry attributes: torch state dicts have a harmless one.
    if (value.dict() != nullptr && state.dict() != nullptr) return value;
    fail("a state for " + value.kind());
  }
  if (object->global == "numpy.ndarray") return array_of(state);
  if (object->global == "numpy.dtype") {
    const PickleValue* order = item(state, 1);
    const std::string* text = order == nullptr ? nullptr : order->text();
    if (text == nullptr || (*text != "<" && *text != "|" && *text != "=")) {
      fail("a numpy dtype that is not little-endian");
    }
    return value;
  }
  fail("a state for " + object->global);
}

}  // namespace nas
