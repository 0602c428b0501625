#pragma once

#include <QObject>
#include <memory>
#include <thread>

#include "core/ir/draw/layout.h"

namespace nas {

/// Lays graphs out on a thread of its own. A new start cancels the one before.
class LayoutJob final : public QObject {
  Q_OBJECT

 public:
  using QObject::QObject;

  void start(const ArchGraph& graph, const LayoutOptions& options);
  void cancel();
  bool running() const { return running_; }
  /// Until the layout is there; for pictures without an event loop.
  void wait();

 Q_SIGNALS:
  void finished();
  void cancelled();

 public:
  /// The latest finished layout; null before the first.
  std::shared_ptr<const Layout> layout() const { return layout_; }

 private:
  struct Delivery;
  void take(std::shared_ptr<const Layout> layout, int generation);

  std::shared_ptr<const Layout> layout_;
  std::shared_ptr<Delivery> delivery_;  ///< where the present thread leaves its layout
  int generation_ = 0;                  ///< drops what a cancelled thread still sends
  bool running_ = false;
  std::jthread thread_;
};

}  // namespace nas
