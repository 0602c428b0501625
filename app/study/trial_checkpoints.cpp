#include "app/study/trial_checkpoints.h"

#include <sys/stat.h>
#include <unistd.h>

#include <system_error>
#include <utility>
#include <vector>

#include "app/study/study_owner.h"
#include "core/util/error.h"
#include "core/util/file_name.h"
#include "core/util/hash.h"
#include "core/util/text.h"

namespace nas {
namespace {

namespace fs = std::filesystem;

/// 0 where there is none. Whoever replaces a file gives the name to another inode.
std::uintmax_t file_number(const fs::path& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? status.st_ino : 0;
}

void remove_quietly(const fs::path& path) {
  std::error_code ignored;
  fs::remove(path, ignored);
}

/// Of what a study keeps when it is renamed or extended; ids are the same in every store.
std::string prefix_of(const StudyRow& study) {
  const std::string text = study.spec.space + " " + std::to_string(study.spec.seed) + " " +
                           std::to_string(study.created_us);
  return sha256_hex(text).substr(0, 8);
}

/// A second name of the file as it is now, or a copy where the file system has no such names.
void hold(const fs::path& from, const fs::path& to) {
  remove_quietly(to);
  std::error_code error;
  fs::create_hard_link(from, to, error);
  if (error) fs::copy_file(from, to, fs::copy_options::overwrite_existing, error);
  if (error) {
    throw Error(ErrorKind::kIo, "checkpoint '" + printable(to.string()) +
                                    "': cannot be written: " + error.message());
  }
}

}  // namespace

TrialCheckpoints::TrialCheckpoints(fs::path models, const StudyRow& study, std::string version)
    : directory_(std::move(models) / "checkpoints"),
      study_id_(study.id),
      prefix_(prefix_of(study)),
      version_(std::move(version)) {}

std::string TrialCheckpoints::name_of(std::int64_t number) const {
  return prefix_ + "-" + std::to_string(number);
}

TrialCheckpoints::Keeper::Keeper(const TrialCheckpoints& checkpoints, Store& store,
                                 const TakenTrial& trial)
    : checkpoints_(checkpoints), store_(store), trial_(trial) {
  make_directory(checkpoints_.directory_);
  const std::string owner = file_stem(process_name());
  working_ = checkpoints_.directory_ / (checkpoints_.name_of(trial.number) + "-" +
                                        std::to_string(trial.claim.token) + "-" + owner + ".work");
  remove_quietly(working_);
  if (trial.again) restore();
}

TrialCheckpoints::Keeper::~Keeper() {
  remove_quietly(working_);
}

void TrialCheckpoints::Keeper::restore() {
  const auto row = store_.find_artifact(kCheckpoint, checkpoints_.name_of(trial_.number));
  if (!row) return;
  const fs::path file = checkpoints_.directory_ / fs::path(row->path).filename();
  try {
    hold(file, working_);
    if (sha256_file(working_) != row->sha256) remove_quietly(working_);
  } catch (const Error&) {
    remove_quietly(working_);  // gone meanwhile, or not where this machine looks: from the start
  }
  stored_file_ = file_number(working_);
}

void TrialCheckpoints::Keeper::keep() noexcept {
  const std::uintmax_t file = file_number(working_);
  if (file == 0 || file == stored_file_) return;
  try {
    store_state(file);
  } catch (const std::exception&) {
    // The training continues; whoever takes it over begins at the state before.
  }
}

void TrialCheckpoints::Keeper::store_state(std::uintmax_t file) {
  const std::string name = checkpoints_.name_of(trial_.number);
  const fs::path held = working_.string() + ".held";
  hold(working_, held);
  const std::string sha256 = sha256_file(held);
  const std::string file_name = name + "-" + sha256 + ".safetensors";
  const auto bytes = static_cast<std::int64_t>(fs::file_size(held));
  fs::rename(held, checkpoints_.directory_ / file_name);
  const auto before = store_.find_artifact(kCheckpoint, name);
  const fs::path models = checkpoints_.directory_.parent_path().filename();
  store_.put_artifact({.kind = kCheckpoint,
                       .name = name,
                       .study_id = checkpoints_.study_id_,
                       .trial_id = trial_.claim.trial_id,
                       .architecture_id = trial_.claim.architecture_id,
                       .path = (models / "checkpoints" / file_name).string(),
                       .sha256 = sha256,
                       .bytes = bytes,
                       .version = checkpoints_.version_},
                      {});
  if (before && before->sha256 != sha256) {
    remove_quietly(checkpoints_.directory_ / fs::path(before->path).filename());
  }
  stored_file_ = file;
}

void TrialCheckpoints::remove(Store& store, std::int64_t number) const {
  const auto row = store.find_artifact(kCheckpoint, name_of(number));
  if (!row) return;
  store.remove_artifact(kCheckpoint, row->name);
  remove_quietly(directory_ / fs::path(row->path).filename());
}

void TrialCheckpoints::remove_finished(Store& store) const {
  for (const ArtifactRow& row : store.artifacts(kCheckpoint)) {
    const auto number = number_of(row.name);
    if (number && is_finished(store, *number)) remove(store, *number);
  }
  // What killed workers had open.
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(directory_, error)) {
    const auto number = number_of(entry.path().filename().string());
    if (number && is_finished(store, *number)) remove_quietly(entry.path());
  }
}

/// Of "1a2b3c4d-7" and "1a2b3c4d-7-...", where 1a2b3c4d is this study.
std::optional<std::int64_t> TrialCheckpoints::number_of(const std::string& name) const {
  const std::vector<std::string> parts = split(name, '-');
  if (parts.size() < 2 || parts[0] != prefix_) return std::nullopt;
  return parse_int(parts[1]);
}

bool TrialCheckpoints::is_finished(const Store& store, std::int64_t number) const {
  const std::int64_t wanted[] = {number};
  return !trial_queue(store).finished(study_id_, wanted).empty();
}

}  // namespace nas
