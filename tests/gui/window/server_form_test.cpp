#include <doctest/doctest.h>

#include <QAction>
#include <QDialogButtonBox>
#include <QLabel>
#include <QLineEdit>
#include <QPointer>
#include <QPushButton>
#include <QTest>

#include "db/postgres_store.h"
#include "gui/views/forms/server_form.h"
#include "gui/views/window/main_window.h"
#include "tests/db/postgres_server.h"
#include "tests/db/sample_rows.h"
#include "tests/gui/window/waiting.h"

using namespace nas;
using namespace nas::testing;

namespace {

/// The form as a person finds it: in the menu, by its words.
ServerForm* open_form(MainWindow& window) {
  for (QAction* action : window.findChildren<QAction*>()) {
    if (action->text() == MainWindow::tr("Open a &server…")) action->trigger();
  }
  auto* form = window.findChild<ServerForm*>();
  REQUIRE(form != nullptr);
  REQUIRE(QTest::qWaitForWindowExposed(form));
  return form;
}

void enter(ServerForm* form, const char* field, const std::string& text) {
  auto* line = form->findChild<QLineEdit*>(field);
  REQUIRE(line != nullptr);
  line->clear();
  QTest::keyClicks(line, QString::fromStdString(text));
}

QPushButton* open_button(ServerForm* form) {
  return form->findChild<QDialogButtonBox*>()->button(QDialogButtonBox::Open);
}

void click_open(ServerForm* form) {
  const QPointer<ServerForm> there(form);
  QTest::mouseClick(open_button(form), Qt::LeftButton);
  REQUIRE(wait_for([&] { return there.isNull(); }));
}

/// Everything that the window says or offers.
QString words_of(MainWindow& window) {
  QString words = window.windowTitle();
  for (const QLabel* label : window.findChildren<QLabel*>()) words += '\n' + label->text();
  for (const QAction* action : window.findChildren<QAction*>())
    words += '\n' + action->text() + '\n' + action->toolTip();
  return words;
}

}  // namespace

TEST_CASE("the form for servers is filled in, refused, and opens a database of a real server") {
  application();
  if (!test::PostgresServer::available()) return;
  test::PostgresServer& server = test::PostgresServer::shared();
  const std::string database = server.new_database();
  server.run_sql("CREATE ROLE guarded LOGIN SUPERUSER PASSWORD 'open sesame'");
  {
    const auto store = open_postgres_store(server.address(database), OpenMode::kCreate);
    const std::int64_t study = store->create_study(test::sample_study("s")).id;
    for (std::int64_t number = 0; number < 3; ++number)
      test::complete_trial(*store, study, number, 90);
  }
  server.require_password("guarded");
  MainWindow window{false};
  window.resize(900, 600);
  window.show();

  ServerForm* form = open_form(window);
  CHECK_FALSE(open_button(form)->isEnabled());
  enter(form, "address", "results.db");
  CHECK_FALSE(open_button(form)->isEnabled());
  CHECK(words_of(window).contains("An address begins with postgresql://"));
  enter(form, "address", "postgresql://db.example.org/nas?pasword=x");
  CHECK_FALSE(open_button(form)->isEnabled());
  enter(form, "address", server.dsn(database, "guarded"));
  REQUIRE(open_button(form)->isEnabled());
  enter(form, "password", "wr0ng-secret");
  click_open(form);
  REQUIRE(wait_for([&] { return words_of(window).contains("is the password right?"); }));
  CHECK(window.currentPage() == nullptr);

  form = open_form(window);
  enter(form, "address", server.dsn(database, "guarded"));
  enter(form, "password", "open sesame");
  click_open(form);
  REQUIRE(wait_for([&] { return window.currentPage() != nullptr; }));
  REQUIRE(wait_for([&] { return window.currentPage()->model()->rowCount() == 3; }));
  CHECK_FALSE(words_of(window).contains("is the password right?"));
  CHECK_FALSE(words_of(window).contains("wr0ng"));
  CHECK_FALSE(words_of(window).contains("sesame"));
  CHECK_FALSE(window.grab().isNull());
}
