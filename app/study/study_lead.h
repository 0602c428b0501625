#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/api/store.h"
#include "core/api/study_leads.h"

namespace nas {

/// Has a study for as long as it lives: its lease is renewed on a thread and connection of its own.
class StudyLead {
 public:
  /// A leader of this machine whose process is gone is not waited for. Throws Error(kUsage) while
  /// another process leads.
  StudyLead(Store& store, const StudyRow& study, std::vector<std::string> needs,
            double lease_seconds);
  ~StudyLead();  ///< leaves the study, if nobody has taken it
  StudyLead(const StudyLead&) = delete;
  StudyLead& operator=(const StudyLead&) = delete;

  const Lead& lead() const { return lead_; }
  /// Another process leads by now.
  bool lost() const { return lost_; }

 private:
  void keep();

  std::unique_ptr<Store> store_;
  const double lease_seconds_;
  Lead lead_;
  std::atomic<bool> lost_ = false;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace nas
