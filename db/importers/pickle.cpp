#include "db/importers/pickle.h"

#include <algorithm>
#include <iterator>

#include "core/util/error.h"
#include "core/util/text.h"
#include "db/importers/pickle_globals.h"
#include "db/importers/pickle_memo.h"
#include "db/importers/pickle_opcodes.h"

namespace nas {
namespace {

using namespace pickle_opcode;

constexpr std::size_t kLongestName = 200;
constexpr std::uint64_t kBuiltFree = 1 << 16, kBuiltByByte = 4;

PickleContainer* container_of(PickleValue& value) {
  if (PickleList* list = value.list()) return list;
  if (PickleDict* dict = value.dict()) return dict;
  return value.object();
}

class Machine {
 public:
  Machine(ByteReader& reader, const PickleOptions& options) : reader_(reader), options_(options) {}

  PickleValue run() {
    while (true) {
      const std::uint8_t code = reader_.byte();
      if (code == kStop) break;
      try {
        if (!constant(code) && !container(code) && !reference(code) && !object(code)) {
          reader_.fail("pickle has instruction " + opcode_name(code) +
                       ", which is not on the list");
        }
      } catch (const Error& error) {
        if (std::string_view(error.what()).find(", byte ") != std::string_view::npos) throw;
        reader_.fail(std::string("pickle has ") + error.what());
      }
    }
    if (stack_.size() != 1 || !marks_.empty()) reader_.fail("pickle does not end with one value");
    return stack_.back();
  }

 private:
  void push(PickleValue value) {
    if (++values_ > options_.limits.values || stack_.size() >= options_.limits.stack) {
      reader_.fail("pickle has too many values");
    }
    stack_.push_back(std::move(value));
  }

  PickleValue pop() {
    if (stack_.empty() || (!marks_.empty() && stack_.size() == marks_.back())) {
      reader_.fail("pickle takes a value from an empty stack");
    }
    PickleValue value = std::move(stack_.back());
    stack_.pop_back();
    return value;
  }

  PickleValue& top() {
    if (stack_.empty()) reader_.fail("pickle changes a value on an empty stack");
    return stack_.back();
  }

  std::vector<PickleValue> pop_to_mark() {
    if (marks_.empty()) reader_.fail("pickle looks for a mark that was not set");
    const auto begin = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
    std::vector<PickleValue> items(std::make_move_iterator(begin),
                                   std::make_move_iterator(stack_.end()));
    stack_.erase(begin, stack_.end());
    marks_.pop_back();
    return items;
  }

  /// Puts a value into a container: it is closed, and the container at least one deeper.
  void enclose(PickleContainer& outer, PickleValue& value) {
    PickleContainer* inner = container_of(value);
    if (inner == nullptr) return;
    if (inner == &outer) reader_.fail("pickle puts a container into itself");
    inner->closed = true;
    outer.depth = std::max(outer.depth, inner->depth + 1);
    if (static_cast<std::size_t>(outer.depth) > options_.limits.depth) {
      reader_.fail("pickle is nested deeper than " + std::to_string(options_.limits.depth));
    }
  }

  void open_for_change(const PickleContainer* container) {
    if (container == nullptr)
      reader_.fail("pickle adds items to something that is not a container");
    if (container->closed) reader_.fail("pickle changes a container that is inside another one");
  }

  void text(std::uint64_t size, bool bytes) {
    if (size > options_.limits.text_bytes) {
      reader_.fail("pickle has a text of " + std::to_string(size) + " bytes, too long");
    }
    push(memo_.text(reader_.bytes(size), bytes));
  }

  void long_integer() {
    const int size = reader_.byte();
    if (size <= 8) {
      std::uint64_t bits = reader_.little_endian(size);
      const int shift = 64 - 8 * size;
      if (size > 0) {
        bits = static_cast<std::uint64_t>(static_cast<std::int64_t>(bits << shift) >> shift);
      }
      push(PickleValue(static_cast<std::int64_t>(bits)));
      return;
    }
    // Only the magic number of torch is longer: kept as its bytes.
    text(static_cast<std::uint64_t>(size), true);
  }

  bool constant(std::uint8_t code) {
    switch (code) {
      case kProto:
        if (const int version = reader_.byte(); version < 2 || version > 5) {
          reader_.fail("pickle has protocol " + std::to_string(version) + ", expected 2 to 5");
        }
        return true;
      case kFrame:
        reader_.skip(8);
        return true;
      case kNone:
        push({});
        return true;
      case kNewTrue:
        push(PickleValue(true));
        return true;
      case kNewFalse:
        push(PickleValue(false));
        return true;
      case kBinInt:
        push(PickleValue(std::int64_t{
            static_cast<std::int32_t>(static_cast<std::uint32_t>(reader_.little_endian(4)))}));
        return true;
      case kBinInt1:
        push(PickleValue(static_cast<std::int64_t>(reader_.byte())));
        return true;
      case kBinInt2:
        push(PickleValue(static_cast<std::int64_t>(reader_.little_endian(2))));
        return true;
      case kLong1:
        long_integer();
        return true;
      case kBinFloat:
        push(PickleValue(reader_.big_endian_double()));
        return true;
      case kShortBinUnicode:
      case kShortBinString:
        text(reader_.byte(), false);
        return true;
      case kBinUnicode:
      case kBinString:
        text(reader_.little_endian(4), false);
        return true;
      case kShortBinBytes:
        text(reader_.byte(), true);
        return true;
      case kBinBytes:
        text(reader_.little_endian(4), true);
        return true;
      default:
        return false;
    }
  }

  void tuple(std::vector<PickleValue> items) {
    auto list = std::make_shared<PickleList>();
    for (PickleValue& item : items) enclose(*list, item);
    list->items = std::move(items);
    push(PickleValue(std::move(list)));
  }

  void tuple_of(int count) {
    std::vector<PickleValue> items(static_cast<std::size_t>(count));
    for (auto item = items.rbegin(); item != items.rend(); ++item) *item = pop();
    tuple(std::move(items));
  }

  void append(std::vector<PickleValue> items) {
    PickleList* list = top().list();
    open_for_change(list);
    for (PickleValue& item : items) {
      enclose(*list, item);
      list->items.push_back(std::move(item));
    }
  }

  void set_items(std::vector<PickleValue> items) {
    PickleDict* dict = top().dict();
    open_for_change(dict);
    if (items.size() % 2 != 0) reader_.fail("pickle sets a key without a value");
    for (std::size_t i = 0; i < items.size(); i += 2) {
      enclose(*dict, items[i]);
      enclose(*dict, items[i + 1]);
      dict->items.emplace_back(std::move(items[i]), std::move(items[i + 1]));
    }
    if (options_.on_dict) options_.on_dict(*dict);
  }

  bool container(std::uint8_t code) {
    switch (code) {
      case kMark:
        marks_.push_back(stack_.size());
        return true;
      case kEmptyTuple:
      case kEmptyList:
      case kEmptySet:
        push(PickleValue(std::make_shared<PickleList>()));
        return true;
      case kEmptyDict:
        push(PickleValue(std::make_shared<PickleDict>()));
        return true;
      case kTuple:
        tuple(pop_to_mark());
        return true;
      case kTuple1:
        tuple_of(1);
        return true;
      case kTuple2:
        tuple_of(2);
        return true;
      case kTuple3:
        tuple_of(3);
        return true;
      case kAppend: {
        std::vector<PickleValue> one{pop()};
        append(std::move(one));
        return true;
      }
      case kAppends:
      case kAddItems:
        append(pop_to_mark());
        return true;
      case kSetItem: {
        std::vector<PickleValue> pair(2);
        pair[1] = pop();
        pair[0] = pop();
        set_items(std::move(pair));
        return true;
      }
      case kSetItems:
        set_items(pop_to_mark());
        return true;
      default:
        return false;
    }
  }

  void remember(std::uint64_t index) {
    // Python numbers its memo from 0 upwards.
    if (index > memo_.size()) {
      reader_.fail("pickle remembers a value under number " + std::to_string(index) + ", at most " +
                   std::to_string(memo_.size()) + " was expected");
    }
    memo_.put(index, top());
  }

  void recall(std::uint64_t index) {
    if (index >= memo_.size()) {
      reader_.fail("pickle recalls value " + std::to_string(index) + ", which it never stored");
    }
    push(memo_.at(index));
  }

  bool reference(std::uint8_t code) {
    switch (code) {
      case kMemoize:
        remember(memo_.size());
        return true;
      case kBinPut:
        remember(reader_.byte());
        return true;
      case kLongBinPut:
        remember(reader_.little_endian(4));
        return true;
      case kBinGet:
        recall(reader_.byte());
        return true;
      case kLongBinGet:
        recall(reader_.little_endian(4));
        return true;
      default:
        return false;
    }
  }

  void global(const std::string& name) {
    if (!is_known_global(name)) {
      reader_.fail("pickle asks for global " + printable(name) + ", which is not on the list");
    }
    auto object = std::make_shared<PickleObject>();
    object->global = name;
    push(PickleValue(std::move(object)));
  }

  void stack_global() {
    const PickleValue name = pop();
    const PickleValue module = pop();
    if (name.text() == nullptr || module.text() == nullptr ||
        name.text()->size() + module.text()->size() > kLongestName) {
      reader_.fail("pickle asks for a global without a name");
    }
    global(*module.text() + "." + *name.text());
  }

  /// Calls and states copy what they are given: a short loop over one remembered text must not
  /// fill the memory.
  void charge(const PickleValue& made) {
    if (made.list() != nullptr) built_ += made.list()->items.size();
    if (made.dict() != nullptr) built_ += made.dict()->items.size();
    if (made.text() != nullptr) built_ += made.text()->size();
    if (built_ > kBuiltFree + kBuiltByByte * reader_.offset()) {
      reader_.fail("pickle builds far more values than it has bytes");
    }
  }

  /// A stand-in for what the call would give; nothing is called.
  void reduce() {
    PickleValue arguments = pop();
    const PickleValue callee = pop();
    if (callee.object() == nullptr) reader_.fail("pickle calls " + callee.kind());
    PickleContainer outer;
    enclose(outer, arguments);
    PickleValue result = stand_in_for_call(*callee.object(), arguments);
    charge(result);
    push(std::move(result));
  }

  void build() {
    PickleValue state = pop();
    PickleValue& target = top();
    PickleContainer* container = container_of(target);
    open_for_change(container);
    enclose(*container, state);
    PickleValue built = with_state(target, std::move(state));
    charge(built);
    // Where the object was remembered, its completed form is meant.
    const PickleObject* before = target.object();
    if (before != nullptr && before != built.object()) memo_.replace_recent(before, built);
    target = std::move(built);
  }

  bool object(std::uint8_t code) {
    switch (code) {
      case kGlobal: {
        const std::string module = reader_.line(kLongestName);
        global(module + "." + reader_.line(kLongestName));
        return true;
      }
      case kStackGlobal:
        stack_global();
        return true;
      case kReduce:
      case kNewObj:
        reduce();
        return true;
      case kBuild:
        build();
        return true;
      case kBinPersId: {
        if (!options_.persistent_ids) {
          reader_.fail("pickle refers to data outside of it (BINPERSID)");
        }
        PickleValue id = pop();
        auto storage = std::make_shared<PickleObject>();
        storage->global = "storage";
        enclose(*storage, id);
        storage->arguments = std::move(id);
        push(PickleValue(std::move(storage)));
        return true;
      }
      default:
        return false;
    }
  }

  ByteReader& reader_;
  const PickleOptions& options_;
  std::vector<PickleValue> stack_;
  std::vector<std::size_t> marks_;
  PickleMemo memo_;
  std::uint64_t values_ = 0, built_ = 0;
};

}  // namespace

PickleValue read_pickle(ByteReader& reader, const PickleOptions& options) {
  return Machine(reader, options).run();
}

}  // namespace nas
