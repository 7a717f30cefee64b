# SPDX-License-Identifier: GPL-2.0-or-later
# The daemon is killed at each step of a login: the command ends with an error, and the next daemon
# has either all of the session, disks included, or nothing of it; another login and a logout work.
# STEPS=all: at every system call, which takes minutes.
. "$VM_LIB"

log_in() {
	timeout 5 iscsiadm -m node -l >$OUT 2>$ERR || [ $? != 124 ] || fail 'the command waits on'
}

target_start --portal 127.0.0.1 --target $NAME:disk --lun 0,size=8M
iscsid_start
expect 0 iscsiadm -m node -T $NAME:disk -p 127.0.0.1:3260,1 -o new
# the modules are there from now on
expect 0 iscsiadm -m node -l
expect 0 iscsiadm -m node -u

step=1
while killed_at $step log_in; do
	echo "step $step: $(tail -n 1 /run/kill-at)"
	iscsid_start
	status=0
	iscsiadm -m node -l >$OUT 2>$ERR || status=$?
	[ $status = 0 ] || [ $status = 15 ] || fail "another login ends with $status: $(cat $ERR)"
	[ "$(sessions)" = 1 ] || fail "$(sessions) sessions"
	dd if="$(wait_disk $NAME:disk)" of=/dev/null bs=64k count=1 iflag=direct 2>$ERR || fail 'no I/O'
	expect 0 iscsiadm -m node -u
	wait_for nothing_left
	step=$((step + 1))
done
[ $step -gt 10 ] || fail "only $step steps"
expect 0 iscsiadm -m node -u
