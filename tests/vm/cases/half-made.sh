# SPDX-License-Identifier: GPL-2.0-or-later
# What another program left in the kernel in the middle of a login: the daemon that starts takes it
# apart, and it can be logged out when it is made while the daemon runs.
. "$VM_LIB"

half_made() {
	"$BUILD/tests/vm/tool/half-made" "$1" $NAME:disk 127.0.0.1 >/dev/null || fail "half-made $1"
	[ "$(sessions)" = 1 ] || fail 'it made no session'
}
logged_in() {
	[ "$(cat /sys/class/iscsi_session/session*/state)" = LOGGED_IN ]
}

target_start --portal 127.0.0.1 --target $NAME:disk --lun 0,size=8M
modprobe iscsi_tcp
for step in session conn bound stopped; do
	echo "$step, then a daemon"
	half_made $step
	iscsid_start
	if [ $step = stopped ]; then
		# nobody can tell it from a session that lost its connection
		wait_for logged_in
		expect 0 iscsiadm -m session -u
	fi
	wait_for nothing_left

	echo "$step, while a daemon runs"
	half_made $step
	sid=$(echo /sys/class/iscsi_session/session*)
	expect 0 iscsiadm -m session -r "${sid##*session}" -u
	wait_for nothing_left
	iscsid_stop
done
