#pragma once

#include <QMetaType>
#include <QString>
#include <QStringList>

namespace nas {

/// An architecture as commands of nasctl name it.
struct Subject {
  QString word;               ///< the argument ARCHITECTURE: "trial:first/12", or its own notation
  QString space;              ///< of its own notation; a trial has its study's
  QStringList space_options;  ///< "KEY=VALUE"
  QString store;              ///< the database it is in
  QString title;              ///< for people
  friend bool operator==(const Subject& a, const Subject& b) {
    return a.word == b.word && a.space == b.space && a.space_options == b.space_options &&
           a.store == b.store;
  }
};

}  // namespace nas

Q_DECLARE_METATYPE(nas::Subject)
