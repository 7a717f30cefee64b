#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# How long logins take, side by side with Debian's open-iscsi in the same machine: make bench.
# The median of five turns; the two programs take turns.
. "$VM_LIB"

targets=16
turns=5

# stamp COMMAND...: milliseconds (the clock of the test machine ticks in 10 ms)
stamp() {
	_begin=$(date +%s%N)
	"$@" >$OUT 2>$ERR || {
		cat $OUT $ERR >&2
		fail "$*"
	}
	echo $((($(date +%s%N) - _begin) / 1000000))
}

median() { # of the numbers in FILE
	sort -n "$1" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

use() { # ours or reference: whose programs are run
	case $1 in
	ours) PATH=$BUILD/sbin:/usr/sbin:/usr/bin:/sbin:/bin ISCSID=$BUILD/sbin/iscsid ;;
	reference) PATH=/usr/sbin:/usr/bin:/sbin:/bin ISCSID=/usr/sbin/iscsid ;;
	esac
}

turn() {
	use "$1"
	iscsid_start
	stamp iscsiadm -m discovery -t st -p 127.0.0.1 >>/run/bench.$1.discovery
	stamp iscsiadm -m node -T $NAME:disk1 -l >>/run/bench.$1.one
	iscsiadm -m node -T $NAME:disk1 -u >/dev/null
	stamp iscsiadm -m node -l >>/run/bench.$1.all
	[ "$(sessions)" = $targets ] || fail "$(sessions) sessions"
	stamp iscsiadm -m session -P 3 >>/run/bench.$1.show
	stamp iscsiadm -m node -u >>/run/bench.$1.logout
	iscsid_stop
}

lio_start
i=0
while [ $i -lt $targets ]; do
	i=$((i + 1))
	lio_target $NAME:disk$i 8
done
i=0
while [ $i -lt $turns ]; do
	i=$((i + 1))
	turn reference
	turn ours
done

printf '%-28s %12s %12s\n' "milliseconds, $targets targets" open-iscsi ours
while read -r what title; do
	printf '%-28s %12s %12s\n' "$title" "$(median /run/bench.reference.$what)" \
		"$(median /run/bench.ours.$what)"
done <<END
discovery discovery
one one login
all $targets logins
show session -P 3
logout $targets logouts
END
