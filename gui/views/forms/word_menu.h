#pragma once

#include <QString>
#include <QStringList>
#include <functional>

class QLineEdit;

namespace nas {

/// A button in a line of text that opens a list of words to tick. `parts` splits the text, whose
/// words are what stands before a ':'; `with` adds a word or takes it away.
void add_word_menu(QLineEdit* line, const QStringList& words, const QStringList& meanings,
                   std::function<QStringList(const QString&)> parts,
                   std::function<QString(const QString&, const QString&, bool)> with);

}  // namespace nas
