#include "app/host_models/device_fit.h"

#include <doctest/doctest.h>

#include "core/util/error.h"
#include "core/util/file.h"

using namespace nas;

TEST_CASE("device fit: a model stays, with its measurements, while --replace is not done") {
  const TemporaryDirectory directory;
  std::stop_source stopping;
  stopping.request_stop();
  Session session({directory.path() / "store.db", &no_progress(), stopping.get_token()});
  keep_device_model(session, "mine",
                    {.kind = "roofline",
                     .device = {"host", "cpu", "batch=1,threads=1,precision=float32"},
                     .roofline = {25, 250, 100, 0.005}},
                    "{}");
  const std::filesystem::path log = measurement_path(session, "mine");
  write_file_atomically(log, "old measurements\n");
  write_file_atomically(log.string() + ".new", "");
  DeviceFitRequest request{.name = "mine", .kind = "roofline", .spaces = {{"nasbench201", {}}}};
  CHECK_THROWS_WITH_AS(fit_device(session, request), doctest::Contains("--replace"), Error);
  request.replace = true;
  CHECK(fit_device(session, request).stopped);
  CHECK(load_device_model(session, "mine").model->state().roofline.launch_ms == 0.005);
  CHECK(read_file(log) == "old measurements\n");
  CHECK_FALSE(MeasurementLog(log.string() + ".new").settings().empty());
}

TEST_CASE("device fit: too few networks are said before any is measured") {
  const TemporaryDirectory directory;
  Session session({directory.path() / "store.db"});
  const DeviceFitRequest request{
      .name = "mine", .kind = "roofline", .spaces = {{"nasbench201", {}}}, .networks = 9};
  CHECK_THROWS_WITH_AS(fit_device(session, request),
                       doctest::Contains("a fit to 9 networks; it needs 10 or more"), Error);
  CHECK_FALSE(std::filesystem::exists(measurement_path(session, "mine")));
}
