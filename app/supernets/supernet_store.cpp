#include "app/supernets/supernet_store.h"

#include <algorithm>

#include "app/supernets/unfinished_supernet.h"
#include "core/problems/data_kinds.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/file_name.h"
#include "core/util/hash.h"
#include "core/util/text.h"

namespace nas {
namespace {

constexpr const char* kInfoKey = "searchlight.supernet";

StoredSupernet stored_of(Session& session, ArtifactRow row) {
  StoredSupernet stored;
  stored.info = parse_supernet_info(row.info, "supernet '" + row.name + "'");
  stored.path = session.file_path(row.path);
  stored.row = std::move(row);
  return stored;
}

/// Was this file, which no row knows, written by a training of equal settings that was killed
/// before its row was?
bool is_left_behind(const std::filesystem::path& path, const SupernetInfo& info) {
  try {
    const auto metadata = parse_tensor_metadata(read_file(path), path.string());
    const auto found = metadata.find(kInfoKey);
    return found != metadata.end() &&
           parse_supernet_info(found->second, path.string()).settings() == info.settings();
  } catch (const Error&) {  // not ours
    return false;
  }
}

TensorFile read_weights(const StoredSupernet& stored) {
  const std::string name = "supernet '" + stored.row.name + "': " + stored.path.string();
  std::error_code error;
  if (!std::filesystem::exists(stored.path, error)) {
    throw Error(ErrorKind::kIo, name + " is missing; restore it, or train the supernet again");
  }
  const std::string bytes = read_file(stored.path);
  if (sha256_hex(bytes) != stored.row.sha256) {
    throw Error(ErrorKind::kData, name +
                                      ": is not the file that the database knows (other SHA-256); "
                                      "restore it, or train the supernet again");
  }
  return parse_tensor_file(bytes, name);
}

}  // namespace

void check_supernet_name(const std::string& name) {
  check_plain_name(name, "supernet");
}

std::optional<StoredSupernet> find_supernet(Session& session, const std::string& name) {
  if (!session.store_exists()) return std::nullopt;
  auto row = session.reader().find_artifact(kSupernet, name);
  if (!row) return std::nullopt;
  return stored_of(session, *std::move(row));
}

StoredSupernet known_supernet(Session& session, const std::string& name) {
  auto row = session.reader().find_artifact(kSupernet, name);
  if (row) return stored_of(session, *std::move(row));
  std::vector<std::string> names;
  for (const ArtifactRow& known : session.reader().artifacts(kSupernet)) {
    names.push_back(known.name);
  }
  for (const UnfinishedSupernet& unfinished : unfinished_supernets(session)) {
    if (unfinished.info.name != name) continue;
    throw Error(ErrorKind::kUsage,
                "supernet '" + name + "' is not trained to its end" +
                    (unfinished.running ? " yet" : "; continue with: " + unfinished.command));
  }
  throw Error(ErrorKind::kUsage, unknown_name("supernet", name, names));
}

std::vector<StoredSupernet> supernets(Session& session) {
  std::vector<StoredSupernet> all;
  for (ArtifactRow& row : session.reader().artifacts(kSupernet)) {
    all.push_back(stored_of(session, std::move(row)));
  }
  return all;
}

std::string OpenSupernet::identity() const {
  return "supernet=" + stored.row.name + "; " + sha256_mark(stored.row.sha256);
}

std::string OpenSupernet::untrained_part(const Architecture& subnet) const {
  const std::vector<bool> active = active_decisions(*space, subnet.choices);
  std::string first;
  std::size_t count = 0;
  for (std::size_t i = 0; i < info().trained.size() && i < active.size(); ++i) {
    const std::uint16_t choice = subnet.choices[i];
    if (!active[i] || std::ranges::find(info().trained[i], choice) != info().trained[i].end()) {
      continue;
    }
    const Decision& decision = space->decisions()[i];
    if (count++ == 0) first = decision.name + " = " + decision.choices[choice];
  }
  if (count == 0) return "";
  return "supernet '" + stored.row.name + "' was never trained on " + first +
         (count == 1 ? "" : " and " + std::to_string(count - 1) + " more");
}

std::int64_t parameter_count(const SupernetBank& bank) {
  if (const auto* angles = std::get_if<AngleBank>(&bank)) {
    return static_cast<std::int64_t>(angles->angles().size());
  }
  return std::get<WeightBank>(bank).parameter_count();
}

void check_has_supernet(const SearchSpace& space) {
  if (dynamic_cast<const AngleSharing*>(&space) != nullptr) return;
  if (space.blueprint(space.info().default_task)) return;
  throw Error(
      ErrorKind::kUnsupported,
      "space '" + space.info().name + "' has no supernet: its networks are not parts of one graph");
}

SupernetBank new_bank(const SearchSpace& space, const Task& task, std::uint64_t seed) {
  if (dynamic_cast<const AngleSharing*>(&space) != nullptr) return AngleBank(space, seed);
  auto blueprint = space.blueprint(task);
  if (!blueprint) check_has_supernet(space);
  return WeightBank(std::move(blueprint).value(), {.seed = seed, .purpose = Purpose::kInit});
}

OpenSupernet open_supernet(Session& session, const std::string& name) {
  StoredSupernet stored = known_supernet(session, name);
  const SupernetInfo& info = stored.info;
  const auto fail = [&](const std::string& why) {
    throw Error(ErrorKind::kData, "supernet '" + name + "' " + why);
  };
  const SearchSpace& space = session.space(info.space);
  if (space.info().version != info.space_version) {
    fail("was trained on version " + info.space_version + " of space '" + info.space.name +
         "', here is version " + space.info().version + "; train it again");
  }
  auto problem = session.problem(info.data);
  if (problem->data().id != info.data_id) {
    fail("was trained on " + info.data_id + ", and '" + printable(info.data) + "' is " +
         problem->data().id + " now");
  }
  const ProblemRecord* const problems[] = {&problem->record()};
  const Recipe recipe = parse_recipe(info.recipe, problems, "supernet '" + name + "'");
  const Task task = space.settle(task_for(space, *problem, recipe));
  if (network_text(space, task) != info.network) {
    fail("has weights of the network " + info.network + ", which its recipe no longer means");
  }
  const TensorFile weights = read_weights(stored);
  SupernetBank bank = new_bank(space, task, 0);
  const std::string where = "supernet '" + name + "': " + stored.path.string();
  std::visit([&](auto& shared) { shared.restore(weights, where); }, bank);
  return {std::move(stored), &space, task, std::move(problem), recipe, std::move(bank)};
}

std::filesystem::path supernet_path(Session& session, const SupernetInfo& info) {
  const std::filesystem::path folder = session.files_directory() / "supernets";
  const std::filesystem::path wanted = folder / (info.name + ".safetensors");
  std::error_code error;
  if (!std::filesystem::exists(wanted, error)) return wanted;
  if (const auto known = find_supernet(session, info.name);
      known && std::filesystem::exists(known->path, error) &&
      sha256_file(known->path) == known->row.sha256) {
    return known->path;
  }
  return is_left_behind(wanted, info) ? wanted : free_path(wanted);
}

StoredSupernet keep_supernet(Session& session, const SupernetInfo& info, const SupernetBank& bank,
                             std::span<const CurvePoint> curve) {
  TensorFile file = std::visit([](const auto& shared) { return shared.weights(); }, bank);
  file.metadata[kInfoKey] = to_json(info);
  const std::string bytes = format_tensor_file(file);
  const std::filesystem::path path = supernet_path(session, info);
  make_directory(path.parent_path());
  write_file_atomically(path, bytes);
  ArtifactRow row;
  row.kind = kSupernet;
  row.name = info.name;
  row.path = "supernets/" + path.filename().string();
  row.sha256 = sha256_hex(bytes);
  row.bytes = static_cast<std::int64_t>(bytes.size());
  row.info = file.metadata[kInfoKey];
  row.version = version_text();
  return stored_of(session, session.writer().put_artifact(row, curve));
}

Architecture subnet_of(const OpenSupernet& supernet, std::string_view space,
                       const Architecture& architecture) {
  const std::string& own = supernet.space->info().name;
  if (space != own) {
    throw Error(ErrorKind::kUsage, "supernet '" + supernet.info().name + "' is of space '" + own +
                                       "', the architecture of '" + printable(space) + "'");
  }
  validate(*supernet.space, architecture);
  Architecture subnet = architecture;
  make_canonical(*supernet.space, subnet);
  return subnet;
}

}  // namespace nas
