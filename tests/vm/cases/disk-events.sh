# SPDX-License-Identifier: GPL-2.0-or-later
# Disks that come and go are told to those who watch, and each gets the record's queue depth, whoever
# made it appear; also when there was more news of the kernel's than anybody can read.
. "$VM_LIB"

control=/run/target.control
ctl() {
	expect 0 targetctl --control $control "$@"
}
told() { # EVENT LUN DISK
	grep -q " $1 .* lun $2 disk $3$" $EVENTS
}
# it has asked, and waits for what it is told
watches() {
	ls -l /proc/$monitor/fd | grep -q socket && grep -q '^State:.S' /proc/$monitor/status
}
depth_is() {
	[ "$(cat "/sys/block/${1#/dev/}/device/queue_depth")" = "$2" ]
}
# protocol 15 is NETLINK_KOBJECT_UEVENT
dropped() {
	awk '$2 == 15 && $9 > 0 { n++ } END { exit !n }' /proc/net/netlink
}
scan() {
	echo '- - -' >"/sys/class/scsi_host/host$host/scan"
}
EVENTS=/run/events

target_start --portal 127.0.0.1 --target $NAME:disk --lun 0,size=8M --lun 3,size=8M --control $control
iscsid_start
expect 0 iscsiadm -m node -T $NAME:disk -p 127.0.0.1:3260,1 -o new
expect 0 iscsiadm -m node -T $NAME:disk -o update -n node.session.queue_depth -v 19 \
	-n node.session.scan -v manual
iscsiadm -m monitor >$EVENTS 2>&1 &
monitor=$!
wait_for watches
expect 0 iscsiadm -m node -T $NAME:disk -l
wait_for grep -q ' up ' $EVENTS
has_not $EVENTS disk-added
host=$(basename "$(readlink -f /sys/class/iscsi_session/session*/device/..)")
host=${host#host}

# by somebody else's scan
scan
first=$(wait_disk $NAME:disk)
second=$(wait_disk $NAME:disk 3)
wait_for told disk-added 0 "${first#/dev/}"
wait_for told disk-added 3 "${second#/dev/}"
wait_for depth_is "$first" 19
wait_for depth_is "$second" 19

# by somebody else's hand
echo 1 >"/sys/block/${second#/dev/}/device/delete"
wait_for told disk-removed 3 "${second#/dev/}"
! told disk-removed 0 "${first#/dev/}" || fail 'the other one, too'

# more news than there is room for, while the daemon is held
kill -STOP "$iscsid_pid"
until dropped; do
	i=0
	while [ $i -lt 500 ]; do
		i=$((i + 1))
		echo change >"/sys/block/${first#/dev/}/uevent"
	done
done
scan
third=$(wait_disk $NAME:disk 3)
kill -CONT "$iscsid_pid"
wait_for grep -qF "the kernel's news of disks were lost" "$ISCSID_LOG"
wait_for depth_is "$third" 19

# ahead of the end of their session
expect 0 iscsiadm -m node -T $NAME:disk -u
wait_for grep -q ' logged-out ' $EVENTS
told disk-removed 0 "${first#/dev/}"
told disk-removed 3 "${third#/dev/}"
tail -n 1 $EVENTS | grep -q ' logged-out ' || fail 'a disk after its session'
kill $monitor
wait $monitor 2>/dev/null || :
