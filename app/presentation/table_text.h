#pragma once

#include <string>

#include "app/presentation/table.h"

namespace nas {

bool is_number(const Cell& cell);
inline constexpr int kUsualDigits = 5;
/// As people read it: "1,234", "0.51234", "yes", "-" for nothing; control characters replaced.
/// `digits`: significant ones, of a real number.
std::string cell_text(const Cell& cell, int digits = kUsualDigits);
/// A heading may be foreign too: the text of a query, a column of an imported table.
std::string column_heading(const Column& column);
/// Numbers are aligned at the right, unless words stand among them.
bool all_numbers(const Table& table, std::size_t column);

/// Without the columns for programs.
Table for_people(const Table& table);

/// The text form of `render`.
std::string render_table_text(const Table& table, int width);

}  // namespace nas
