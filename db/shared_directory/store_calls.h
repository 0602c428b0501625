#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "core/api/typed_query.h"
#include "db/shared_directory/wire_fields.h"

namespace nas {

// The methods of a store as calls that can be written down: a number and the bytes of the
// arguments, answered by the bytes of the result.

/// How an argument is kept while it is on its way.
template <class T>
struct KeptArgument {
  using Type = std::remove_cvref_t<T>;
};
template <>
struct KeptArgument<std::string_view> {
  using Type = std::string;
};
template <class T>
struct KeptArgument<std::span<const T>> {
  using Type = std::vector<T>;
};

template <class Pointer>
struct CallTraits;
template <class C, class R, class... Args>
struct CallTraits<R (C::*)(Args...)> {
  using Class = C;
  using Result = R;
  using Arguments = std::tuple<typename KeptArgument<Args>::Type...>;
  static constexpr bool kWrites = true;
};
template <class C, class R, class... Args>
struct CallTraits<R (C::*)(Args...) const> : CallTraits<R (C::*)(Args...)> {
  static constexpr bool kWrites = false;
};

/// A query whose values have types, and their flags.
struct TypedRows {
  QueryResult rows;
  NumberFlags numbers;
};

template <auto Method>
struct Call {
  using Traits = CallTraits<decltype(Method)>;

  static typename Traits::Arguments read(std::string_view bytes) {
    WireReader in(bytes);
    return read(in, static_cast<typename Traits::Arguments*>(nullptr));
  }
  static std::string run(Store& store, std::string_view bytes) {
    auto& target = dynamic_cast<typename Traits::Class&>(store);
    const auto invoke = [&target](const auto&... arguments) {
      return std::invoke(Method, target, arguments...);
    };
    std::string result;
    if constexpr (std::is_void_v<typename Traits::Result>) {
      std::apply(invoke, read(bytes));
    } else {
      put(result, std::apply(invoke, read(bytes)));
    }
    return result;
  }
  static void layout(std::string& out) {
    layout(out, static_cast<typename Traits::Arguments*>(nullptr));
    out += '=';
    wire_layout<typename Traits::Result>(out);
    out += ';';
  }

 private:
  template <class... Kept>
  static std::tuple<Kept...> read(WireReader& in, std::tuple<Kept...>* /*type*/) {
    return std::tuple<Kept...>{get<Kept>(in)...};  // braces: from left to right
  }
  template <class... Kept>
  static void layout(std::string& out, std::tuple<Kept...>* /*type*/) {
    (wire_layout<Kept>(out), ...);
  }
};

template <auto... Methods>
struct CallList {
  static constexpr std::size_t kCount = sizeof...(Methods);

  template <auto Method>
  static constexpr std::size_t index() {
    std::size_t at = 0;
    (void)((std::is_same_v<Call<Method>, Call<Methods>> || (++at, false)) || ...);
    static_assert(std::disjunction_v<std::is_same<Call<Method>, Call<Methods>>...>);
    return at;
  }
  static std::string run(Store& store, std::size_t index, std::string_view bytes) {
    using Run = std::string (*)(Store&, std::string_view);
    static constexpr Run kRuns[] = {&Call<Methods>::run...};
    if (index >= kCount) throw Error(ErrorKind::kData, "a journal holds an unknown call");
    return kRuns[index](store, bytes);
  }
  /// Of all calls; equal programs have equal texts.
  static std::string layout() {
    std::string text;
    (Call<Methods>::layout(text), ...);
    return text;
  }
};

using StoreCalls = CallList<
    &StudyStore::create_study, &StudyStore::find_study, &StudyStore::studies,
    &StudyStore::set_study_state, &StudyStore::add_event, &StudyStore::events, &TrialStore::claim,
    &TrialStore::renew, &TrialStore::finish, &TrialStore::reclaim, &TrialStore::trials,
    &TrialStore::curve, &ResultStore::leaderboard, &ResultStore::find_metric,
    &ResultStore::add_metrics, &ResultStore::add_model, &ResultStore::models,
    &CatalogStore::add_dataset, &CatalogStore::datasets, &CatalogStore::devices,
    &BenchmarkStore::put_benchmark, &BenchmarkStore::put_benchmark_columns,
    &BenchmarkStore::benchmarks, &BenchmarkStore::open_benchmark, &BenchmarkStore::remove_benchmark,
    &PredictorStore::put_predictor, &PredictorStore::predictors, &ArtifactStore::put_artifact,
    &ArtifactStore::find_artifact, &ArtifactStore::artifacts, &ArtifactStore::artifact_curve,
    &ArtifactStore::remove_artifact, &StudyCurveStore::put_study_record,
    &StudyCurveStore::study_curve, &StoreAdmin::query, &StoreAdmin::stats, &StoreAdmin::check,
    &DeviceStore::add_device, &DeviceStore::device_records, &DeviceStore::device_values,
    &StudyEditor::change_study, &StudyEditor::remove_study, &StudyLeads::lead,
    &StudyLeads::renew_lead, &StudyLeads::leave, &StudyLeads::leader, &TrialQueue::enqueue,
    &TrialQueue::withdraw, &TrialQueue::take, &TrialQueue::finish_all, &TrialQueue::finish_and_take,
    &TrialQueue::release, &TrialQueue::backlog, &TrialQueue::finished, &TrialQueue::finished_equals,
    &WorkerRegistry::judge_in, &WorkerRegistry::add_worker, &WorkerRegistry::beat,
    &WorkerRegistry::workers, &WorkerRegistry::running, &WorkerRegistry::now_us,
    &WorkerRegistry::add_allocation, &WorkerRegistry::end_allocation, &WorkerRegistry::allocations,
    &WorkerRegistry::judged_elsewhere>;

/// The bytes of the arguments of `Method`.
template <auto Method, class... Args>
std::string call_bytes(const Args&... arguments) {
  std::string bytes;
  (put(bytes, arguments), ...);
  return bytes;
}

}  // namespace nas
