#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The target of eight sessions goes away and comes back with I/O waiting on each disk: how long after
# its port answers the sessions are logged in, and the I/O is done; side by side with Debian's
# open-iscsi.  make bench-recovery OUTAGES="3 10 30"
. "$VM_LIB"

count=8

use() { # ours or reference: whose programs are run
	case $1 in
	ours) PATH=$BUILD/sbin:/usr/sbin:/usr/bin:/sbin:/bin ISCSID=$BUILD/sbin/iscsid ;;
	reference) PATH=/usr/sbin:/usr/bin:/sbin:/bin ISCSID=/usr/sbin/iscsid ;;
	esac
}

serve() {
	set -- --portal 127.0.0.1
	i=0
	while [ $i -lt $count ]; do
		i=$((i + 1))
		set -- "$@" --target $NAME:disk$i --lun 0,file=/run/disk$i
	done
	target_start "$@"
}

# without a process, which would take the time that is measured
all_are() {
	for _session in /sys/class/iscsi_session/session*; do
		read -r _state <"$_session/state"
		[ "$_state" = "$1" ] || return 1
	done
}

# turn WHO OUTAGE
turn() {
	use "$1"
	serve
	iscsid_start
	expect 0 iscsiadm -m discovery -t st -p 127.0.0.1
	expect 0 iscsiadm -m node -l
	i=0 disks=''
	while [ $i -lt $count ]; do
		i=$((i + 1))
		disks="$disks $(wait_disk $NAME:disk$i)"
	done

	stop "$target_pid"
	wait_for all_are FAILED
	writers=''
	for disk in $disks; do
		dd if=/dev/zero of="$disk" bs=64k count=16 oflag=direct 2>/dev/null &
		writers="$writers $!"
	done
	sleep "$2"
	serve
	begin=$(date +%s%N)
	until all_are LOGGED_IN; do sleep 0.01; done
	echo $((($(date +%s%N) - begin) / 1000000)) >>"/run/bench.$1.$2.up"
	# shellcheck disable=SC2086 # a list
	wait $writers || fail 'a write failed'
	echo $((($(date +%s%N) - begin) / 1000000)) >>"/run/bench.$1.$2.io"

	expect 0 iscsiadm -m node -u
	# open-iscsi's does not always end by itself
	kill -9 "$iscsid_pid"
	wait "$iscsid_pid" || :
	iscsid_pid=
	target_stop
	rm -rf /etc/iscsi/nodes /etc/iscsi/send_targets /var/lib/iscsi/*
}

i=0
while [ $i -lt $count ]; do
	i=$((i + 1))
	truncate -s 1M /run/disk$i
done
printf '%-44s %12s %12s\n' "milliseconds, $count sessions" open-iscsi ours
for outage in $OUTAGES; do
	turn reference "$outage"
	turn ours "$outage"
	printf '%-44s %12s %12s\n' \
		"back after $outage s: logged in" \
		"$(cat /run/bench.reference.$outage.up)" "$(cat /run/bench.ours.$outage.up)" \
		"back after $outage s: I/O done" \
		"$(cat /run/bench.reference.$outage.io)" "$(cat /run/bench.ours.$outage.io)"
done
