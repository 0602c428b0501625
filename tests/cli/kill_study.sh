#!/bin/bash
# A study whose coordinator and workers are killed by SIGKILL at random has the rows of an undisturbed one. With "server" the store
# is on a PostgreSQL server of its own, which is ended without a shutdown at every tenth kill and started again.
# usage: kill_study.sh NASCTL TRIALS WORKERS KILLS [file|server [OPTION...]]: options of 'search run' that say what is searched, such as
# --searcher random --maximize accuracy --data glyphs --recipe epochs=3; workers that train are killed more rarely
set -u
nasctl=$1 trials=$2 workers=$3 kills=$4 kind=${5:-file}
shift $(($# < 5 ? $# : 5))
searched=("$@")
[ $# = 0 ] && searched=(--searcher evolution:repeats=true --minimize params --maximize macs)
lease=$(($# > 0 ? 10 : 2))
dir=$(mktemp -d)
cd "$dir"
pids=()
coordinator=

# The server refuses to run as root.
as_server() {
  if [ "$(id -u)" = 0 ]; then setpriv --reuid=postgres --regid=postgres --clear-groups "$@"; else "$@"; fi
}
server() { as_server "$programs/pg_ctl" -s -w -D "$dir/server/data" -l "$dir/server/log" "$@"; }
make_server() {
  programs=$(ls -d /usr/lib/postgresql/*/bin 2> /dev/null | sort -V | tail -1)
  [ -x "$programs/initdb" ] || { echo "this needs a PostgreSQL server (package postgresql)" >&2; exit 2; }
  mkdir server
  chmod 711 .
  [ "$(id -u)" = 0 ] && chown postgres server
  as_server "$programs/initdb" -D "$dir/server/data" -U postgres --auth=trust --locale=C --encoding=UTF8 > server.log || exit 1
  cat >> server/data/postgresql.conf <<< "listen_addresses = ''
unix_socket_directories = '$dir/server'
max_connections = $((workers * 6 + 50))"
  server start || exit 1
}
sql() { "$programs/psql" -X -q -t -A -h "$dir/server" -U postgres -c "SET search_path TO searchlight" -c "$1" postgres 2> /dev/null; }

finish() {
  kill -9 $coordinator "${pids[@]}" 2> /dev/null
  [ "$kind" = server ] && server -m immediate stop
  cd /
  rm -rf "$dir"
}
trap finish EXIT

store=queue.db
if [ "$kind" = server ]; then
  make_server
  store="postgresql://postgres@/postgres?host=$dir/server"
fi
study=(--space nasbench201 "${searched[@]}" --workers "$((workers * 2))"
  --budget "$trials" --name cheap --quiet)
coordinate() {
  "$nasctl" search run "${study[@]}" --store "$store" --queue --lease $lease > /dev/null 2>> led &
  coordinator=$!
}
work() {
  "$nasctl" worker --store "$store" --study cheap --lease $lease --quiet 2>> said &
  pids[$1]=$!
}
rows() {
  "$nasctl" db query --store "$1" --format csv --limit 100000000 \
    "SELECT number, state, architecture.text, error, reused_from, violation,
       (SELECT group_concat(name || value) FROM metric WHERE metric.architecture_id = trial.architecture_id AND trial_id = trial.id)
     FROM trial JOIN architecture ON architecture.id = architecture_id ORDER BY number"
}
# Nobody may hold a trial for longer than a lease from now.
held_too_long=0
look_at_leases() {
  local longest
  longest=$(sql "SELECT coalesce(max(lease_until_us - now_us()), 0) / 1000000.0 > $lease + 0.1 FROM trial WHERE state = 'running'")
  [ "$longest" = t ] && held_too_long=$((held_too_long + 1))
}

"$nasctl" search run "${study[@]}" --store threads.db > /dev/null || exit 1
start=$(date +%s)
coordinate
until "$nasctl" db query --store "$store" "SELECT 1 FROM study" 2> /dev/null | grep -q 1; do sleep 0.05; done
for ((i = 0; i < workers; i++)); do work $i; done
pause=$(($# > 0 ? 2 : 0))
killed=0
leaders=1
crashes=0
# Has it ended by itself? One that began while the server was away says so and ends: the same command once more.
coordinator_has_ended() {
  kill -0 $coordinator 2> /dev/null && return 1
  wait $coordinator
  code=$?
  [ "$kind" = server ] && [ $code = 2 ] && tail -1 led | grep -q "cannot be reached\|takes no connection" || return 0
  coordinate
  leaders=$((leaders + 1))
  return 1
}
until coordinator_has_ended; do
  sleep $pause.$((RANDOM % 4 + 1))
  [ $killed -ge "$kills" ] && continue
  victim=$((RANDOM % (workers + 1)))
  if [ "$kind" = server ] && [ $((killed % 10)) = 9 ]; then
    server -m immediate stop
    server start || exit 1
    crashes=$((crashes + 1))
  elif [ $victim = "$workers" ]; then
    kill -9 $coordinator 2> /dev/null
    wait $coordinator 2> /dev/null && { code=0; break; }
    coordinate
    leaders=$((leaders + 1))
  else
    kill -9 "${pids[$victim]}" 2> /dev/null
    wait "${pids[$victim]}" 2> /dev/null
    work $victim
  fi
  killed=$((killed + 1))
  [ "$kind" = server ] && look_at_leases
done
wait "${pids[@]}"
took=$(($(date +%s) - start))
if [ "$kind" = server ]; then
  "$nasctl" db check --store "$store" || exit 1
  "$nasctl" db copy "$store" queue.db > /dev/null || exit 1
fi
rows threads.db > threads.csv
rows queue.db > queue.csv
echo "$trials trials, $workers workers, $killed killed ($((leaders - 1)) coordinators, $crashes times the server): $took s"
"$nasctl" db check --store queue.db || exit 1
"$nasctl" db query --store queue.db "SELECT kind, count(*) AS events FROM event GROUP BY kind"
[ $held_too_long = 0 ] || echo "$held_too_long times a trial was held for longer than its lease"
[ $code = 0 ] && [ $held_too_long = 0 ] && cmp threads.csv queue.csv && echo "rows are equal: $(wc -l < queue.csv) lines"
