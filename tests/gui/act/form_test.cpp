#include <doctest/doctest.h>

#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPlainTextEdit>
#include <QScrollArea>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>

#include "core/util/error.h"
#include "gui/jobs/nasctl_questions.h"
#include "gui/jobs/result_table.h"
#include "gui/views/forms/option_words.h"
#include "gui/views/forms/word_box.h"
#include "tests/gui/act/fixture.h"

using namespace nas;
using namespace nas::testing;

namespace {

CommandRecord record_of(const QString& command) {
  const Reply answer = nasctl(QStringList("help") + command.split(' ') + QStringList("--json"));
  REQUIRE(answer.code == 0);
  return parse_command_record(answer.out);
}

}  // namespace

TEST_CASE("a form has an editor for every argument and option of the command's help") {
  ActFixture sample;
  for (const char* command : {"arch score", "arch latency", "arch train", "arch export",
                              "bench import", "search run", "bench score"}) {
    CAPTURE(command);
    const CommandRecord record = record_of(command);
    const CommandForm form(record);
    for (const CommandField& field : record.fields) {
      CAPTURE(field.name.toStdString());
      QWidget* editor = form.editorOf(field.name);
      if (field.shared && field.name != "store") {
        CHECK(editor == nullptr);
        continue;
      }
      REQUIRE(editor != nullptr);
      CHECK((qobject_cast<QCheckBox*>(editor) != nullptr) == field.isFlag());
      const bool named =
          field.completes == "space" || field.completes == "searcher" || field.value == "KIND:DIR";
      if (!field.choices.isEmpty()) CHECK(qobject_cast<QComboBox*>(editor) != nullptr);
      if (named) CHECK(qobject_cast<WordBox*>(editor) != nullptr);
      CHECK_FALSE(editor->accessibleName().isEmpty());
      CHECK(editor->accessibleDescription() == field.help);
      const bool file = field.completes == "file" || field.completes == "new-file" ||
                        field.completes == "path" || field.completes == "dir";
      // A field with a button has a row of its own around it.
      const auto buttons =
          editor->parentWidget()->findChildren<QToolButton*>(QString(), Qt::FindDirectChildrenOnly);
      if (file) CHECK_FALSE(buttons.isEmpty());
      if (field.repeated && !file) CHECK(qobject_cast<ValueList*>(editor) != nullptr);
    }
    CHECK(form.arguments() == QString(command).split(' '));
  }
}

TEST_CASE("an option that stands for an argument has no field of its own") {
  const CommandRecord record = record_of("search run");
  CHECK(record.find("STUDY.toml") != nullptr);
  CHECK(record.find("file") == nullptr);
  CHECK(record.find("name") != nullptr);
}

TEST_CASE("the lines below a field are as wide as the form, so that none is cut") {
  ActFixture sample;
  CommandForm form(record_of("search run"));
  form.grab();  // lays it out
  for (const QLabel* label : form.findChildren<QLabel*>()) {
    if (!label->wordWrap()) continue;
    CAPTURE(label->text().toStdString());
    CHECK(label->height() >= label->heightForWidth(label->width()));
  }
}

TEST_CASE("no form is wider than its window, however long the help of an option is") {
  ActFixture sample;
  for (const char* command : {"search run", "arch export", "bench score"}) {
    CAPTURE(command);
    CommandForm form(record_of(command));
    form.grab();  // lays it out
    const auto* scroll = form.findChild<QScrollArea*>();
    REQUIRE(scroll != nullptr);
    CHECK(scroll->widget()->width() <= scroll->viewport()->width());
  }
}

TEST_CASE("the words that a form asks nasctl for are in the column that it reads") {
  const QTemporaryDir directory;
  const QString store = directory.filePath("r.db");
  REQUIRE(nasctl({"search", "run", "--space", "cifar_resnet", "--minimize", "macs", "--budget", "1",
                  "--no-winner", "--store", store})
              .code == 0);
  for (const char* kind :
       {"proxies", "space", "searcher", "dataset", "benchmark", "predictor", "study"}) {
    CAPTURE(kind);
    const WordList list = word_list_of(kind, store);
    const Reply answer = nasctl(list.arguments);
    REQUIRE(answer.code == 0);
    // A list without rows names no columns: CSV always does.
    QStringList words = list.arguments;
    words.replaceInStrings("--json", "--format=csv");
    const QStringList columns = QString(nasctl(words).out).section('\n', 0, 0).split(',');
    CHECK(columns.contains(QString::fromStdString(list.column)));
    if (!list.meaning.empty()) CHECK(columns.contains(QString::fromStdString(list.meaning)));
  }
  CHECK(parse_result(nasctl(word_list_of("study", store).arguments).out).rows.size() == 1);
}

TEST_CASE("the form of a search lists keys of its space, searcher and recipe, and metrics") {
  ActFixture sample;
  CommandForm form(record_of("search run"), {"--progress", "plain"});
  const auto words = [&](const char* field) {
    auto* list = qobject_cast<ValueList*>(form.editorOf(field));
    REQUIRE(list != nullptr);
    QStringList found;
    for (int i = 0; i < list->lines().front()->count(); ++i)
      found << list->lines().front()->itemText(i);
    return found;
  };
  CHECK(words("maximize").contains("accuracy"));
  CHECK(words("minimize").contains("latency_ms@host"));
  CHECK(words("constraint").contains("params<"));
  CHECK_FALSE(words("recipe").filter("epochs=").isEmpty());
  CHECK_FALSE(words("final-recipe").filter("learning_rate=").isEmpty());
  CHECK(words("searcher-option").isEmpty());
  form.setValue("searcher", "evolution");
  CHECK_FALSE(words("searcher-option").filter("population=").isEmpty());
  form.setValue("preset", "smoke");
  CHECK(words("recipe").contains("epochs=1"));
  form.setValue("preset", "full");
  CHECK(words("recipe").contains("epochs=200"));
  form.setValue("space", "nasbench201");
  form.setValue("store", "/tmp/a b.db");
  // Several constraints and keys: a line each, one option each.
  form.setValue("constraint", "\"latency_ms<4@host\" params<1M \"macs <= 50M\"");
  form.setValue("recipe", "batch=32 flip=false");
  const QStringList command = form.arguments();
  CHECK(command.count("--constraint") == 3);
  CHECK(command.contains("macs <= 50M"));
  CHECK(command.count("--recipe") == 2);
  CHECK(command.mid(command.size() - 2) == QStringList{"--progress", "plain"});
  CHECK(shell_text("nasctl", command).contains("--store '/tmp/a b.db'"));
  auto* list = qobject_cast<ValueList*>(form.editorOf("constraint"));
  CHECK(list->lines().size() == 3);
  list->setValues({});
  CHECK_FALSE(form.arguments().contains("--constraint"));
}

TEST_CASE("what is entered becomes the command, whatever it holds") {
  ActFixture sample;
  CommandForm form(record_of("arch train"), {"--json"});
  form.setValue("ARCHITECTURE", "|nor_conv_3x3~0|");
  form.setValue("data", "-odd $(x) 'y'");
  form.setValue("recipe", "epochs=3 \"name=two words\"");
  form.setValue("resume", "true");
  form.setValue("preset", "full");
  const QStringList words = {
      "arch",     "train",    "|nor_conv_3x3~0|", "--data=-odd $(x) 'y'", "--preset", "full",
      "--recipe", "epochs=3", "--recipe",         "name=two words",       "--resume", "--json"};
  CHECK(form.arguments() == words);
  const auto* shown = form.findChild<QPlainTextEdit*>();
  CHECK(shown->toPlainText() == shell_text("nasctl", words));
  form.setValue("ARCHITECTURE", "-1");
  CHECK(form.arguments().mid(form.arguments().size() - 3) == QStringList{"--json", "--", "-1"});
}

TEST_CASE("a form does not run while something required is missing") {
  ActFixture sample;
  CommandForm form(record_of("arch train"));
  form.show();
  CHECK(form.problem().startsWith("ARCHITECTURE is missing"));
  form.setValue("ARCHITECTURE", "index:0");
  form.accept();
  CHECK(form.result() != QDialog::Accepted);
  CHECK(form.isVisible());
  CHECK(form.problem().startsWith("data is missing"));
  form.setValue("data", "  ");
  form.accept();
  CHECK(form.result() != QDialog::Accepted);
  form.setValue("data", "glyphs");
  form.accept();
  CHECK(form.result() == QDialog::Accepted);
}

TEST_CASE("proxies are ticked in a list and keep the options that were typed") {
  CHECK(proxy_parts("a,b:x=1,y=2,c") == QStringList{"a", "b:x=1,y=2", "c"});
  CHECK(with_proxy("a,b:x=1,y=2", "c", true) == "a,b:x=1,y=2,c");
  CHECK(with_proxy("a,b:x=1,y=2,c", "b", false) == "a,c");
  CHECK(with_proxy("a,b:x=1", "b", true) == "a,b:x=1");
  ActFixture sample;
  CommandForm form(record_of("arch score"));
  CHECK(form.wordKinds().contains("proxies"));
  form.offerWords("proxies", {"synflow", "nwot"}, {"the flow", "the kernel"});
  form.setValue("proxies", "nwot:relus=used");
  auto* list = form.editorOf("proxies")->findChild<QListWidget*>("words");
  REQUIRE(list != nullptr);
  list->item(0)->setCheckState(Qt::Checked);
  CHECK(form.value("proxies") == "nwot:relus=used,synflow");
  CHECK(form.arguments().contains("nwot:relus=used,synflow"));
}

TEST_CASE("words that come while somebody types move neither the text nor the cursor") {
  const ActFixture sample;  // an application
  WordBox box;
  box.show();
  REQUIRE(QTest::qWaitForWindowExposed(&box));
  box.activateWindow();
  box.setText("evolution");
  box.setFocus();
  REQUIRE(box.lineEdit()->hasFocus());
  box.lineEdit()->setCursorPosition(4);
  box.setWords({"random", "evolution"}, {"draws", "breeds"});
  CHECK(box.text() == "evolution");
  CHECK(box.lineEdit()->cursorPosition() == 4);
  box.lineEdit()->selectAll();
  box.setWords({"random"}, {"draws"});
  CHECK(box.lineEdit()->selectedText() == "evolution");
}

TEST_CASE("descriptions of another making are refused in one line") {
  for (const char* text : {"", "{}", "[1]", "{\"schema\":\"searchlight.command\",\"version\":2}",
                           "{\"schema\":\"searchlight.command\",\"version\":1,\"command\":3}"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(parse_command_record(text), Error);
  }
}
