#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# tests/bench/discovery.sh BUILD TARGETS: one discovery of so many targets through the real daemon
# and peer process, without a kernel session: the processor time of each, in ms.  As root.
set -eu
build=$1 count=$2
name=iqn.2026-01.org.example
dir=$(mktemp -d)
pids=()
cleanup() {
	for p in "${pids[@]}"; do kill "$p" 2>/dev/null || :; done
	wait
	rm -rf "$dir"
}
trap cleanup EXIT
mkdir "$dir/run"
echo "InitiatorName=$name:host" >"$dir/initiatorname"
: >"$dir/conf"

# the processor time of a process so far, in ns
used() {
	local time rest
	read -r time rest <"/proc/$1/schedstat"
	echo "$time"
}

targets=()
for ((i = 1; i <= count; i++)); do targets+=(--target "$name:disk$i"); done
"$build/sbin/iscsi-testtarget" --portal 127.0.0.1:0 --ready-fd 5 "${targets[@]}" 5>"$dir/portal" &
pids+=($!)
"$build/sbin/iscsid" -f -c "$dir/conf" -i "$dir/initiatorname" --control "$dir/run/control" \
	2>"$dir/log" &
daemon=$!
pids+=("$daemon")
for ((i = 0; i < 500; i++)); do
	[ -s "$dir/portal" ] && [ -S "$dir/run/control" ] && break
	sleep 0.02
done
portal=$(head -n 1 "$dir/portal")

parts=("$daemon")
for status in /proc/[0-9]*/status; do
	pid=${status#/proc/}
	pid=${pid%/status}
	parent=$(awk '$1 == "PPid:" { print $2 }' "$status" 2>/dev/null) || continue
	case " ${parts[*]} " in *" $parent "*) parts+=("$pid") ;; esac
done
declare -A before
for p in "${parts[@]}"; do before[$p]=$(used "$p"); done
began=$(date +%s%N)
"$build/sbin/iscsiadm" --control="$dir/run/control" --db="$dir/db" --config="$dir/conf" \
	-m discovery -t st -p "$portal" -o nonpersistent >"$dir/found"
ended=$(date +%s%N)
[ "$(wc -l <"$dir/found")" = "$count" ] || { echo 'not all targets were found' >&2; exit 1; }
total=0
for p in "${parts[@]}"; do
	t=$(($(used "$p") - before[$p]))
	total=$((total + t))
	printf '%-14s %4d.%d ms\n' "$(cat "/proc/$p/comm")" $((t / 1000000)) $((t / 100000 % 10))
done
printf '%-14s %4d.%d ms\n' 'the daemon' $((total / 1000000)) $((total / 100000 % 10))
printf '%-14s %4d ms\n' 'the command' $(((ended - began) / 1000000))
