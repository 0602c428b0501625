#!/bin/bash
# A study whose coordinator and workers are killed by SIGKILL at random has the rows of an undisturbed one.
# usage: kill_study.sh NASCTL TRIALS WORKERS KILLS
set -u
nasctl=$1 trials=$2 workers=$3 kills=$4
dir=$(mktemp -d)
cd "$dir"
pids=()
coordinator=
finish() {
  kill -9 $coordinator "${pids[@]}" 2>/dev/null
  cd /
  rm -rf "$dir"
}
trap finish EXIT

study=(--space nasbench201 --searcher evolution:repeats=true --minimize params --maximize macs --workers "$((workers * 2))"
  --budget "$trials" --name cheap --quiet)
coordinate() {
  "$nasctl" search run "${study[@]}" --store queue.db --queue --lease 2 > /dev/null 2>> said &
  coordinator=$!
}
work() {
  "$nasctl" worker --store queue.db --study cheap --lease 2 --quiet 2>> said &
  pids[$1]=$!
}
rows() {
  "$nasctl" db query --store "$1" --format csv --limit 100000000 \
    "SELECT number, state, architecture.text, error, reused_from, violation,
       (SELECT group_concat(name || value) FROM metric WHERE trial_id = trial.id)
     FROM trial JOIN architecture ON architecture.id = architecture_id ORDER BY number"
}

"$nasctl" search run "${study[@]}" --store threads.db > /dev/null || exit 1
start=$(date +%s)
coordinate
until "$nasctl" db query --store queue.db "SELECT 1 FROM study" 2> /dev/null | grep -q 1; do sleep 0.05; done
for ((i = 0; i < workers; i++)); do work $i; done
killed=0
leaders=1
while kill -0 $coordinator 2>/dev/null; do
  sleep 0.$((RANDOM % 4 + 1))
  [ $killed -ge "$kills" ] && continue
  victim=$((RANDOM % (workers + 1)))
  if [ $victim = "$workers" ]; then
    kill -9 $coordinator 2>/dev/null
    wait $coordinator 2>/dev/null && break
    coordinate
    leaders=$((leaders + 1))
  else
    kill -9 "${pids[$victim]}" 2>/dev/null
    wait "${pids[$victim]}" 2>/dev/null
    work $victim
  fi
  killed=$((killed + 1))
done
wait $coordinator
code=$?
wait
rows threads.db > threads.csv
rows queue.db > queue.csv
echo "$trials trials, $workers workers, $killed killed ($((leaders - 1)) coordinators): $(($(date +%s) - start)) s"
"$nasctl" db check --store queue.db || exit 1
"$nasctl" db query --store queue.db "SELECT kind, count(*) AS events FROM event GROUP BY kind"
[ $code = 0 ] && cmp threads.csv queue.csv && echo "rows are equal: $(wc -l < queue.csv) lines"
