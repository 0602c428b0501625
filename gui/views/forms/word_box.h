#pragma once

#include <QComboBox>
#include <QStringList>
#include <vector>

namespace nas {

/// A line of text with a list of words that it can be. What a word means is in its tool tip. The
/// wheel scrolls the form around it as long as the line has no focus.
class WordBox final : public QComboBox {
  Q_OBJECT

 public:
  explicit WordBox(QWidget* parent = nullptr);
  /// The text stays.
  void setWords(const QStringList& words, const QStringList& meanings);
  QString text() const { return currentText().trimmed(); }
  void setText(const QString& text);
  void setPlaceholder(const QString& text);

 protected:
  void wheelEvent(QWheelEvent* event) override;
};

/// Any number of values: a line for each, with the words that it can be.
class ValueList final : public QWidget {
  Q_OBJECT

 public:
  explicit ValueList(QWidget* parent = nullptr);

  QStringList values() const;  ///< without empty lines
  void setValues(const QStringList& values);
  void setWords(const QStringList& words, const QStringList& meanings);
  void setPlaceholder(const QString& text);
  /// What screen readers call the lines and buttons.
  void setName(const QString& name, const QString& help);
  const std::vector<WordBox*>& lines() const { return lines_; }

 Q_SIGNALS:
  void changed();

 protected:
  /// The first line takes what the list is given. (A focus proxy would hide the buttons from Tab.)
  void focusInEvent(QFocusEvent* event) override;

 private:
  WordBox* addLine(const QString& value);
  void removeLine(WordBox* line);

  std::vector<WordBox*> lines_;
  QWidget* add_ = nullptr;
  QStringList words_, meanings_;
  QString placeholder_, name_, help_;
};

}  // namespace nas
