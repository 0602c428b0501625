#include "app/study/study_log.h"

#include <utility>

namespace nas {

StudyLog::StudyLog(Store& store, std::int64_t study_id, double flush_seconds)
    : store_(store), study_id_(study_id), interval_(flush_seconds) {}

void StudyLog::point(std::int64_t epoch, std::string name, double value) {
  record_.points.push_back({epoch, std::move(name), value});
  flush_if_due();
}

void StudyLog::event(std::string kind, std::string text) {
  record_.events.push_back({std::move(kind), std::move(text)});
  flush_if_due();
}

void StudyLog::flush() {
  if (!record_.points.empty() || !record_.events.empty()) {
    store_.put_study_record(study_id_, record_);
  }
  record_ = {};
  since_flush_.restart();
}

void StudyLog::flush_if_due() {
  if (since_flush_.seconds() >= interval_.count()) flush();
}

}  // namespace nas
