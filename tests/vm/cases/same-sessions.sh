# SPDX-License-Identifier: GPL-2.0-or-later
# Session mode by open-iscsi and by ours, each with its own daemon, on sessions to the same targets:
# stdout in any order (ours is that of the sessions' numbers, theirs is none) but for counters,
# stderr and exit status.
. "${VM_LIB%/*}/compare.sh"

A=$NAME:a
B=$NAME:b
# @1, @2: the numbers of the sessions to A and B
commands="-m session
-m session -P 1
-m session -P 3
-m session -s
-m session -r @1 -s
-m session -r /sys/class/iscsi_session/session@1 -s
-m session -r /sys/block/sda -s
-m session -R
-m session -r /sys/class/iscsi_session/session@1 --rescan
-m session -r 999 -s
-m session -r /sys/class/iscsi_host/host0 -s
-m session -r /etc/passwd -s
-m session -r @2 -P 2 -S
-m session -r @1 -o update -n node.startup -v automatic
-m session -r @1
-m session -r @1 -o update -n node.foo -v 33
-m session -r @1 -o delete
-m node -s
-m node -T $A -s
-m node -R
-m node -T $B -R
-m node -T nobody -R
-m node -T nobody -s
-m session -u
-m session
-m session -s
-m session -R
-m session -u
-m node -R
-m node -s"

each() { # PROGRAM...
	a=$(sid_of $A) b=$(sid_of $B)
	echo "$commands" | sed "s/@1/$a/; s/@2/$b/" | while read -r words; do
		echo "\$ iscsiadm $words"
		status=0
		set -f
		# shellcheck disable=SC2086 # words
		"$@" $words >$OUT 2>$ERR </dev/null || status=$?
		set +f
		sort $OUT
		cat $ERR
		echo "exit status $status"
	done | sed "/^[\$] /s/[0-9]//g; s/id: $a,/id: @1,/; s/id: $b,/id: @2,/; s/\[$a\]/[@1]/; s/\[$b\]/[@2]/
		s/SID: $a\$/SID: @1/; s/SID: $b\$/SID: @2/; s/octets: .*/octets: N/; s/_pdus: .*/_pdus: N/
		s/RECORD [23].*/RECORD/; s/^version [23].*/version/"
}

log_in() { # PROGRAM...
	expect 0 "$@" -m discovery -t st -p 127.0.0.1
	expect 0 "$@" -m node -T $A -l
	expect 0 "$@" -m node -T $B -l
}

lio_start
lio_target $A 8
lio_target $B 8 127.0.0.1:3262
log_in $THEIRS
each $THEIRS >/run/theirs
iscsid_stop

ISCSID=$BUILD/sbin/iscsid
iscsid_start
# shellcheck disable=SC2086 # words
log_in $OURS
# shellcheck disable=SC2086
each $OURS >/run/ours
diff -U4 /run/theirs /run/ours >/run/difference && exit
cat /run/difference
fail 'not the same (- open-iscsi, + ours)'
