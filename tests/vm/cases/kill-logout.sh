# SPDX-License-Identifier: GPL-2.0-or-later
# The daemon is killed at each step of a logout: the next one ends what was begun, or has the whole
# session with its disk; another logout works, and nothing of the session is left.  So it is when
# the target is gone, too.  STEPS=all: at every system call, which takes minutes.
. "$VM_LIB"

log_out() {
	timeout 5 iscsiadm -m node -u >$OUT 2>$ERR || [ $? != 124 ] || fail 'the command waits on'
}
reads() {
	dd if="$(disk_of $NAME:disk)" of=/dev/null bs=64k count=1 iflag=direct
}
settled() {
	nothing_left || reads
}
lost() {
	[ "$(cat /sys/class/iscsi_session/session*/state)" != LOGGED_IN ]
}
log_out_again() {
	echo "step $step: $(tail -n 1 /run/kill-at)"
	status=0
	iscsiadm -m node -u >$OUT 2>$ERR || status=$?
	[ $status = 0 ] || [ $status = 21 ] || fail "another logout ends with $status: $(cat $ERR)"
	wait_for nothing_left
}
serve() {
	target_start --portal 127.0.0.1 --target $NAME:disk --lun 0,size=8M
}
log_in_and_lose() {
	serve
	expect 0 iscsiadm -m node -l
	target_stop
	wait_for lost
}

serve
iscsid_start
expect 0 iscsiadm -m node -T $NAME:disk -p 127.0.0.1:3260,1 -o new
expect 0 iscsiadm -m node -l
step=1
while killed_at $step log_out; do
	iscsid_start
	wait_for settled
	log_out_again
	expect 0 iscsiadm -m node -l
	step=$((step + 1))
done
[ $step -gt 6 ] || fail "only $step steps"
wait_for nothing_left

# and of a session whose target is gone
target_stop
log_in_and_lose
step=1
while killed_at $step log_out; do
	iscsid_start
	log_out_again
	log_in_and_lose
	step=$((step + 1))
done
[ $step -gt 3 ] || fail "only $step steps"
wait_for nothing_left
