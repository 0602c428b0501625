#!/bin/bash
# A study that prepares a supernet first, killed by SIGKILL at random instants and started again by the same command, ends with what an
# undisturbed one has: architecture parameters and weights (the state file, byte for byte), curves, warnings and rows.
# usage: kill_prepared_study.sh NASCTL KILLS [SEARCHER...]
set -u
nasctl=$1 kills=$2
shift 2
searchers=("$@")
[ $# = 0 ] && searchers=(drnas gdas darts:order=second pc_darts proxylessnas)
settings=channels=4,cells=1,batch=32,epochs=6,warmup_epochs=1,train_samples=256,held_out_samples=256,watch_samples=64,architecture_rate=0.05
dir=$(mktemp -d)
pid=
trap '[ -z "$pid" ] || kill -9 $pid 2> /dev/null; rm -rf "$dir"' EXIT

# The words of a study on the store of folder $1 with searcher $2.
words() {
  local separator=: options=$settings
  [[ $2 == *:* ]] && separator=,
  words=(search run --store "$dir/$1/results.db" --name study --space nasbench201 --searcher "$2$separator$options" --data glyphs
    --preset smoke --maximize accuracy --budget 2 --no-winner --quiet)
}
# Everything that the study in folder $1 ended with, in file $2. Fails where a part of it is missing: call it as a command of
# its own, since || and if would switch "set -e" off.
outcome() (
  set -e
  local store=(--store "$dir/$1/results.db")
  {
    sha256sum < "$dir/$1/models/study.search.safetensors"
    "$nasctl" search status study "${store[@]}" --curve --format csv
    "$nasctl" db query "${store[@]}" --format csv "SELECT kind, text FROM event WHERE kind IN ('search', 'stop') ORDER BY id"
    "$nasctl" db query "${store[@]}" --format csv "SELECT number, trial.state, architecture.text, metric.name, metric.value FROM trial
      JOIN architecture ON architecture.id = trial.architecture_id JOIN metric ON metric.trial_id = trial.id
      WHERE metric.name NOT LIKE '%seconds%' ORDER BY number, metric.name"
  } > "$2"
  "$nasctl" db check "${store[@]}" > /dev/null
)

killed=0 studies=0 different=0
declare -A took
while ((killed < kills)); do
  searcher=${searchers[studies % ${#searchers[@]}]}
  name=$((studies % ${#searchers[@]}))
  if [ ! -e "$dir/$name.expected" ]; then
    words "$name-undisturbed" "$searcher"
    start=$(date +%s%3N)
    "$nasctl" "${words[@]}" > /dev/null || exit 1
    took[$name]=$(($(date +%s%3N) - start))
    outcome "$name-undisturbed" "$dir/$name.expected"
    (($? == 0)) || exit 1
  fi
  folder=$name-$studies
  words "$folder" "$searcher"
  lives=0 code=137
  while ((lives < 5 && killed < kills)); do
    "$nasctl" "${words[@]}" > /dev/null 2>> "$dir/said" &
    pid=$!
    sleep "$(awk "BEGIN { printf \"%.3f\", ($RANDOM + 1) / 32768 * ${took[$name]} / 1000 * 0.6 }")"
    kill -9 $pid 2> /dev/null
    wait $pid 2> /dev/null
    code=$?
    pid=
    [ $code = 137 ] || break
    ((killed++, lives++))
  done
  if [ $code != 137 ] && [ $code != 0 ]; then
    echo "$searcher: a life ended by itself with code $code"
    tail -5 "$dir/said"
    exit 1
  fi
  "$nasctl" "${words[@]}" > /dev/null || { echo "$searcher: the killed study does not resume"; exit 1; }
  outcome "$folder" "$dir/outcome"
  (($? == 0)) || exit 1
  if ! cmp -s "$dir/outcome" "$dir/$name.expected"; then
    ((different++))
    echo "$searcher, after $lives kills: not what the undisturbed study ended with:"
    diff "$dir/$name.expected" "$dir/outcome"
  fi
  rm -rf "${dir:?}/$folder"
  ((studies++))
done
echo "$killed kills in $studies studies of ${#searchers[@]} searchers: $((studies - different)) end bit for bit as undisturbed ones"
[ $different = 0 ]
