# Shared by scripts/quickstart, scripts/test and .ci/run: source it, do not run it.
# Works in a bare Debian 12: bash and coreutils are all it takes.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

log_dir=build/logs
jobs=$(nproc)
report=()  # one line for each finished phase

die() {
  echo "error: $*" >&2
  exit 2
}

duration() {
  local s=$1
  if ((s < 60)); then echo "$s s"; else printf '%d min %02d s\n' $((s / 60)) $((s % 60)); fi
}

# Shows on a terminal how far a background command is: the last line of its log, redrawn in place.
follow() {
  local pid=$1 log=$2 columns line
  [[ -t 1 ]] || return 0
  columns=$(tput cols 2>/dev/null || echo 80)
  while kill -0 "$pid" 2>/dev/null; do
    line=$(tail -n 1 "$log" 2>/dev/null | tr -d '\r\033' || true)
    printf '\r    %.*s\033[K' $((columns - 6)) "$line"
    sleep 0.5
  done
  printf '\r\033[K'
}

# phase NAME COMMAND...: runs the command with its output in build/logs/NAME.log, prints one line with the
# time it took; on failure shows the end of the log and gives the command's status.
phase() {
  local name=$1 log status=0 pid start=$SECONDS
  shift
  mkdir -p "$log_dir"
  log=$log_dir/$name.log
  "$@" >"$log" 2>&1 </dev/null &
  pid=$!
  trap 'kill "$pid" 2>/dev/null || true; wait "$pid" 2>/dev/null || true; exit 130' INT TERM
  follow "$pid" "$log"
  wait "$pid" || status=$?
  trap - INT TERM
  finish_phase "$name" "$start" "$status"
  if ((status != 0)); then
    tail -n 60 "$log" >&2
    echo "error: phase '$name' failed (status $status); all of its output is in $log" >&2
  fi
  return "$status"
}

finish_phase() {
  local name=$1 start=$2 status=$3 mark=ok
  ((status == 0)) || mark=FAILED
  report+=("$(printf '%-10s %s' "$name" "$(duration $((SECONDS - start)))")")
  printf '==> %-10s %-6s %s\n' "$name" "$mark" "$(duration $((SECONDS - start)))"
}

print_times() {
  printf 'time:'
  printf '  %s;' "${report[@]}" | tr -s ' '
  printf ' all %s\n' "$(duration "$SECONDS")"
}

missing_packages() {
  local package
  while read -r package _; do
    [[ -z $package || $package == \#* ]] && continue
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || echo "$package"
  done <scripts/packages.txt
}

install_packages() {
  local sudo=()
  ((EUID == 0)) || sudo=(sudo)
  # A fresh image has no package lists, an old one has stale ones.
  "${sudo[@]}" apt-get update -qq
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
    -o Dpkg::Use-Pty=0 "$@"
}

# Installs what scripts/packages.txt lists and this machine lacks.
ensure_packages() {
  command -v dpkg-query >/dev/null || die "this is not Debian; install what scripts/packages.txt lists"
  local missing
  mapfile -t missing < <(missing_packages)
  if ((${#missing[@]} == 0)); then
    finish_phase packages "$SECONDS" 0
    return
  fi
  if ((EUID != 0)); then
    command -v sudo >/dev/null || die "run as root, or: apt-get install ${missing[*]}"
    sudo -v || die "these packages are missing: ${missing[*]}"  # asks now: phases have no terminal
  fi
  echo "    installing ${#missing[@]} packages: ${missing[*]}"
  phase packages install_packages "${missing[@]}"
}

# compile [TARGET...]: the preset `release`, everything by default.
compile() {
  phase configure cmake --preset release
  phase compile ninja -C build/release -j "$jobs" "$@"
}
