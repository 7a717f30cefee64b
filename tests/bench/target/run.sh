#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# run.sh BUILD SECONDS: the companion target and tgt by turns, each with a file of 256 MiB in memory
# and one connection; the median of three turns.
set -eu

build=$1 seconds=$2 turns=${TURNS:-3}
load=$build/tests/bench/target/load
root=$PWD/$build/fetched/root
ours=127.0.0.1:3271 theirs=127.0.0.1:3272
name=iqn.2026-01.org.example:bench
work=$(mktemp -d /dev/shm/bench-target.XXXXXX)
ours_pid='' theirs_pid=''

at_end() {
	[ -z "$ours_pid" ] || kill "$ours_pid" 2>/dev/null || :
	[ -z "$theirs_pid" ] || kill -9 "$theirs_pid" 2>/dev/null || : # SIGTERM does not end it
	rm -rf "$work"
}
trap at_end EXIT
trap 'exit 1' INT TERM

tgt() { # a program of tgt's package, with the libraries that came with it
	_program=$1
	shift
	LD_LIBRARY_PATH=$root/usr/lib/x86_64-linux-gnu TGT_IPC_SOCKET=$work/ipc \
		"$root/usr/sbin/$_program" "$@"
}

tgt_configure() {
	until tgt tgtadm --lld iscsi --op new --mode target --tid 1 -T $name 2>/dev/null; do
		sleep 0.001
	done
	tgt tgtadm --lld iscsi --op new --mode logicalunit --tid 1 --lun 1 -b "$work/theirs"
	tgt tgtadm --lld iscsi --op bind --mode target --tid 1 -I ALL
}

start_ours() {
	exec "$build/sbin/iscsi-testtarget" --portal $ours --target $name --lun "0,file=$work/ours"
}

start_theirs() {
	tgt_configure &
	cd "$work"
	LD_LIBRARY_PATH=$root/usr/lib/x86_64-linux-gnu TGT_IPC_SOCKET=$work/ipc \
		exec "$root/usr/sbin/tgtd" -f --iscsi portal=$theirs
}

median() { # of the column N in FILE
	awk -v c="$1" '{ print $c }' "$2" | sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

head -c 256M /dev/zero | tee "$work/ours" >"$work/theirs"
i=0
while [ $i -lt "$turns" ]; do
	i=$((i + 1))
	"$load" start $ours $name "$build/sbin/iscsi-testtarget" --portal $ours --target $name \
		--lun "0,file=$work/ours" >>"$work/ours.start"
done
(start_ours) 2>/dev/null &
ours_pid=$!
(start_theirs) >/dev/null 2>&1 &
theirs_pid=$!
for portal in $ours $theirs; do # both are there when a login succeeds
	until "$load" logins 1 1 $portal $name >/dev/null 2>&1; do sleep 0.05; done
done

i=0
while [ $i -lt "$turns" ]; do
	i=$((i + 1))
	for shape in 4k-read-1 4k-read-32 4k-write-32 128k-read-8 128k-write-8; do
		"$load" io $ours_pid $shape "$seconds" $ours $name 0 >>"$work/ours.$shape"
		"$load" io $theirs_pid $shape "$seconds" $theirs $name 1 >>"$work/theirs.$shape"
	done
	"$load" logins $ours_pid "$seconds" $ours $name >>"$work/ours.logins"
	"$load" logins $theirs_pid "$seconds" $theirs $name >>"$work/theirs.logins"
	"$load" memory $ours_pid 100 $ours $name >>"$work/ours.memory"
	"$load" memory $theirs_pid 100 $theirs $name >>"$work/theirs.memory"
done

printf '%-14s %-7s %9s %9s %9s %9s %9s %9s\n' shape target IOPS MB/s 'p50 us' 'p99 us' 'CPU us/IO' 'CPU %'
for shape in 4k-read-1 4k-read-32 4k-write-32 128k-read-8 128k-write-8; do
	for who in ours theirs; do
		f=$work/$who.$shape
		printf '%-14s %-7s %9s %9s %9s %9s %9s %9s\n' $shape "$([ $who = ours ] && echo ours || echo tgt)" \
			"$(median 1 "$f")" "$(median 2 "$f")" "$(median 3 "$f")" "$(median 4 "$f")" \
			"$(median 5 "$f")" "$(median 6 "$f")"
	done
done
printf '\n%-34s %9s %9s\n' '' ours tgt
printf '%-34s %9s %9s\n' 'login + logout a second' "$(median 1 "$work/ours.logins")" "$(median 1 "$work/theirs.logins")"
printf '%-34s %9s %9s\n' 'kB resident with 100 sessions' "$(median 1 "$work/ours.memory")" "$(median 1 "$work/theirs.memory")"
printf '%-34s %9s %9s\n' 'ms from start to the first login' "$(median 1 "$work/ours.start")" -
