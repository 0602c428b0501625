#include "gui/views/search_form.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QSpinBox>
#include <QTimer>
#include <QVBoxLayout>
#include <thread>

#include "app/constraint.h"
#include "gui/jobs/nasctl_process.h"
#include "searchers/registry.h"
#include "searchspaces/registry.h"

namespace nas {

namespace {

template <class Interface>
void fill(QComboBox* box, std::span<const Plugin<Interface>* const> plugins) {
  for (const Plugin<Interface>* plugin : plugins) {
    const int place = box->count();
    box->addItem(
        QString::fromUtf8(plugin->name.data(), static_cast<qsizetype>(plugin->name.size())));
    const QString help =
        QString::fromUtf8(plugin->summary.data(), static_cast<qsizetype>(plugin->summary.size()));
    box->setItemData(place, "<p>" + help.toHtmlEscaped() + "</p>", Qt::ToolTipRole);
  }
}

QSpinBox* spin(QWidget* parent, int low, int high, int value) {
  auto* box = new QSpinBox(parent);
  box->setRange(low, high);
  box->setValue(value);
  box->setGroupSeparatorShown(true);
  return box;
}

}  // namespace

SearchForm::SearchForm(QWidget* parent) : QDialog(parent) {
  setWindowTitle(tr("Start a search"));
  resize(640, 720);
  build();
  describe();
  connect(space_, &QComboBox::currentTextChanged, this, &SearchForm::describe);
  connect(searcher_, &QComboBox::currentTextChanged, this, &SearchForm::describe);
  // The options come and go; looking is simpler than listening to each.
  auto* timer = new QTimer(this);
  connect(timer, &QTimer::timeout, this, &SearchForm::showCommand);
  timer->start(250);
  showCommand();
}

void SearchForm::build() {
  auto* content = new QWidget(this);
  auto* form = new QFormLayout(content);
  form->setFieldGrowthPolicy(QFormLayout::ExpandingFieldsGrow);
  form->addRow(tr("Data&base"), store_ = new QLineEdit("searchlight.db", content));
  form->addRow(tr("&Name"), name_ = new QLineEdit(content));
  name_->setPlaceholderText(tr("chosen by nasctl"));
  form->addRow(tr("&Space"), space_ = new QComboBox(content));
  fill(space_, space_plugins());
  space_->setCurrentText("nasbench201");
  form->addRow(QString(), space_options_ = new OptionForm(content));
  form->addRow(tr("S&earcher"), searcher_ = new QComboBox(content));
  fill(searcher_, searcher_plugins());
  searcher_->setCurrentText("evolution");
  form->addRow(QString(), summary_ = new QLabel(content));
  summary_->setWordWrap(true);
  summary_->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
  form->addRow(QString(), searcher_options_ = new OptionForm(content));
  form->addRow(tr("&Data"), data_ = new QLineEdit("glyphs", content));
  data_->setToolTip(
      tr("<p>a data set: glyphs (built in), mnist:DIR, cifar10:DIR, …; empty when "
         "nothing is trained</p>"));
  form->addRow(tr("&Recipe"), preset_ = new QComboBox(content));
  preset_->addItems({"smoke", "short", "full"});
  preset_->setCurrentText("short");
  QStringList metrics{QString()};
  for (const MetricInfo& metric : metric_catalogue())
    metrics << QString::fromUtf8(metric.name.data(), static_cast<qsizetype>(metric.name.size()));
  form->addRow(tr("Ma&ximize"), maximize_ = new QComboBox(content));
  form->addRow(tr("M&inimize"), minimize_ = new QComboBox(content));
  maximize_->addItems(metrics);
  minimize_->addItems(metrics);
  maximize_->setCurrentText("accuracy");
  form->addRow(tr("&Constraint"), constraint_ = new QLineEdit(content));
  constraint_->setPlaceholderText(tr("such as params < 1M"));
  const int cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  form->addRow(tr("B&udget, trials"), budget_ = spin(content, 1, 1'000'000'000, 24));
  form->addRow(tr("&Workers"), workers_ = spin(content, 1, 1024, cores));
  form->addRow(tr("Seed nu&mber"), seed_ = spin(content, 0, 1'000'000'000, 0));

  auto* scroll = new QScrollArea(this);
  scroll->setWidget(content);
  scroll->setWidgetResizable(true);
  scroll->setFrameShape(QFrame::NoFrame);
  scroll->setFocusPolicy(Qt::NoFocus);  // its fields scroll it
  command_ = new QPlainTextEdit(this);
  command_->setReadOnly(true);
  command_->setTabChangesFocus(true);
  command_->setAccessibleName(tr("The command that will run"));
  command_->setMaximumHeight(fontMetrics().height() * 5);
  buttons_ = new QDialogButtonBox(QDialogButtonBox::Ok | QDialogButtonBox::Cancel, this);
  buttons_->button(QDialogButtonBox::Ok)->setText(tr("S&tart"));
  connect(buttons_, &QDialogButtonBox::accepted, this, &QDialog::accept);
  connect(buttons_, &QDialogButtonBox::rejected, this, &QDialog::reject);
  auto* layout = new QVBoxLayout(this);
  layout->addWidget(scroll, 1);
  layout->addWidget(command_);
  layout->addWidget(buttons_);
}

void SearchForm::describe() {
  const auto& space =
      find_plugin<SearchSpace>(space_plugins(), "space", space_->currentText().toStdString());
  const auto& searcher =
      find_plugin<Searcher>(searcher_plugins(), "searcher", searcher_->currentText().toStdString());
  space_options_->setFields(space.fields());
  searcher_options_->setFields(searcher.fields());
  summary_->setText(QString::fromStdString(std::string(searcher.summary)));
  summary_->setToolTip("<p>" + QString::fromStdString(std::string(searcher.paper)).toHtmlEscaped() +
                       "</p>");
}

void SearchForm::setStore(const QString& file) {
  store_->setText(file);
}

QString SearchForm::store() const {
  return store_->text().trimmed();
}

void SearchForm::setName(const QString& name) {
  name_->setText(name);
}

void SearchForm::choose(const QString& space, const QString& searcher) {
  space_->setCurrentText(space);
  searcher_->setCurrentText(searcher);
}

QStringList SearchForm::arguments() const {
  QStringList words{"search", "run", "--store", store()};
  const auto add = [&words](const QString& option, const QString& value) {
    if (!value.trimmed().isEmpty()) words << "--" + option << value.trimmed();
  };
  add("name", name_->text());
  add("space", space_->currentText());
  for (const QString& option : space_options_->changed()) add("space-option", option);
  add("searcher", searcher_->currentText());
  for (const QString& option : searcher_options_->changed()) add("searcher-option", option);
  add("data", data_->text());
  if (!data_->text().trimmed().isEmpty()) add("preset", preset_->currentText());
  add("maximize", maximize_->currentText());
  add("minimize", minimize_->currentText());
  add("constraint", constraint_->text());
  add("budget", QString::number(budget_->value()));
  add("workers", QString::number(workers_->value()));
  add("seed", QString::number(seed_->value()));
  words << "--progress"
        << "plain";
  return words;
}

void SearchForm::showCommand() {
  const QString command = shell_text("nasctl", arguments());
  if (command_->toPlainText() != command) command_->setPlainText(command);
  buttons_->button(QDialogButtonBox::Ok)->setEnabled(!store().isEmpty());
}

}  // namespace nas
