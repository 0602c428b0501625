#include "core/data/sequence_table.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "core/util/file.h"
#include "tests/core/data/test_files.h"
#include "tests/test_data.h"

using namespace nas;
using test::contains;
using test::error_text;
using test::write_bytes;

namespace {

const std::string kHeading = "split,utterance,speaker,frame,a,b\n";
const std::string kRows =
    "train,0,10,0,1,2\n"
    "train,0,10,1,3,4\n"
    "train,1,9,0,5,-6.5\n"
    "test,0,10,0,7,8\n";

std::shared_ptr<const SequenceDataset> load(const std::string& text) {
  const TemporaryDirectory directory;
  write_bytes(directory.path() / "frames.csv", text);
  return load_sequences(directory.path());
}

std::string load_error(const std::string& text) {
  return error_text(ErrorKind::kData, [&] { load(text); });
}

}  // namespace

TEST_CASE("sequences: rows become sequences of their own lengths with labels and parts") {
  const auto data = load(kHeading + kRows);
  CHECK(data->size() == 3);
  CHECK(data->classes == std::vector<std::string>{"9", "10"});  // numbers, not letters
  CHECK(data->features == std::vector<std::string>{"a", "b"});
  CHECK(data->labels == std::vector<std::uint32_t>{1, 0, 1});
  CHECK(data->frames(0) == 2);
  CHECK(data->frames(1) == 1);
  const auto first = data->sequence(0);
  CHECK(std::vector<float>(first.begin(), first.end()) == std::vector<float>{1, 2, 3, 4});
  CHECK(data->sequence(1)[1] == -6.5F);
  CHECK(data->sequence(2)[0] == 7);
  CHECK(data->split.train == std::vector<std::uint32_t>{0, 1});
  CHECK(data->split.test == std::vector<std::uint32_t>{2});
  CHECK(data->id.starts_with("sequences[2+1]#"));
  std::string changed = kRows;
  changed.replace(changed.find("-6.5"), 4, "-6.6");
  CHECK(load(kHeading + changed)->id != data->id);
}

TEST_CASE("sequences: names that are no numbers are sorted by letters") {
  const auto data = load(kHeading + "train,0,b,0,1,2\ntrain,1,a,0,1,2\ntest,0,b,0,1,2\n");
  CHECK(data->classes == std::vector<std::string>{"a", "b"});
}

TEST_CASE("sequences: a row that does not fit is refused with its line") {
  const auto with = [](const std::string& row) { return kHeading + kRows + row; };
  CHECK(contains(load_error(with("valid,0,9,0,1,2\n")),
                 "frames.csv, line 6: split 'valid', must be 'train' or 'test'"));
  CHECK(contains(load_error(with("test,0,10,2,1,2\n")),
                 "line 6: frame '2', 1 expected; a line is missing or out of turn"));
  CHECK(contains(load_error(with("test,1,10,1,1,2\n")), "line 6: frame '1', 0 expected"));
  CHECK(contains(load_error(with("test,0,9,1,1,2\n")),
                 "line 6: label '9', but the utterance began with '10'"));
  CHECK(contains(load_error(with("train,1,9,1,1,2\n")),
                 "line 6: utterance '1' of train has ended before"));
  CHECK(contains(load_error(with("test,1,8,0,1,2\n")),
                 "line 6: label '8' is of no training utterance"));
  for (const std::string bad : {"", "x", "nan", "inf", "1e39"}) {
    CHECK(contains(load_error(with("test,1,9,0,1," + bad + "\n")),
                   "line 6: b '" + bad + "' is not a finite number"));
  }
  CHECK(contains(load_error(with("test,1,9,0,1\n")), "line 6: 5 fields, expected 6"));
}

TEST_CASE("sequences: a table of other columns, without a part, or none at all is refused") {
  CHECK(contains(load_error("split,utterance,speaker,frame\n"), "4 columns; split, utterance"));
  CHECK(contains(load_error("split,speaker,utterance,frame,a\n"),
                 "column 2 is 'speaker', not 'utterance'"));
  CHECK(contains(load_error(kHeading + "train,0,1,0,1,2\n"), "no test utterances"));
  CHECK(contains(load_error(kHeading), "no training utterances"));
  CHECK(contains(load_error(""), "the file is empty"));
  CHECK(contains(error_text(ErrorKind::kIo, [] { load_sequences("/nowhere"); }),
                 "/nowhere: frames.csv is missing"));
}

TEST_CASE("acceptance: Japanese Vowels has its published sizes") {
  const auto directory = test::test_data("set-japanese-vowels");
  if (directory.empty()) return;
  const auto data = load_sequences(directory);
  CHECK(data->classes.size() == 9);
  CHECK(data->features.size() == 12);
  CHECK(data->values.size() == 9961 * 12);
  std::vector<int> train(9, 0);
  std::vector<int> test(9, 0);
  for (const std::uint32_t i : data->split.train) ++train[data->labels[i]];
  for (const std::uint32_t i : data->split.test) ++test[data->labels[i]];
  CHECK(train == std::vector<int>(9, 30));
  CHECK(test == std::vector<int>{31, 35, 88, 44, 29, 24, 40, 50, 29});
  std::size_t shortest = 1000;
  std::size_t longest = 0;
  for (std::size_t i = 0; i < data->size(); ++i) {
    shortest = std::min(shortest, data->frames(i));
    longest = std::max(longest, data->frames(i));
  }
  CHECK(shortest == 7);
  CHECK(longest == 29);
  CHECK(data->sequence(0)[0] == 1.860936F);
  CHECK(data->sequence(0)[11] == 0.088728F);
}
