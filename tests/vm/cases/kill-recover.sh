# SPDX-License-Identifier: GPL-2.0-or-later
# The daemon is killed at each step of a recovery: the next one ends it, with the same session and
# the same disk; then the session can be logged out.  STEPS=all: at every system call, which takes
# minutes.
. "$VM_LIB"

control=/run/target.control
up() {
	[ "$(cat /sys/class/iscsi_session/session*/state)" = LOGGED_IN ] &&
		[ "$(cat /sys/class/iscsi_connection/connection*/state)" = up ]
}
recoveries() {
	grep -c 'is operational after recovery' "$ISCSID_LOG" || :
}
ended() {
	grep -q killed /run/kill-at || [ "$(recoveries)" -gt "$before" ]
}
lose() {
	expect 0 targetctl --control $control drop
	wait_for ended
}

mkdir -p /etc/iscsi
echo 'node.session.iscsi.DefaultTime2Wait = 0' >/etc/iscsi/iscsid.conf
target_start --portal 127.0.0.1 --target $NAME:disk --lun 0,size=8M \
	--set DefaultTime2Wait=0 --control $control
iscsid_start
expect 0 iscsiadm -m node -T $NAME:disk -p 127.0.0.1:3260,1 -o new
expect 0 iscsiadm -m node -l
disk=$(wait_disk $NAME:disk)
session=$(echo /sys/class/iscsi_session/session*)

step=1
before=0
while killed_at $step lose; do
	echo "step $step: $(tail -n 1 /run/kill-at)"
	iscsid_start
	wait_for up
	dd if="$disk" of=/dev/null bs=64k count=1 iflag=direct 2>$ERR || fail 'no I/O'
	[ "$(echo /sys/class/iscsi_session/session*)" = "$session" ] || fail 'another session'
	before=$(recoveries)
	step=$((step + 1))
done
[ $step -gt 10 ] || fail "only $step steps"
expect 0 iscsiadm -m node -u
wait_for nothing_left
