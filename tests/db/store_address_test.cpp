#include "db/store_address.h"

#include <doctest/doctest.h>

#include <string>

#include "core/util/error.h"

using namespace nas;

namespace {

std::string refusal(const std::string& text) {
  try {
    StoreAddress::parse(text);
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::kUsage);
    return error.what();
  }
  return "";
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("store address: what is no URI is a file") {
  for (const char* name : {"results.db", "/data/a b.db", "a:b.db", "./postgresql:x", "C=3.db"}) {
    const StoreAddress address = StoreAddress::parse(name);
    CHECK(address.is_file());
    CHECK(address.path() == name);
    CHECK(address.text() == name);
    CHECK(address == StoreAddress(std::filesystem::path(name)));
  }
  CHECK(StoreAddress::parse("").empty());
  CHECK_FALSE(StoreAddress::parse("postgresql://").empty());
}

TEST_CASE("store address: both schemes of libpq and a service name a server") {
  const StoreAddress address =
      StoreAddress::parse("postgres://ada@db.example.org:5433/nas?sslmode=require");
  CHECK_FALSE(address.is_file());
  CHECK(address.uri() == "postgresql://ada@db.example.org:5433/nas?sslmode=require");
  CHECK(address.text() == address.uri());
  CHECK_FALSE(address.password().has_value());
  CHECK(address == StoreAddress::parse(address.text()));
  CHECK(StoreAddress::parse("service=lab").uri() == "postgresql:///?service=lab");
  CHECK(StoreAddress::parse("service=lab") == StoreAddress::parse("postgresql:///?service=lab"));
  CHECK(StoreAddress::parse("postgresql://a,b:5433/x").uri() == "postgresql://a,b:5433/x");
  CHECK(StoreAddress::parse("postgresql://[::1]:5433/x").uri() == "postgresql://[::1]:5433/x");
  CHECK(StoreAddress::parse("postgresql:///x?host=/run/pg&ssl=true").uri() ==
        "postgresql:///x?host=/run/pg&sslmode=require");
}

TEST_CASE("store address: a password reaches the driver and nothing else") {
  for (const char* text : {"postgresql://ada:s3cr%40t@h/nas?connect_timeout=3",
                           "postgresql://ada@h/nas?password=s3cr%40t&connect_timeout=3"}) {
    const StoreAddress address = StoreAddress::parse(text);
    CHECK(address.uri() == "postgresql://ada:s3cr%40t@h/nas?connect_timeout=3");
    CHECK(address.text() == "postgresql://ada@h/nas?connect_timeout=3");
    CHECK(address.password() == "s3cr@t");
    CHECK(address == StoreAddress::parse(address.uri()));
    CHECK_FALSE(address == StoreAddress::parse(address.text()));
  }
  const StoreAddress unnamed = StoreAddress::parse("postgresql:///nas?password=s3cret");
  CHECK(unnamed.uri() == "postgresql:///nas?password=s3cret");
  CHECK(unnamed.text() == "postgresql:///nas");
}

TEST_CASE("store address: what libpq would not take is refused, and no error repeats a password") {
  CHECK(contains(refusal("postgress://h/x"), "write postgresql://user@host/database"));
  CHECK(contains(refusal("postgresql:h"), "write postgresql://user@host/database"));
  CHECK(contains(refusal("PostgreSQL://h/x"), "write postgresql://user@host/database"));
  CHECK(contains(refusal("mysql://h/x"), "name a SQLite file, or a server"));
  CHECK(contains(refusal("sqlite:///x.db"), "named by its path alone"));
  CHECK(contains(refusal("file:///x.db"), "named by its path alone"));
  CHECK(contains(refusal("postgresql://h/x?sslmod=require"), "did you mean 'sslmode'?"));
  CHECK(contains(refusal("postgresql://h/x?sslpassword=hunter2"), "service file"));
  CHECK(contains(refusal("postgresql://h/x y"), "blank"));
  CHECK(contains(refusal("postgresql://h/x%0"), "%25"));
  CHECK(contains(refusal("postgresql://h:0/x"), "1 to 65535"));
  CHECK(contains(refusal("postgresql://[::1/x"), "not closed"));
  CHECK(contains(refusal("service="), "name of one service"));
  CHECK(contains(refusal("service=a dbname=b"), "name of one service"));
  CHECK(contains(refusal("host=h password=hunter2"), "write postgresql://"));
  for (const char* text :
       {"postgresql://ada:hunter2@x@h/db", "postgresql://ada:hunter2/x@h/db",
        "postgresql://ada:7hunter2/x@h/db", "postgresql://ada:hunter2%@h/db",
        "postgresql://ada:1/hunter2@h/db", "postgresql://h/db?password=hunter2%zz",
        "postgresql://h/db?passwort=hunter2", "postgres:ada:hunter2@h/db",
        "postgresql://ada:hunter2 @h/db", "mysql://ada:hunter2@h/db"}) {
    INFO(text);
    const std::string error = refusal(text);
    CHECK_FALSE(error.empty());
    CHECK_FALSE(contains(error, "hunter"));
  }
}

TEST_CASE("store address: a password can be added, and is hidden in what came from outside") {
  const StoreAddress address = StoreAddress::parse("postgresql://ada@h/nas?connect_timeout=3");
  CHECK(address.with_password("a b@c").uri() ==
        "postgresql://ada:a%20b%40c@h/nas?connect_timeout=3");
  CHECK(address.with_password("x").text() == address.text());
  CHECK(hide_passwords("no such argument 'postgresql://ada:hunter2@h/nas' here") ==
        "no such argument 'postgresql://ada:***@h/nas' here");
  CHECK(hide_passwords("a postgres://h/x?password=hunter2&user=b, mysql://u:p@h/x") ==
        "a postgres://h/x?password=***&user=b, mysql://u:p@h/x");
  CHECK(hide_passwords("postgresql://u:hun@ter2@h:1/x postgresql://v@h:2/x") ==
        "postgresql://u:***@h:1/x postgresql://v@h:2/x");
  CHECK(hide_passwords("no 'postgresql://ada:h'un\"t`er@h/nas' here") ==
        "no 'postgresql://ada:***@h/nas' here");
  for (const char* text : {"", "://", "postgres://", "plain", "postgresql://h:5433/x"})
    CHECK(hide_passwords(text) == text);
}
