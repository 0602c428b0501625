#include "db/store_address.h"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <vector>

#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {

namespace {

constexpr std::string_view kScheme = "postgresql://";
constexpr std::string_view kDirectory = "dir:";

// The connection parameters of libpq 17 that make sense for a store. `replication` does not;
// `sslpassword` has no environment variable, so it could not be handed to a child.
const std::vector<std::string> kParameters = {"application_name",
                                              "channel_binding",
                                              "client_encoding",
                                              "connect_timeout",
                                              "dbname",
                                              "fallback_application_name",
                                              "gssdelegation",
                                              "gssencmode",
                                              "gsslib",
                                              "host",
                                              "hostaddr",
                                              "keepalives",
                                              "keepalives_count",
                                              "keepalives_idle",
                                              "keepalives_interval",
                                              "krbsrvname",
                                              "load_balance_hosts",
                                              "options",
                                              "passfile",
                                              "password",
                                              "port",
                                              "require_auth",
                                              "requirepeer",
                                              "service",
                                              "ssl_max_protocol_version",
                                              "ssl_min_protocol_version",
                                              "sslcert",
                                              "sslcertmode",
                                              "sslcompression",
                                              "sslcrl",
                                              "sslcrldir",
                                              "sslkey",
                                              "sslmode",
                                              "sslnegotiation",
                                              "sslrootcert",
                                              "sslsni",
                                              "target_session_attrs",
                                              "tcp_user_timeout",
                                              "user"};

[[noreturn]] void refuse(const std::string& why) {
  throw Error(ErrorKind::kUsage, "store address: " + why);
}

/// The scheme of "scheme://rest" or "postgresql:rest"; "" for what is a file name.
std::string_view scheme_of(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0) return {};
  const std::string_view word = text.substr(0, colon);
  const bool plain = std::all_of(word.begin(), word.end(), [](unsigned char letter) {
    return std::isalnum(letter) != 0 || letter == '+' || letter == '-' || letter == '.';
  });
  if (!plain) return {};
  const std::string lower = to_lower(word);
  const bool ours = lower == "postgresql" || lower == "postgres";
  return ours || text.substr(colon).starts_with("://") ? word : std::string_view();
}

int hex_digit(char letter) {
  if (letter >= '0' && letter <= '9') return letter - '0';
  const char lower = static_cast<char>(letter | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/// "p%40ss" -> "p@ss".
std::string percent_decoded(std::string_view text) {
  std::string decoded;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      decoded += text[at];
      continue;
    }
    const int high = at + 2 < text.size() ? hex_digit(text[at + 1]) : -1;
    const int low = high >= 0 ? hex_digit(text[at + 2]) : -1;
    if (low < 0 || high * 16 + low == 0)
      refuse("'%' is not followed by two hexadecimal digits of a character; write '%' as %25");
    decoded += static_cast<char>(high * 16 + low);
    at += 2;
  }
  return decoded;
}

/// The parts of "user:password@hosts/database?parameters", as written.
struct Parts {
  std::string user;
  std::optional<std::string> password;
  std::string hosts;  ///< "host:port,host:port"
  std::string database;
  std::vector<std::pair<std::string, std::string>> parameters;  ///< without passwords
};

// What stands where a password may have ended too early is never repeated.
constexpr std::string_view kEscapes =
    "; inside a password write '@' as %40, '/' as %2F, ':' as %3A";

void check_port(std::string_view port) {
  const std::optional<std::int64_t> number = parse_int(port);
  if (!port.empty() && (!number || *number < 1 || *number > 65535))
    refuse("the port must be a number from 1 to 65535" + std::string(kEscapes));
}

void check_hosts(const std::string& hosts) {
  if (hosts.find('@') != std::string::npos)
    refuse("there is a second '@' before the host" + std::string(kEscapes));
  for (const std::string& host : split(hosts, ',')) {
    std::size_t colon = host.find(':');
    if (host.starts_with('[')) {
      const std::size_t close = host.find(']');
      if (close == std::string::npos) refuse("'[' of an IPv6 address is not closed by ']'");
      if (close + 1 < host.size() && host[close + 1] != ':')
        refuse("after ']' of an IPv6 address comes ':' and the port, or '/'");
      colon = close + 1 < host.size() ? close + 1 : std::string::npos;
    }
    if (colon != std::string::npos) check_port(std::string_view(host).substr(colon + 1));
    percent_decoded(host);
  }
}

void read_parameters(std::string_view text, Parts& parts) {
  if (text.empty()) return;
  for (const std::string& pair : split(text, '&')) {
    const std::size_t equal = pair.find('=');
    if (equal == std::string::npos || equal == 0)
      refuse("after '?' come parameters as name=value, separated by '&'" + std::string(kEscapes));
    std::string name = percent_decoded(pair.substr(0, equal));
    std::string value = pair.substr(equal + 1);
    if (name == "ssl" && value == "true") {  // as JDBC writes it; libpq takes it too
      name = "sslmode";
      value = "require";
    }
    if (name == "sslpassword") {
      refuse(
          "the password of a key file has no place in an address; put sslpassword into a service "
          "file and write service=NAME");
    }
    if (std::find(kParameters.begin(), kParameters.end(), name) == kParameters.end())
      refuse(unknown_name("connection parameter", printable(name), kParameters));
    std::string plain = percent_decoded(value);
    if (name == "port") check_port(plain);
    if (name == "password") {
      parts.password = std::move(plain);
    } else {
      parts.parameters.emplace_back(std::move(name), std::move(value));
    }
  }
}

/// `rest` is what follows the scheme. Splits where libpq does.
Parts split_uri(std::string_view rest) {
  Parts parts;
  const std::size_t mark = rest.find_first_of("@/");
  if (mark != std::string_view::npos && rest[mark] == '@') {
    const std::string_view user = rest.substr(0, mark);
    const std::size_t colon = user.find(':');
    parts.user = user.substr(0, colon);
    percent_decoded(parts.user);
    if (colon != std::string_view::npos) parts.password = percent_decoded(user.substr(colon + 1));
    rest.remove_prefix(mark + 1);
  }
  const std::size_t end = rest.find_first_of("/?");
  parts.hosts = rest.substr(0, end);
  check_hosts(parts.hosts);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end);
  const std::size_t question = rest.find('?');
  if (rest.starts_with('/')) parts.database = rest.substr(1, question - 1);
  if (parts.database.find_first_of("@/") != std::string::npos) {
    refuse("the name of the database holds '@' or '/', which are written %40 and %2F" +
           std::string(kEscapes));
  }
  percent_decoded(parts.database);
  if (question != std::string_view::npos) read_parameters(rest.substr(question + 1), parts);
  return parts;
}

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string encoded;
  for (const char letter : text) {
    const auto code = static_cast<unsigned char>(letter);
    if (std::isalnum(code) != 0 || std::string_view("-._~").find(letter) != std::string::npos) {
      encoded += letter;
    } else {
      encoded += {'%', kDigits[code / 16], kDigits[code % 16]};
    }
  }
  return encoded;
}

std::string joined(const Parts& parts, bool with_password) {
  const bool password = with_password && parts.password;
  std::string uri(kScheme);
  uri += parts.user;
  if (password && !parts.user.empty()) uri += ":" + percent_encoded(*parts.password);
  if (!parts.user.empty()) uri += "@";
  uri += parts.hosts + "/" + parts.database;
  char separator = '?';
  const auto add = [&](std::string_view name, std::string_view value) {
    uri += separator;
    uri.append(name).append("=").append(value);
    separator = '&';
  };
  for (const auto& [name, value] : parts.parameters) add(name, value);
  if (password && parts.user.empty()) add("password", percent_encoded(*parts.password));
  return uri;
}

void check_scheme(std::string_view text, std::string_view scheme) {
  const bool known = scheme == "postgresql" || scheme == "postgres";
  if (known && text.substr(scheme.size()).starts_with("://")) return;
  const std::string lower = to_lower(scheme);
  const std::vector<std::string> schemes = {"postgres", "postgresql"};
  std::string hint = "name a SQLite file, or a server as postgresql://user@host/database";
  if (known || near_miss(lower, schemes)) {
    hint = "write postgresql://user@host/database";
  } else if (lower.starts_with("sqlite") || lower == "file") {
    hint = "a SQLite file is named by its path alone: results.db";
  }
  refuse("'" + printable(scheme) + ":' is not how a store is named; " + hint);
}

}  // namespace

const std::filesystem::path& StoreAddress::path() const {
  NAS_CHECK(!is_server(), "a store of a server has no path");
  return path_;
}

const std::string& StoreAddress::uri() const {
  NAS_CHECK(is_server(), "a file has no URI");
  return uri_;
}

std::string StoreAddress::text() const {
  return is_file() ? path_.string() : text_;
}

StoreAddress StoreAddress::parse(std::string_view text) {
  constexpr std::string_view kService = "service=";
  if (text.starts_with(kDirectory)) {
    StoreAddress address(text.substr(kDirectory.size()));
    if (address.path_.empty()) refuse("after dir: comes the path of a directory");
    address.text_ = text;
    return address;
  }
  Parts parts;
  const std::string_view scheme = scheme_of(text);
  for (const std::string_view word : {"sqlite", "sqlite3", "file"}) {
    if (to_lower(text).starts_with(std::string(word) + ":")) check_scheme(text, word);
  }
  if (text.starts_with(kService)) {
    const std::string_view name = text.substr(kService.size());
    if (name.empty() || name.find_first_of(" ='\\\t\n") != std::string_view::npos) {
      refuse(
          "after service= comes the name of one service; anything else is written "
          "postgresql://user@host/database");
    }
    parts.parameters.emplace_back("service", percent_encoded(name));
  } else if (!scheme.empty()) {
    check_scheme(text, scheme);
    const auto space = [](unsigned char letter) { return letter <= ' ' || letter == 127; };
    if (std::any_of(text.begin(), text.end(), space))
      refuse("holds a blank or a control character; write a blank as %20");
    parts = split_uri(text.substr(scheme.size() + 3));
  } else {
    for (const std::string_view word : {"host=", "hostaddr=", "dbname=", "user=", "password="}) {
      if (text.starts_with(word))
        refuse("write postgresql://user@host/database instead of " + std::string(word) + "...");
    }
    return std::filesystem::path(text);
  }
  StoreAddress address;
  address.uri_ = joined(parts, true);
  address.text_ = joined(parts, false);
  address.password_ = parts.password;
  return address;
}

StoreAddress StoreAddress::with_password(std::string_view password) const {
  NAS_CHECK(is_server(), "only a server asks for a password");
  const char separator = text_.find('?') == std::string::npos ? '?' : '&';
  return parse(text_ + separator + "password=" + percent_encoded(password));
}

std::string hide_passwords(std::string_view text) {
  // As long a run as a password could be: up to the last '@' before a blank; quotes may be part of
  // it.
  constexpr std::string_view kEnd = " \t\r\n";
  std::string shown;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t start = std::min(text.find("://", at), text.size());
    const bool server = text.substr(0, start).ends_with("postgres") ||
                        text.substr(0, start).ends_with("postgresql");
    const std::size_t rest = std::min(start + 3, text.size());
    shown += text.substr(at, rest - at);
    at = rest;
    if (!server || start == text.size()) continue;
    std::string word(text.substr(rest, text.find_first_of(kEnd, rest) - rest));
    at = rest + word.size();
    const std::size_t sign = word.rfind('@');
    const std::size_t colon = word.find(':');
    if (sign != std::string::npos && colon < sign) word.replace(colon + 1, sign - colon - 1, "***");
    for (std::size_t found = word.find("password="); found != std::string::npos;
         found = word.find("password=", found + 1)) {
      const std::size_t value = found + std::string_view("password=").size();
      word.replace(value, std::min(word.find('&', value), word.size()) - value, "***");
    }
    shown += word;
  }
  return shown;
}

}  // namespace nas
