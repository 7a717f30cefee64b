#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Many sessions in the test machine, each with a target and a disk of its own: what logging in, being
# looked at, a daemon that is killed, and logging out take; side by side with Debian's open-iscsi
# where that is to be borne.  make bench-sessions SESSIONS="16 64" [AGAINST=lio]
#
# In this machine a system call costs some 40 us and a fork 5 ms: ratios count, and growth.
. "$VM_LIB"
. "${VM_LIB%/*}/processes.sh"

reference_max=64
connections=''

use() { # ours or reference: whose programs are run
	case $1 in
	ours) PATH=$BUILD/sbin:/usr/sbin:/usr/bin:/sbin:/bin ISCSID=$BUILD/sbin/iscsid ;;
	reference) PATH=/usr/sbin:/usr/bin:/sbin:/bin ISCSID=/usr/sbin/iscsid ;;
	esac
}

# note WHAT VALUE: a figure of the turn
note() {
	echo "$2" >"/run/bench.$who.$n.$1"
}

# stamp STATUS WHAT COMMAND...: milliseconds
stamp() {
	_status=$1 _what=$2
	shift 2
	_begin=$(date +%s%N)
	expect "$_status" "$@"
	note "$_what" $((($(date +%s%N) - _begin) / 1000000))
}

sessions_are() {
	[ "$(sessions)" = "$1" ]
}

# lines of the log that say that a session is there again
taken_up() {
	[ "$(grep -c -e ': adopted' -e 'operational after recovery' $ISCSID_LOG)" -ge "$1" ]
}

made() { # connections, ever, on the target's side
	"$BUILD/sbin/targetctl" counters | sed -n 's/^connections=//p'
}

turn() {
	who=$1 n=$2
	use "$who"
	: >$ISCSID_LOG
	iscsid_start
	expect 0 iscsiadm -m discovery -t st -p 127.0.0.1
	note idle "$(private_memory "$iscsid_pid")"
	stamp 0 login iscsiadm -m node -l
	sessions_are "$n" || fail "$(sessions) sessions"
	note memory "$(private_memory "$iscsid_pid")"
	stamp 15 again iscsiadm -m node -l
	stamp 0 list iscsiadm -m session
	stamp 0 show iscsiadm -m session -P 3
	kill -9 "$iscsid_pid"
	wait "$iscsid_pid" || :
	[ "$AGAINST" = lio ] || connections=$(made)
	: >$ISCSID_LOG
	_begin=$(date +%s%N)
	iscsid_start
	wait_for -t 300 taken_up "$n"
	note restart $((($(date +%s%N) - _begin) / 1000000))
	[ "$AGAINST" = lio ] || note touched $(($(made) - connections))
	stamp 0 logout iscsiadm -m node -u
	wait_for sessions_are 0
	note after "$(private_memory "$iscsid_pid")"
	stamp 0 no_wait iscsiadm -m node -l --no_wait
	wait_for -t 300 sessions_are "$n"
	wait_for -t 300 iscsiadm -m session
	expect 0 iscsiadm -m node -u
	iscsid_stop
	rm -rf /etc/iscsi/nodes /etc/iscsi/send_targets /var/lib/iscsi/*
}

serve() {
	_i=0
	if [ "$AGAINST" = lio ]; then
		lio_start
		while [ $_i -lt "$1" ]; do
			_i=$((_i + 1))
			lio_target "$NAME:disk$_i" 1
		done
		return
	fi
	# one file for all: address space for growing disks is not for so many
	truncate -s 1M /run/lun
	set -- "$1" --control /run/iscsi-testtarget --portal 127.0.0.1
	while [ $_i -lt "$1" ]; do
		_i=$((_i + 1))
		set -- "$@" --target "$NAME:disk$_i" --lun 0,file=/run/lun
	done
	shift
	target_start "$@"
}

for n in $SESSIONS; do
	serve "$n"
	[ "$n" -gt $reference_max ] || turn reference "$n"
	turn ours "$n"
	lio_stop
	target_stop
	printf '%-36s %12s %12s\n' "$n sessions, milliseconds" open-iscsi ours
	while read -r what title; do
		printf '%-36s %12s %12s\n' "$title" \
			"$(cat "/run/bench.reference.$n.$what" 2>/dev/null || echo -)" \
			"$(cat "/run/bench.ours.$n.$what" 2>/dev/null || echo -)"
	done <<END
login login of all
again login of all when all are up
no_wait login of all with --no_wait
list -m session
show -m session -P 3
restart daemon killed until all are taken up
touched connections made meanwhile
logout logout of all
idle KB of private memory: idle
memory KB with all sessions
after KB after the logout
END
done
