#include <doctest/doctest.h>

#include <filesystem>
#include <string>

#include "core/util/file.h"
#include "tests/cli/program.h"

namespace nas::test {
namespace {

const std::string kStudy =
    "--space nasbench201 --searcher evolution --minimize params --maximize macs --workers 3 "
    "--budget 40 --name cheap ";
const std::string kRows =
    " --format csv \"SELECT number, state, architecture.text, reused_from, violation FROM trial "
    "JOIN architecture ON architecture.id = architecture_id ORDER BY number\"";

bool has_slurm() {
  return std::filesystem::exists("/usr/sbin/slurmctld") &&
         std::filesystem::exists("/usr/sbin/slurmd") && std::filesystem::exists("/usr/sbin/munged");
}

Outcome slurm_study(const TemporaryDirectory& directory, const std::string& trials) {
  return shell(directory.path(),
               std::string(NAS_SLURM_STUDY) + " \"$NASCTL\" " + NAS_SCRIPTS + " " + trials);
}

}  // namespace

TEST_CASE("cluster run: without Slurm one line says so, and what to do") {
  const TemporaryDirectory directory;
  const Outcome outcome =
      shell(directory.path(), "PATH=/nowhere $NASCTL cluster run study --slurm");
  CHECK(is_one_line_error(outcome));
  CHECK(outcome.err.find("there is no Slurm here: 'sbatch' is not in PATH") != std::string::npos);
  const Outcome nothing = shell(directory.path(), "$NASCTL cluster run study");
  CHECK(is_one_line_error(nothing));
  CHECK(nothing.err.find("one of --slurm, --shell N, --ssh") != std::string::npos);
}

TEST_CASE("cluster run --ssh: a file and a password are no store for other machines") {
  const TemporaryDirectory directory;
  const Outcome file = shell(directory.path(), "$NASCTL cluster run study --ssh node1");
  CHECK(is_one_line_error(file));
  CHECK(file.err.find("use a server (docs/server.md)") != std::string::npos);
  const Outcome password = shell(
      directory.path(), "$NASCTL cluster run study --ssh node1 --store postgresql://a:b@db/nas");
  CHECK(is_one_line_error(password));
  CHECK(password.err.find("put it into ~/.pgpass") != std::string::npos);
  const Outcome host = shell(directory.path(), "$NASCTL cluster run study --ssh '-oX=y'");
  CHECK(is_one_line_error(host));
}

TEST_CASE("cluster: jobs of another machine and what is no job end nothing here") {
  const TemporaryDirectory directory;
  REQUIRE(shell(directory.path(), "$NASCTL search run " + kStudy + "--quiet").code == 0);
  const auto with_job = [&](const std::string& launcher, const std::string& job) {
    return shell(directory.path(),
                 "python3 -c \"import sqlite3; d = sqlite3.connect('searchlight.db'); "
                 "d.execute('DELETE FROM allocation'); d.execute('INSERT INTO allocation "
                 "(study_id, launcher, job, workers, asked_us) VALUES (1, ?, ?, 1, 0)', ('" +
                     launcher + "', '" + job + "')); d.commit()\"");
  };
  REQUIRE(with_job("shell", "elsewhere:1").code == 0);
  const Outcome status = shell(directory.path(), "$NASCTL cluster status cheap");
  CHECK(status.out.find("on another machine") != std::string::npos);
  const Outcome stop = shell(directory.path(), "$NASCTL cluster stop cheap");
  CHECK(is_one_line_error(stop));
  CHECK(stop.err.find("job runs on another machine; stop it there") != std::string::npos);
  for (const char* job : {"-oProxyCommand=true:1", "host:0", "host", "host:1;true", "ho st:1"}) {
    REQUIRE(with_job("ssh", job).code == 0);
    const Outcome refused = shell(directory.path(), "$NASCTL cluster stop cheap");
    CAPTURE(job);
    CHECK(is_one_line_error(refused));
    CHECK(refused.err.find("expected 'machine:process' words as a job") != std::string::npos);
  }
  // Programs in the place of ssh and of Slurm's that fail.
  REQUIRE(shell(directory.path(),
                "mkdir bin; printf '#!/bin/sh\\nexit 255\\n' > bin/ssh; "
                "printf '#!/bin/sh\\necho RUNNING\\n' > bin/squeue; "
                "printf '#!/bin/sh\\necho denied >&2; exit 1\\n' > bin/scancel; "
                "cp bin/scancel bin/sbatch; chmod +x bin/*")
              .code == 0);
  const auto stop_in_vain = [&](const std::string& launcher, const std::string& job) {
    REQUIRE(with_job(launcher, job).code == 0);
    const Outcome outcome =
        shell(directory.path(), "PATH=$PWD/bin:$PATH $NASCTL cluster stop cheap");
    CHECK(outcome.code == 2);
    return outcome.err;
  };
  CHECK(stop_in_vain("ssh", "ada@node-1:17").find("not reached") != std::string::npos);
  CHECK(stop_in_vain("slurm", "17_3").find("scancel 17_3 failed: denied") != std::string::npos);
  CHECK(stop_in_vain("slurm", "17 -u ada").find("number of a Slurm job") != std::string::npos);
}

TEST_CASE("cluster run: workers that end at once are not started for ever") {
  const TemporaryDirectory directory;
  REQUIRE(shell(directory.path(), "$NASCTL search run " + kStudy + "--dry-run > study.toml").code ==
          0);
  const Outcome fleet = shell(directory.path(),
                              "timeout -s INT 5 $NASCTL cluster run study.toml --shell 2 --look "
                              "0.1 --program /bin/false");
  CAPTURE(fleet.err);
  CHECK(fleet.err.find("workers end at once; see ") != std::string::npos);
  CHECK(fleet.err.find("nobody takes the trials") == std::string::npos);
  const Outcome jobs =
      shell(directory.path(), "[ $($NASCTL cluster status cheap --json | grep -c shell) -le 8 ]");
  CHECK(jobs.code == 0);
}

TEST_CASE("cluster run: processes of this machine give the rows of threads, and end") {
  const TemporaryDirectory directory;
  const Outcome local =
      shell(directory.path(), "$NASCTL search run " + kStudy + "--store local.db --quiet");
  REQUIRE(local.code == 0);
  REQUIRE(shell(directory.path(), "$NASCTL search run " + kStudy + "--dry-run > study.toml").code ==
          0);
  const Outcome fleet =
      shell(directory.path(),
            "$NASCTL cluster run study.toml --store shared.db --shell 3 --look 0.2 --idle-exit 1");
  CAPTURE(fleet.err);
  REQUIRE(fleet.code == 0);
  CHECK(shell(directory.path(), "$NASCTL db query --store local.db" + kRows).out ==
        shell(directory.path(), "$NASCTL db query --store shared.db" + kRows).out);
  const Outcome status =
      shell(directory.path(), "$NASCTL cluster status cheap --store shared.db --json");
  CHECK(status.out.find("\"launcher\":\"shell\"") != std::string::npos);
  // Nobody waits for the workers: they end with their study.
  const Outcome ended =
      shell(directory.path(),
            "for i in $(seq 100); do $NASCTL worker list --store shared.db "
            "--json | tr -d '\\n' | grep -q '\"rows\":\\[\\]' && exit 0; sleep 0.1; "
            "done; "
            "exit 1");
  CHECK(ended.code == 0);
}

TEST_CASE("a worker that is told of the time limit ends with 75, one that is stopped with 130") {
  const TemporaryDirectory directory;
  REQUIRE(shell(directory.path(), "$NASCTL search run " + kStudy + "--quiet").code == 0);
  for (const auto& [signal, code] : {std::pair{"USR1", 75}, {"TERM", 130}}) {
    const Outcome outcome =
        shell(directory.path(),
              std::string("$NASCTL worker 2> said & worker=$!; until $NASCTL worker list --json | "
                          "grep -q idle; do sleep 0.05; done; kill -") +
                  signal + " $worker; wait $worker");
    CHECK(outcome.code == code);
  }
}

TEST_CASE("acceptance: 40 trainings over Slurm with requeued jobs equal those on threads") {
  if (!has_slurm()) {
    MESSAGE("SKIPPED: no slurmctld, slurmd and munged here; apt-get install slurm-wlm munge");
    return;
  }
  const TemporaryDirectory directory;
  const Outcome outcome = slurm_study(directory, "40");
  CAPTURE(outcome.err);
  CAPTURE(outcome.out);
  CHECK(outcome.code == 0);
}

}  // namespace nas::test
