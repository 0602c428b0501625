#!/bin/bash
# A study of trainings over arrays of Slurm, with jobs that are put back into the queue, a node that is drained and a
# coordinator that is killed, has the rows and curves of the same study on threads.
# usage: slurm_study.sh NASCTL SCRIPTS TRIALS
set -eu
nasctl=$1 scripts=$2 trials=$3
dir=$(mktemp -d)
cd "$dir"
coordinator=
finish() {
  [ -n "$coordinator" ] && kill -9 "$coordinator" 2>/dev/null || true
  "$scripts/one_node_slurm" stop "$dir/slurm"
  cd /
  rm -rf "$dir"
}
trap finish EXIT
"$scripts/one_node_slurm" start "$dir/slurm"
source "$dir/slurm/environment"

"$nasctl" search run --name trained --space nasbench201 --searcher evolution:population=5 --data glyphs --preset smoke \
  --recipe epochs=4 --no-winner --workers 3 --seed 3 --budget "$trials" --dry-run > study.toml

rows() {
  "$nasctl" db query --store "$1" --format csv \
    "SELECT number, state, architecture.text, error, reused_from, violation FROM trial
     JOIN architecture ON architecture.id = architecture_id ORDER BY number"
  "$nasctl" db query --store "$1" --format csv \
    "SELECT trial_number, name, value FROM metric ORDER BY trial_number, name"
  "$nasctl" db query --store "$1" --format csv \
    "SELECT number, epoch, name, value FROM curve JOIN trial ON trial.id = trial_id ORDER BY number, position"
}

coordinate() {
  "$nasctl" cluster run study.toml --store shared.db --slurm --max-workers 3 --look 1 --idle-exit 5 \
    --progress none 2>> coordinator.log &
  coordinator=$!
}

# A task of the array that has run for a while.
running_task() {
  for _ in $(seq 600); do
    local task
    task=$(squeue -h -r -t R -o %i | head -1)
    if [ -n "$task" ]; then echo "$task"; return; fi
    kill -0 "$coordinator" 2>/dev/null || return 0
    sleep 0.1
  done
}

start=$(date +%s)
"$nasctl" search run study.toml --store local.db --quiet > /dev/null
echo "on threads: $(($(date +%s) - start)) s"
start=$(date +%s)
coordinate
requeued=0
for pause in 3 2; do
  task=$(running_task)
  sleep $pause
  [ -n "$task" ] && scontrol requeue "$task" && requeued=$((requeued + 1))
done
kill -9 "$coordinator"
coordinate
task=$(running_task)
node=$(sinfo -h -o %n)
scontrol update "NodeName=$node" State=drain Reason=test
sleep 2
scontrol update "NodeName=$node" State=resume
wait "$coordinator"
coordinator=
echo "over Slurm: $(($(date +%s) - start)) s, $requeued jobs requeued"
"$nasctl" cluster status trained --store shared.db
"$nasctl" db query --store shared.db "SELECT kind, count(*) AS events FROM event GROUP BY kind"
rows local.db > local.csv
rows shared.db > shared.csv
diff local.csv shared.csv
echo "equal: $(wc -l < shared.csv) lines"
[ "$requeued" = 2 ]
