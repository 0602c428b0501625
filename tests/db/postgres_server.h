#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>

#include "core/util/file.h"
#include "db/store_address.h"

namespace nas::test {

/// A PostgreSQL server of the test's own, in a temporary directory and on a Unix socket only; never
/// the system's. It runs as the user `postgres` when the test runs as root, and goes with the
/// object, or with the test program however that ends (and with the thread that started it).
/// Everybody may connect as user `postgres`
/// without a password, unless `require_password` says otherwise.
class PostgresServer {
 public:
  /// False, after a loud line: this machine lacks the programs of the server, the test is skipped.
  static bool available();
  /// One server for the whole test program. Requires `available()`.
  static PostgresServer& shared();

  enum class Disk { kRelaxed, kDurable };
  /// Makes and starts it. kRelaxed: nothing is flushed (fsync = off).
  explicit PostgresServer(Disk disk = Disk::kRelaxed);
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  void start();    ///< returns when it takes connections
  void launch();   ///< returns at once
  void stop();     ///< connections are cut, transactions rolled back, all is flushed
  void kill();     ///< kill -9 of the server and all its processes
  void restart();  ///< stop, start
  bool running() const { return process_ > 0; }

  /// "postgresql://postgres@/NAME?host=DIRECTORY".
  std::string dsn(const std::string& database = "postgres",
                  const std::string& user = "postgres") const;
  StoreAddress address(const std::string& database = "postgres",
                       const std::string& user = "postgres") const {
    return StoreAddress::parse(dsn(database, user));
  }
  /// Makes an empty database and returns its name.
  std::string new_database();
  /// Runs statements as the administrator; returns the first value of the last one. Throws Error.
  std::string run_sql(const std::string& sql, const std::string& database = "postgres") const;
  /// From now on this user has to give a password (SCRAM).
  void require_password(const std::string& user);
  /// From now on the server takes connections by TCP on this machine as well, with TLS and a
  /// certificate of its own for "localhost", and none without TLS. Returns how they are named.
  /// Restarts it; requires the program openssl.
  std::string require_tls(const std::string& database);
  std::filesystem::path certificate() const { return directory_.path() / "server.crt"; }
  /// Makes an empty database whose rows lie on a disk of this many MiB. "" where this process may
  /// not mount one.
  std::string new_small_database(int mebibytes);
  void grow_small_disk(int mebibytes);

  /// Connections of programs to a database, other than this one's.
  int connections(const std::string& database) const;

 private:
  void make_cluster(Disk disk);
  void run_initdb(const std::filesystem::path& data) const;
  void give_to_server(const std::filesystem::path& path) const;
  void add_rules(const std::string& first) const;

  TemporaryDirectory directory_;
  std::filesystem::path programs_;
  pid_t process_ = -1;
  std::string port_;  ///< "": the usual one
  int databases_ = 0;
  std::filesystem::path small_disk_;
};

}  // namespace nas::test
