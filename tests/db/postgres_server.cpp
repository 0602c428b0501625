#include "tests/db/postgres_server.h"

#include <fcntl.h>
#include <grp.h>
#include <libpq-fe.h>
#include <netinet/in.h>
#include <pwd.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <thread>
#include <vector>

#include "core/util/error.h"
#include "core/util/text.h"

namespace nas::test {

namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

/// The folder of the newest server's programs; empty without any.
fs::path find_programs() {
  std::vector<std::pair<std::int64_t, fs::path>> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator("/usr/lib/postgresql", error)) {
    const fs::path programs = entry.path() / "bin";
    const auto version = parse_int(entry.path().filename().string());
    if (version && fs::exists(programs / "postgres", error) &&
        fs::exists(programs / "initdb", error)) {
      found.emplace_back(*version, programs);
    }
  }
  return found.empty() ? fs::path() : std::max_element(found.begin(), found.end())->second;
}

/// The server refuses to run as root.
const passwd* other_user() {
  if (::geteuid() != 0) return nullptr;
  const passwd* user = ::getpwnam("postgres");
  return user != nullptr ? user : ::getpwnam("nobody");
}

void become(const passwd* user) {
  if (user == nullptr) return;
  if (::setgroups(0, nullptr) != 0 || ::setgid(user->pw_gid) != 0 || ::setuid(user->pw_uid) != 0)
    ::_exit(126);
}

/// Starts a program in `directory` with its output in a file; it dies with this one.
pid_t launch_program(const fs::path& program, const std::vector<std::string>& arguments,
                     const fs::path& directory, const fs::path& output) {
  std::vector<char*> words = {const_cast<char*>(program.c_str())};
  for (const std::string& argument : arguments)
    words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  const passwd* user = other_user();
  const pid_t process = ::fork();
  if (process != 0) return process;
  become(user);
  ::prctl(PR_SET_PDEATHSIG, SIGQUIT);
  ::setpgid(0, 0);
  const int file = ::open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  if (file < 0 || ::chdir(directory.c_str()) != 0) ::_exit(126);
  ::dup2(file, STDOUT_FILENO);
  ::dup2(file, STDERR_FILENO);
  ::execv(program.c_str(), words.data());
  ::_exit(127);
}

/// Each process of a server leads a session of its own, so no group holds them.
std::vector<pid_t> children_of(pid_t parent) {
  std::vector<pid_t> children;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator("/proc", error)) {
    const auto process = parse_int(entry.path().filename().string());
    if (!process) continue;
    std::ifstream status(entry.path() / "stat");
    std::string line;
    std::getline(status, line);
    // "12 (name) S 7 ...": the parent comes after the state.
    const std::size_t end = line.rfind(')');
    if (end == std::string::npos || end + 4 > line.size()) continue;
    if (std::atoi(line.c_str() + end + 4) == parent)
      children.push_back(static_cast<pid_t>(*process));
  }
  return children;
}

/// Where the files of a new server are kept: initdb takes a second of processor time to make them.
fs::path kept_cluster(const fs::path& programs) {
  return fs::path(KEPT_CLUSTERS) / ("postgresql-" + programs.parent_path().filename().string());
}

/// With owners and rights.
bool copy_folder(const fs::path& from, const fs::path& to) {
  const std::string command = "cp -a '" + from.string() + "' '" + to.string() + "' 2>/dev/null";
  return std::system(command.c_str()) == 0;
}

void keep_cluster(const fs::path& data, const fs::path& kept) {
  std::error_code error;
  const fs::path copy = kept.string() + "." + std::to_string(::getpid());
  if (copy_folder(data, copy)) fs::rename(copy, kept, error);  // fails where another one was first
  fs::remove_all(copy, error);
}

using Connection = std::unique_ptr<PGconn, decltype(&PQfinish)>;

Connection connect(const std::string& dsn) {
  return {PQconnectdb(dsn.c_str()), &PQfinish};
}

}  // namespace

bool PostgresServer::available() {
  static const bool found = [] {
    if (!find_programs().empty()) return true;
    std::fprintf(stderr,
                 "\n*** SKIPPED: this machine has no PostgreSQL server (install the package "
                 "postgresql); stores on a server are not tested ***\n\n");
    return false;
  }();
  return found;
}

PostgresServer& PostgresServer::shared() {
  static PostgresServer server;
  return server;
}

PostgresServer::PostgresServer(Disk disk) : programs_(find_programs()) {
  if (programs_.empty()) throw Error(ErrorKind::kUnsupported, "no PostgreSQL server here");
  make_cluster(disk);
  start();
}

PostgresServer::~PostgresServer() {
  if (running()) kill();
  if (!small_disk_.empty()) ::umount2(small_disk_.c_str(), MNT_DETACH);
}

void PostgresServer::make_cluster(Disk disk) {
  give_to_server(directory_.path());
  const fs::path data = directory_.path() / "data", kept = kept_cluster(programs_);
  std::error_code error;
  if (!fs::exists(kept, error) || !copy_folder(kept, data)) {
    fs::remove_all(data);
    run_initdb(data);
    keep_cluster(data, kept);
  }
  std::ofstream settings(data / "postgresql.conf", std::ios::app);
  settings << "listen_addresses = ''\nunix_socket_directories = '" << directory_.path().string()
           << "'\nmax_connections = 200\nshared_buffers = 64MB\nlc_messages = 'C'\n"
              // In its directory, which a server that is killed does not leave behind.
              "dynamic_shared_memory_type = mmap\n";
  if (disk == Disk::kRelaxed) settings << "fsync = off\nfull_page_writes = off\n";
}

void PostgresServer::run_initdb(const fs::path& data) const {
  const fs::path log = directory_.path() / "initdb.log";
  const pid_t process = launch_program(
      programs_ / "initdb",
      {"-D", data, "-U", "postgres", "--auth=trust", "--no-sync", "--locale=C", "--encoding=UTF8"},
      directory_.path(), log);
  int status = 0;
  ::waitpid(process, &status, 0);
  if (status != 0) throw Error(ErrorKind::kIo, "initdb failed: " + read_file(log));
}

void PostgresServer::give_to_server(const fs::path& path) const {
  const passwd* user = other_user();
  if (user != nullptr && ::chown(path.c_str(), user->pw_uid, user->pw_gid) != 0)
    throw Error(ErrorKind::kIo, "'" + path.string() + "' cannot be given to the server's user");
}

void PostgresServer::launch() {
  process_ = launch_program(programs_ / "postgres", {"-D", directory_.path() / "data"},
                            directory_.path(), directory_.path() / "server.log");
}

void PostgresServer::start() {
  if (!running()) launch();
  for (int attempt = 0; attempt < 3000; ++attempt) {
    if (PQping(dsn().c_str()) == PQPING_OK) return;
    // After a kill the memory of the former server may be in use for a moment.
    if (::waitpid(process_, nullptr, WNOHANG) == process_) launch();
    std::this_thread::sleep_for(milliseconds(20));
  }
  throw Error(ErrorKind::kIo,
              "the server did not start: " + read_file(directory_.path() / "server.log"));
}

void PostgresServer::stop() {
  ::kill(process_, SIGINT);
  ::waitpid(process_, nullptr, 0);
  process_ = -1;
}

void PostgresServer::kill() {
  // Stopped first, as it would start new ones for those that are killed.
  ::kill(process_, SIGSTOP);
  for (const pid_t child : children_of(process_)) ::kill(child, SIGKILL);
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
  process_ = -1;
}

void PostgresServer::restart() {
  stop();
  start();
}

std::string PostgresServer::dsn(const std::string& database, const std::string& user) const {
  const std::string port = port_.empty() ? "" : "&port=" + port_;
  return "postgresql://" + user + "@/" + database + "?host=" + directory_.path().string() + port;
}

std::string PostgresServer::new_database() {
  const std::string name = "store" + std::to_string(++databases_);
  run_sql("CREATE DATABASE " + name);
  return name;
}

std::string PostgresServer::run_sql(const std::string& sql, const std::string& database) const {
  const Connection connection = connect(dsn(database));
  const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection.get(), sql.c_str()),
                                                             &PQclear);
  const ExecStatusType status = PQresultStatus(result.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
    throw Error(ErrorKind::kIo, sql + ": " + PQerrorMessage(connection.get()));
  return PQntuples(result.get()) > 0 ? PQgetvalue(result.get(), 0, 0) : "";
}

void PostgresServer::add_rules(const std::string& first) const {
  const fs::path file = directory_.path() / "data" / "pg_hba.conf";
  const std::string others = read_file(file);
  std::ofstream(file) << first << others;
}

std::string PostgresServer::require_tls(const std::string& database) {
  const fs::path key = directory_.path() / "server.key";
  const std::string command =
      "openssl req -new -x509 -days 2 -nodes -newkey rsa:2048 -subj /CN=localhost -addext "
      "subjectAltName=DNS:localhost -out '" +
      certificate().string() + "' -keyout '" + key.string() + "' 2>/dev/null";
  if (std::system(command.c_str()) != 0)
    throw Error(ErrorKind::kIo, "openssl makes no certificate");
  fs::permissions(key, fs::perms::owner_read | fs::perms::owner_write);
  give_to_server(key);
  give_to_server(certificate());
  add_rules("hostnossl all all 127.0.0.1/32 reject\nhostssl all all 127.0.0.1/32 trust\n");
  // A port that nobody has just now.
  const int probe = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in place{};
  place.sin_family = AF_INET;
  place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t bytes = sizeof place;
  const bool bound = ::bind(probe, reinterpret_cast<sockaddr*>(&place), bytes) == 0 &&
                     ::getsockname(probe, reinterpret_cast<sockaddr*>(&place), &bytes) == 0;
  ::close(probe);
  if (!bound) throw Error(ErrorKind::kIo, "no port is free");
  const std::string port = std::to_string(ntohs(place.sin_port));
  // Its socket has the port's number in its name: only TCP changes here.
  std::ofstream(directory_.path() / "data" / "postgresql.conf", std::ios::app)
      << "ssl = on\nssl_cert_file = '" << certificate().string() << "'\nssl_key_file = '"
      << key.string() << "'\nlisten_addresses = '127.0.0.1'\nport = " << port << "\n";
  stop();
  port_ = port;
  start();
  return "postgresql://postgres@localhost:" + port + "/" + database + "?hostaddr=127.0.0.1";
}

std::string PostgresServer::new_small_database(int mebibytes) {
  small_disk_ = directory_.path() / "small";
  fs::create_directory(small_disk_);
  const std::string size = "size=" + std::to_string(mebibytes) + "m";
  if (::mount("tmpfs", small_disk_.c_str(), "tmpfs", 0, size.c_str()) != 0) {
    small_disk_.clear();
    return "";
  }
  give_to_server(small_disk_);
  fs::permissions(small_disk_, fs::perms::owner_all);
  run_sql("CREATE TABLESPACE small LOCATION '" + small_disk_.string() + "'");
  const std::string name = "store" + std::to_string(++databases_);
  run_sql("CREATE DATABASE " + name + " TABLESPACE small");
  return name;
}

void PostgresServer::grow_small_disk(int mebibytes) {
  const std::string size = "size=" + std::to_string(mebibytes) + "m";
  if (::mount("tmpfs", small_disk_.c_str(), "tmpfs", MS_REMOUNT, size.c_str()) != 0)
    throw Error(ErrorKind::kIo, "the small disk does not grow");
}

void PostgresServer::require_password(const std::string& user) {
  add_rules("local all " + user + " scram-sha-256\n");
  run_sql("SELECT pg_reload_conf()");
  // It is read a moment later, and shown from then on.
  for (int attempt = 0; attempt < 500; ++attempt) {
    const std::string rules =
        run_sql("SELECT count(*) FROM pg_hba_file_rules WHERE auth_method = 'scram-sha-256' AND '" +
                user + "' = ANY (user_name)");
    const bool asked =
        PQconnectionNeedsPassword(connect(dsn("postgres", user)).get()) != 0 && rules != "0";
    if (asked) return;
    std::this_thread::sleep_for(milliseconds(10));
  }
  throw Error(ErrorKind::kIo, "the server does not ask for a password");
}

int PostgresServer::connections(const std::string& database) const {
  return std::stoi(run_sql("SELECT count(*) FROM pg_stat_activity WHERE datname = '" + database +
                           "' AND pid <> pg_backend_pid() AND backend_type = 'client backend'"));
}

}  // namespace nas::test
