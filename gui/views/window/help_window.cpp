#include "gui/views/window/help_window.h"

#include <QAction>
#include <QDialogButtonBox>
#include <QMenu>
#include <QMenuBar>
#include <QRegularExpression>
#include <QTextBrowser>
#include <QTextDocument>
#include <QVBoxLayout>

namespace nas {

namespace {

/// "Open…" of "&Open…".
QString plain(QString text) {
  return text.remove(QRegularExpression("&(?!&)")).replace("&&", "&");
}

/// Rows of a table: every action with a key, so that the help cannot tell another one.
QString keys_of(const QMenu& menu, const QString& path) {
  QString rows;
  for (const QAction* action : menu.actions()) {
    if (action->menu() != nullptr) rows += keys_of(*action->menu(), plain(action->text()) + ": ");
    if (action->shortcut().isEmpty()) continue;
    rows += QStringLiteral("<tr><td>%1</td><td>%2</td></tr>")
                .arg(action->shortcut().toString(QKeySequence::NativeText).toHtmlEscaped(),
                     (path + plain(action->text())).toHtmlEscaped());
  }
  return rows;
}

}  // namespace

HelpWindow::HelpWindow(const QMenuBar& menus, QWidget* parent) : QDialog(parent) {
  setWindowTitle(tr("How the explorer works"));
  resize(680, 640);
  auto* text = new QTextBrowser(this);
  text->setAccessibleName(tr("Help"));
  text->document()->setDocumentMargin(14);
  text->setHtml(looking() + filters() + plots() + work() + keys(menus));
  auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
  connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
  auto* layout = new QVBoxLayout(this);
  layout->addWidget(text);
  layout->addWidget(buttons);
}

QString HelpWindow::looking() {
  return tr("<h2>Looking</h2>"
            "<p>Open a results database (Ctrl+O, drop, or <code>nas-explorer FILE</code>). It is "
            "only read: searches may keep writing to it, and what they add appears by itself. "
            "Several databases can be open at once. Choose a study or a benchmark on the left to "
            "see its rows.</p>") +
         tr("<p>A click on a heading sorts, the better values first; a second click turns the "
            "order round. <b>Columns</b> chooses what is shown. Rows without a value come last, "
            "none is hidden. Enter draws the architecture; two to four selected rows can be "
            "compared.</p>");
}

QString HelpWindow::filters() {
  return tr("<h2>Filters</h2>"
            "<p>Ctrl+F goes to the filter line. Names complete while you type, the Down key lists "
            "what may come next; Enter applies, Ctrl+Z takes it back.</p>") +
         QStringLiteral(
             "<pre>accuracy &gt; 93 and params &lt; 1.5M\n"
             "(latency_ms@host &lt;= 4 or macs &lt; 50M) and not architecture ~ \"skip\"\n"
             "state ~ failed\n"
             "accuracy is missing</pre>") +
         tr("<p>Numbers compare with &lt; &lt;= &gt; &gt;= = !=, and may end in k, M or G; text "
            "with ~ (holds) and !~. Other names than of letters, digits, _ @ and . stand in "
            "backquotes.</p>");
}

QString HelpWindow::plots() {
  return tr("<h2>Plots</h2>"
            "<p>Plots show the rows that pass the filter and share one selection with the table: "
            "drag to brush, Shift adds, click selects one. The wheel zooms, Ctrl+drag pans, a "
            "double click or 0 fits; with the keyboard, arrows pan, + and - zoom, X and Y switch "
            "logarithmic axes. The menu key saves the picture as SVG, PNG or PDF.</p>") +
         tr("<p>In a drawing N and P walk through the operations, Enter opens a group, D goes to "
            "the next difference of a comparison.</p>");
}

QString HelpWindow::work() {
  return tr(
      "<h2>Work</h2>"
      "<p>Searches, trainings and measurements are commands of <code>nasctl</code>, in forms "
      "made of what it says about its options; each form shows the command, the log its "
      "output. Pausing leaves a search as Ctrl+C does: everything finished is kept, and "
      "Resume continues from there.</p>");
}

QString HelpWindow::keys(const QMenuBar& menus) {
  QString rows;
  for (const QAction* action : menus.actions()) {
    if (action->menu() == nullptr) continue;
    rows += QStringLiteral("<tr><td colspan=2><b>%1</b></td></tr>")
                .arg(plain(action->text()).toHtmlEscaped());
    rows += keys_of(*action->menu(), {});
  }
  return tr("<h2>Keys</h2>") + "<table cellpadding=3>" + rows + "</table>" +
         tr("<p>F10 or Alt with a letter opens a menu; Tab goes round the window.</p>");
}

}  // namespace nas
