# SPDX-License-Identifier: GPL-2.0-or-later
# The kernel's target goes away in its own ways while I/O runs: its portal is shut, its group is
# disabled and answers logins with "service unavailable", both.  I/O goes on when it is back, and
# the target has no more than one session then.
. "$VM_LIB"

tpg=$LIO/iscsi/$NAME:disk/tpgt_1
np=$tpg/np/127.0.0.1:3260
state_is() {
	[ "$(cat /sys/class/iscsi_session/session*/state)" = "$1" ]
}
operations() {
	stat -c %s /run/operations
}
more_than() {
	[ "$(operations)" -gt "$1" ]
}
runs() {
	wait_for more_than $(($(operations) + 20))
}

mkdir -p /etc/iscsi
echo 'node.session.iscsi.DefaultTime2Wait = 0' >/etc/iscsi/iscsid.conf
lio_start
lio_target $NAME:disk 16
echo 0 >$tpg/param/DefaultTime2Wait
iscsid_start
expect 0 iscsiadm -m discovery -t st -p 127.0.0.1
expect 0 iscsiadm -m node -l
disk=$(wait_disk $NAME:disk)
: >/run/operations
"$BUILD/tests/vm/tool/io-check" "$disk" 16 >>/run/operations 2>/run/io-check.err &
io=$!
runs

echo 'disabled'
echo 0 >$tpg/enable
wait_for state_is FAILED
wait_for grep -q 'refused the login' "$ISCSID_LOG"
echo 1 >$tpg/enable
wait_for state_is LOGGED_IN
runs

echo 'without its portal'
rmdir $np
echo 0 >$tpg/enable
wait_for state_is FAILED
wait_for grep -q 'Connection refused' "$ISCSID_LOG"
echo 1 >$tpg/enable
mkdir $np
wait_for state_is LOGGED_IN
runs

kill $io
wait $io || fail "$(cat /run/io-check.err)"
expect 0 iscsiadm -m node -u
