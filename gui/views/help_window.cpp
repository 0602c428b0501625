#include "gui/views/help_window.h"

#include <QDialogButtonBox>
#include <QTextBrowser>
#include <QVBoxLayout>

namespace nas {

HelpWindow::HelpWindow(QWidget* parent) : QDialog(parent) {
  setWindowTitle(tr("How the explorer works"));
  resize(680, 640);
  auto* text = new QTextBrowser(this);
  text->setAccessibleName(tr("Help"));
  text->setHtml(
      tr("<h2>Looking</h2>"
         "<p>Open a results database (Ctrl+O, drop, or <code>nas-explorer FILE</code>). It is only "
         "read: searches may go on writing to it, and what they add appears by itself. Several "
         "databases can be open at once. Choose a study or a benchmark on the left to see its "
         "rows.</p>"
         "<p>A click on a heading sorts, the better values first; a second click turns the order "
         "round. <b>Columns</b> (Alt+C) chooses what is shown. Rows without a value come last, "
         "never away.</p>"
         "<h2>Filters</h2>"
         "<p>Ctrl+F goes to the filter line. Names complete while you type; Enter applies, Ctrl+Z "
         "takes it back.</p>"
         "<pre>accuracy &gt; 93 and params &lt; 1.5M\n"
         "(latency_ms@host &lt;= 4 or macs &lt; 50M) and not architecture ~ \"skip\"\n"
         "state ~ failed\n"
         "accuracy is missing</pre>"
         "<p>Numbers compare with &lt; &lt;= &gt; &gt;= = !=, and may end in k, M or G; text with "
         "~ (holds) and !~. Other names than of letters, digits, _ @ and . stand in backquotes.</p>"
         "<h2>Plots</h2>"
         "<p>Plots show the rows that pass the filter and share one selection with the table: drag "
         "to brush, Shift adds, click selects one. The wheel zooms, Ctrl+drag pans, a double click "
         "or 0 fits; with the keyboard, arrows pan, + and - zoom, X and Y switch logarithmic axes, "
         "Escape clears the selection. The menu key saves the picture as SVG, PNG or PDF.</p>"
         "<h2>Searches</h2>"
         "<p>Search, Start… fills a form from what the searchers say about their options and runs "
         "<code>nasctl search run</code>; its output is in the log. Pausing leaves a search as "
         "Ctrl+C does: everything finished is kept, and Resume goes on from there.</p>"
         "<h2>Keys</h2>"
         "<table cellpadding=3>"
         "<tr><td>Ctrl+O</td><td>open a database</td></tr>"
         "<tr><td>Ctrl+F</td><td>filter</td></tr>"
         "<tr><td>Ctrl+Z, Ctrl+Shift+Z</td><td>undo and redo filters</td></tr>"
         "<tr><td>Ctrl+C, Ctrl+E</td><td>copy the selected rows; export the filtered view</td></tr>"
         "<tr><td>F5, Esc</td><td>read again; stop reading</td></tr>"
         "<tr><td>Ctrl+Tab, Ctrl+W</td><td>next tab; close it</td></tr>"
         "<tr><td>Ctrl+1 to Ctrl+7</td><td>the plots</td></tr>"
         "<tr><td>Enter in the table</td><td>draw the architecture</td></tr>"
         "</table>"));
  auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
  connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
  auto* layout = new QVBoxLayout(this);
  layout->addWidget(text);
  layout->addWidget(buttons);
}

}  // namespace nas
