#include "core/quantum/pauli_sum.h"

#include <algorithm>
#include <cctype>
#include <cmath>

#include "core/quantum/circuit.h"
#include "core/quantum/qubit_bit.h"
#include "core/util/csv.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

// Sets one letter; throws on others than I, X, Y, Z.
void set_letter(PauliTerm& term, char letter, std::uint64_t bit) {
  switch (letter) {
    case 'I':
      return;
    case 'X':
      term.x |= bit;
      return;
    case 'Y':
      term.x |= bit;
      term.z |= bit;
      return;
    case 'Z':
      term.z |= bit;
      return;
    default:
      throw Error(ErrorKind::kData, "'" + printable(std::string(1, letter)) +
                                        "' is no Pauli operator (I, X, Y or Z)");
  }
}

// A real weight; a complex one with imaginary part 0 as Python writes it, "(0.5+0j)", counts.
double parse_weight(std::string_view text) {
  std::string plain(trim(text));
  if (plain.size() > 2 && plain.front() == '(' && plain.back() == ')') {
    plain = plain.substr(1, plain.size() - 2);
  }
  if (const auto weight = parse_double(plain)) return *weight;
  if (!plain.empty() && (plain.back() == 'j' || plain.back() == 'i')) {
    // The sign of the imaginary part is the last one that no exponent precedes.
    std::size_t sign = plain.size() - 1;
    while (sign > 0 && ((plain[sign] != '+' && plain[sign] != '-') || plain[sign - 1] == 'e' ||
                        plain[sign - 1] == 'E')) {
      --sign;
    }
    const auto imaginary =
        parse_double(std::string_view(plain).substr(sign, plain.size() - 1 - sign));
    const auto real = sign == 0 ? std::optional<double>(0)
                                : parse_double(std::string_view(plain).substr(0, sign));
    if (real && imaginary && *imaginary == 0) return *real;
    if (real && imaginary) {
      throw Error(ErrorKind::kData,
                  "weight " + printable(text) + " is not real: the sum would not be Hermitian");
    }
  }
  throw Error(ErrorKind::kData, "weight '" + printable(text) + "' is not a number");
}

struct Row {
  std::string weight, pauli;
  std::size_t line;
};

std::vector<Row> table_rows(const std::string& text, std::string_view source) {
  const CsvTable table = CsvTable::parse(text, source);
  const std::size_t pauli = table.column("pauli"), weight = table.column("weight");
  std::vector<Row> rows;
  for (std::size_t i = 0; i < table.rows(); ++i) {
    rows.push_back(
        {std::string(table.at(i, weight)), std::string(table.at(i, pauli)), table.line(i)});
  }
  return rows;
}

std::vector<Row> text_rows(const std::string& text) {
  std::vector<Row> rows;
  std::size_t number = 0;
  for (const std::string& line : split(text, '\n')) {
    ++number;
    const std::string content = line.substr(0, line.find('#'));
    if (const std::size_t comma = content.find(','); comma != std::string::npos) {
      rows.push_back({std::string(trim(content.substr(comma + 1))),
                      std::string(trim(content.substr(0, comma))), number});
      continue;
    }
    const std::vector<std::string> words = split_words(content);
    if (words.empty()) continue;
    rows.push_back({words[0], words.size() == 2 ? words[1] : "", number});
    if (words.size() != 2) rows.back().weight.clear();
  }
  return rows;
}

}  // namespace

PauliSum::PauliSum(int qubits) : qubits_(qubits) {
  if (qubits < 1 || qubits > Circuit::kMaxQubits) {
    throw Error(ErrorKind::kUsage, "a Pauli sum has 1 to " + std::to_string(Circuit::kMaxQubits) +
                                       " qubits, not " + std::to_string(qubits));
  }
}

void PauliSum::add(double weight, std::string_view string) {
  if (string.size() != static_cast<std::size_t>(qubits_)) {
    throw Error(ErrorKind::kData, "Pauli string '" + printable(string) + "' has " +
                                      std::to_string(string.size()) + " letters for " +
                                      std::to_string(qubits_) + " qubits");
  }
  PauliTerm term{weight, 0, 0};
  for (int q = 0; q < qubits_; ++q) {
    set_letter(term, string[static_cast<std::size_t>(q)], qubit_bit(q, qubits_));
  }
  add(term);
}

void PauliSum::add_sparse(double weight, std::string_view factors) {
  PauliTerm term{weight, 0, 0};
  for (const std::string& factor : split_words(factors)) {
    if (factor == "I") continue;
    const auto qubit = parse_int(std::string_view(factor).substr(1));
    if (!qubit || *qubit < 0 || *qubit >= qubits_) {
      throw Error(ErrorKind::kData, "'" + printable(factor) + "' names no qubit from 0 to " +
                                        std::to_string(qubits_ - 1));
    }
    const std::uint64_t bit = qubit_bit(static_cast<int>(*qubit), qubits_);
    if (((term.x | term.z) & bit) != 0) {
      throw Error(ErrorKind::kData,
                  "'" + printable(factors) + "' names qubit " + std::to_string(*qubit) + " twice");
    }
    set_letter(term, factor[0], bit);
  }
  add(term);
}

void PauliSum::add(const PauliTerm& term) {
  constexpr double kLargest = 1e100;  // sums and squares stay finite
  if (!(std::abs(term.weight) <= kLargest)) {
    throw Error(ErrorKind::kNumeric, "weight " + format_double(term.weight) + " of " +
                                         string_of(term) +
                                         ": expected a number of at most 1e100 in size");
  }
  for (PauliTerm& known : terms_) {
    if (known.x == term.x && known.z == term.z) {
      known.weight += term.weight;
      return;
    }
  }
  terms_.push_back(term);
}

PauliSum PauliSum::parse(const std::string& text, std::string_view source) {
  // The heading of a table names its columns; without one, lines are "0.5 ZZI" or "ZZI,0.5".
  const std::string head = to_lower(text.substr(0, text.find('\n')));
  const bool is_table =
      head.find("pauli") != std::string::npos && head.find("weight") != std::string::npos;
  const std::vector<Row> rows = is_table ? table_rows(text, source) : text_rows(text);
  if (rows.empty()) {
    throw Error(ErrorKind::kData, std::string(source) +
                                      ": no terms (a table with the columns "
                                      "pauli and weight, or lines \"0.5 ZZI\" or \"ZZI,0.5\")");
  }
  std::size_t line = rows[0].line;
  try {
    if (rows[0].pauli.size() > static_cast<std::size_t>(Circuit::kMaxQubits)) {
      throw Error(ErrorKind::kData,
                  "a Pauli string has at most " + std::to_string(Circuit::kMaxQubits) + " letters");
    }
    PauliSum sum(std::max(1, static_cast<int>(rows[0].pauli.size())));
    for (const Row& row : rows) {
      line = row.line;
      if (row.pauli.empty()) {
        throw Error(ErrorKind::kData, "expected a weight and a Pauli string, as in \"0.5 ZZI\"");
      }
      sum.add(parse_weight(row.weight), row.pauli);
    }
    return sum;
  } catch (const Error& error) {
    throw error.with_context(std::string(source) + ", line " + std::to_string(line));
  }
}

std::string PauliSum::string_of(const PauliTerm& term) const {
  std::string text;
  for (int q = 0; q < qubits_; ++q) {
    const bool x = (term.x & qubit_bit(q, qubits_)) != 0, z = (term.z & qubit_bit(q, qubits_)) != 0;
    text += x ? (z ? 'Y' : 'X') : (z ? 'Z' : 'I');
  }
  return text;
}

std::string PauliSum::to_csv() const {
  std::string text = "pauli,weight\n";
  for (const PauliTerm& term : terms_) {
    text += string_of(term) + ',' + format_double(term.weight) + '\n';
  }
  return text;
}

bool PauliSum::is_diagonal() const {
  return std::all_of(terms_.begin(), terms_.end(), [](const PauliTerm& t) { return t.x == 0; });
}

double PauliSum::weight_sum() const {
  double sum = 0;
  for (const PauliTerm& term : terms_) sum += std::abs(term.weight);
  return sum;
}

PauliSum PauliSum::scaled(double factor, double offset) const {
  PauliSum result = *this;
  for (PauliTerm& term : result.terms_) term.weight *= factor;
  result.add(PauliTerm{offset, 0, 0});
  return result;
}

}  // namespace nas
