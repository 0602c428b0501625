#include "app/study/study_preparation.h"

#include <algorithm>

#include "core/api/prepared_searcher.h"
#include "core/runtime/model.h"
#include "core/util/file_name.h"

namespace nas {
namespace {

std::filesystem::path checkpoint_of(const Session& session, const StudyConfig& config) {
  return session.models_directory() / (file_stem(config.name) + ".search.safetensors");
}

/// An epoch that runs again after a kill says the same again.
void add_event_once(Store& store, std::int64_t study, const std::string& text) {
  constexpr std::int64_t kMost = 10'000;
  const std::vector<EventRow> events = store.events(study, kMost);
  const bool known = std::any_of(events.begin(), events.end(), [&](const EventRow& event) {
    return event.kind == "search" && event.text == text;
  });
  if (known) return;
  EventRow event;
  event.study_id = study;
  event.kind = "search";
  event.text = text;
  store.add_event(event);
}

class PreparedFirst final : public Searcher {
 public:
  PreparedFirst(std::unique_ptr<Searcher> searcher, Preparation preparation, int threads)
      : searcher_(std::move(searcher)), preparation_(std::move(preparation)), threads_(threads) {}

  void start(const SearchSetup& setup) override {
    searcher_->start(setup);
    set_intra_op_threads(threads_);
    if (dynamic_cast<PreparedSearcher&>(*searcher_).prepare(preparation_)) return;
    throw PreparationStopped(ErrorKind::kUsage, "stopped on request before the first trial");
  }
  std::optional<Proposal> ask(std::int64_t number) override { return searcher_->ask(number); }
  void tell(const Told& told) override { searcher_->tell(told); }

 private:
  std::unique_ptr<Searcher> searcher_;
  Preparation preparation_;
  int threads_;
};

}  // namespace

std::unique_ptr<Searcher> study_searcher(Session& session, const StudyConfig& config,
                                         const StudyRow& study) {
  std::unique_ptr<Searcher> searcher = session.searcher(config.searcher);
  if (dynamic_cast<const PreparedSearcher*>(searcher.get()) == nullptr) return searcher;
  Preparation preparation{.problem = session.problem(config.data),
                          .checkpoint = checkpoint_of(session, config),
                          .progress = session.progress(),
                          .curve = {},
                          .event = {},
                          .stop = session.stop()};
  make_directory(session.models_directory());
  preparation.event = [&session, id = study.id](const std::string& text) {
    add_event_once(session.writer(), id, text);
    session.progress().message(text);
  };
  return std::make_unique<PreparedFirst>(std::move(searcher), std::move(preparation),
                                         static_cast<int>(config.workers));
}

void check_preparation(Session& session, const StudyConfig& config, const Searcher& searcher) {
  const auto* prepared = dynamic_cast<const PreparedSearcher*>(&searcher);
  if (prepared == nullptr) return;
  if (config.data.empty()) {
    throw Error(ErrorKind::kUsage, "searcher '" + config.searcher.name +
                                       "' trains a supernet and needs a data set, such as "
                                       "'cifar10:DIR' (also where accuracy is looked up)");
  }
  prepared->check_preparation(*session.problem(config.data));
  check_can_write(checkpoint_of(session, config));
}

}  // namespace nas
