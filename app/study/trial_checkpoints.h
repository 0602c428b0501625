#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "app/study/study_trial.h"
#include "core/api/store.h"
#include "core/api/trial_queue.h"

namespace nas {

inline constexpr const char* kCheckpoint = "checkpoint";

/// Keeps the states of trainings of a study where all its workers can read them: files named by
/// their content, each an artifact of its trial, replaced after every epoch and removed when the
/// trial is finished.
class TrialCheckpoints {
 public:
  /// `models`: of the store (`Session::models_directory`).
  TrialCheckpoints(std::filesystem::path models, const StudyRow& study, std::string version);

  /// The state of one trial while this process evaluates it.
  class Keeper final : public ProgressSink {
   public:
    Keeper(const TrialCheckpoints& checkpoints, Store& store, const TakenTrial& trial);
    ~Keeper() override;  ///< removes the file that only this process knows
    Keeper(const Keeper&) = delete;
    Keeper& operator=(const Keeper&) = delete;

    /// What an evaluation reads and writes. A trial that somebody had before begins where the
    /// stored state ends.
    TrialCheckpoint checkpoint() { return {working_, *this}; }
    /// Stores the state if it is newer than the stored one; every step asks for it. A training
    /// never fails for a state that cannot be stored: it is tried again with the next step.
    void keep() noexcept;

   private:
    void begin(std::string_view, std::int64_t) override {}
    void update(std::int64_t, std::string_view) override { keep(); }
    void end() override {}
    void message(std::string_view) override {}
    void restore();
    void store_state(std::uintmax_t file);

    const TrialCheckpoints& checkpoints_;
    Store& store_;
    TakenTrial trial_;
    std::filesystem::path working_;
    std::uintmax_t stored_file_ = 0;  ///< inode of the file that was stored last
  };

  /// Forgets the state of a trial that is finished.
  void remove(Store& store, std::int64_t number) const;
  /// Forgets the states of all trials that are finished: a worker was killed before it could.
  void remove_finished(Store& store) const;

 private:
  std::string name_of(std::int64_t number) const;
  std::optional<std::int64_t> number_of(const std::string& name) const;
  bool is_finished(const Store& store, std::int64_t number) const;

  std::filesystem::path directory_;
  std::int64_t study_id_;
  std::string prefix_;  ///< of names: tells apart studies of several stores with one directory
  std::string version_;
};

}  // namespace nas
