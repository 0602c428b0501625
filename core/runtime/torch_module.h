#pragma once

namespace nas {

// LibTorch takes 0.4 s of processor time and 150 MB to start, so nothing links it. All *_torch.cpp
// files form one shared library, libnas_torch, which is opened when something of it is first asked
// for. Each folder with such files has one table of their entry points (here entries.h), and
// its public functions call through that table.

/// The object that libnas_torch exports as `symbol`; opens the library at first use. Also makes a
/// number of threads that was set before hold for the calling thread. Thread-safe. Throws
/// Error(kIo) with the system's reason when the library cannot be opened.
const void* torch_symbol(const char* symbol);

/// A folder's table of entry points; `Table::kSymbol` is the name it is exported as.
template <class Table>
const Table& torch_table() {
  return *static_cast<const Table*>(torch_symbol(Table::kSymbol));
}

/// False as long as nothing has needed LibTorch.
bool torch_is_open();

}  // namespace nas
