#include "gui/graph/layout_job.h"

#include <QMetaObject>

namespace nas {

/// Written by the thread, read after it was joined or from its queued call.
struct LayoutJob::Delivery {
  std::shared_ptr<const Layout> layout;
};

void LayoutJob::start(const ArchGraph& graph, const LayoutOptions& options) {
  const int generation = ++generation_;
  running_ = true;
  auto delivery = std::make_shared<Delivery>();
  delivery_ = delivery;
  // Assigning joins the thread before, whose stop is requested first: sweeps end within
  // milliseconds.
  thread_ = std::jthread([this, graph, options, generation, delivery](const std::stop_token& stop) {
    auto layout = std::make_shared<const Layout>(layout_graph(graph, options, stop));
    if (stop.stop_requested()) return;
    delivery->layout = layout;
    QMetaObject::invokeMethod(
        this, [this, layout, generation] { take(layout, generation); }, Qt::QueuedConnection);
  });
}

void LayoutJob::take(std::shared_ptr<const Layout> layout, int generation) {
  if (generation != generation_ || !running_) return;
  layout_ = std::move(layout);
  running_ = false;
  Q_EMIT finished();
}

void LayoutJob::cancel() {
  if (!running_) return;
  thread_.request_stop();
  ++generation_;
  running_ = false;
  Q_EMIT cancelled();
}

void LayoutJob::wait() {
  if (!running_) return;
  thread_.join();
  take(delivery_->layout, generation_);
}

}  // namespace nas
