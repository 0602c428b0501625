#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace nas {

/// Where a results database is: a SQLite file, a database of a PostgreSQL server, or a directory
/// that several machines share (shared_directory/). A password in
/// an address reaches the driver only: `text` has none, and nothing else is ever printed, logged,
/// stored or given to a child on its command line.
class StoreAddress {
 public:
  /// A file; whatever its name looks like.
  StoreAddress(std::filesystem::path file = {}) : path_(std::move(file)) {}

  /// What people write: "results.db", "postgresql://user@host:port/database?sslmode=require",
  /// "postgres://...", "service=NAME" (of the service file of libpq) or "dir:/shared/nas"; a file
  /// of such a name is written "./dir:name". Throws Error(kUsage) for an unknown scheme, a URI that
  /// libpq would not take, an unknown parameter (with the near miss); no error repeats what may be
  /// a password.
  static StoreAddress parse(std::string_view text);

  bool is_file() const { return uri_.empty() && text_.empty(); }
  bool is_directory() const { return uri_.empty() && !text_.empty(); }
  bool is_server() const { return !uri_.empty(); }
  bool empty() const { return is_file() && path_.empty(); }
  /// Of the file or the directory. Requires `!is_server()`.
  const std::filesystem::path& path() const;
  /// What libpq takes, with the password if there is one. Requires `is_server()`.
  const std::string& uri() const;
  /// What people and children see: the path, or the URI without a password. Reads back as the same
  /// address but for the password.
  std::string text() const;
  /// Requires `is_server()`.
  StoreAddress with_password(std::string_view password) const;
  /// The password that the address had, as it is sent; children get it as PGPASSWORD.
  const std::optional<std::string>& password() const { return password_; }

  friend bool operator==(const StoreAddress&, const StoreAddress&) = default;

 private:
  std::filesystem::path path_;
  std::string uri_;
  std::string text_;  ///< `uri_` without the password, or "dir:" and the path; "" for a file
  std::optional<std::string> password_;
};

/// A text with "***" in the place of every password of an address of a server in it: what came from
/// outside and may be such an address goes through here before it is shown.
std::string hide_passwords(std::string_view text);

}  // namespace nas
