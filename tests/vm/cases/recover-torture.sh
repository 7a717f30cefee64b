# SPDX-License-Identifier: GPL-2.0-or-later
# I/O that checks what it reads runs on while its target is killed, its link is cut, its connection
# is reset and the daemon is killed, one after the other and at once: no operation fails and every
# byte is what was written.  ROUNDS=20 does all of it twenty times.
. "$VM_LIB"

rounds=${ROUNDS:-1}
control=/run/target.control
serve() {
	target_start_in h1 --portal 10.9.1.2 --target $NAME:disk --lun 0,file=/run/disk.img \
		--control $control
	target=$!
}
kill_daemon() {
	kill -9 "$iscsid_pid"
	wait "$iscsid_pid" || :
}
kill_target() {
	kill -9 "$target"
	wait "$target" || :
	rm -f $control
}
state_is() {
	[ "$(cat /sys/class/iscsi_session/session*/state)" = "$1" ]
}
operations() {
	stat -c %s /run/operations
}
more_than() {
	[ "$(operations)" -gt "$1" ]
}
# some operations of those that begin from now on
runs() {
	wait_for -t 20 more_than $(($(operations) + 20))
}

target_killed() {
	kill_target
	wait_for state_is FAILED
	serve
}
link_cut() {
	ip link set h10 down
	wait_for state_is FAILED
	ip link set h10 up
}
connection_reset() {
	expect 0 targetctl --control $control drop how=reset
}
daemon_killed() {
	kill_daemon
	iscsid_start
}
daemon_killed_while_the_target_is_away() {
	kill_target
	kill_daemon
	serve
	iscsid_start
}
daemon_killed_in_recovery() {
	kill_target
	wait_for state_is FAILED
	serve
	kill_daemon
	iscsid_start
}
link_cut_while_the_target_is_away() {
	kill_target
	ip link set h10 down
	serve
	daemon_killed
	ip link set h10 up
}

truncate -s 16M /run/disk.img
link_start h1 10.9.1.1/24 10.9.1.2/24
mkdir -p /etc/iscsi
cat >/etc/iscsi/iscsid.conf <<END
node.conn[0].timeo.noop_out_interval = 1
node.conn[0].timeo.noop_out_timeout = 1
END
serve
iscsid_start
expect 0 iscsiadm -m node -T $NAME:disk -p 10.9.1.2:3260,1 -o new
expect 0 iscsiadm -m node -l
disk=$(wait_disk $NAME:disk)
session=$(echo /sys/class/iscsi_session/session*)
: >/run/operations
"$BUILD/tests/vm/tool/io-check" "$disk" 16 >>/run/operations 2>/run/io-check.err &
io=$!

round=1
while [ $round -le "$rounds" ]; do
	for what in target_killed link_cut connection_reset daemon_killed \
		daemon_killed_while_the_target_is_away daemon_killed_in_recovery \
		link_cut_while_the_target_is_away; do
		began=$(msec)
		$what
		runs
		echo "round $round: $what: $(($(msec) - began)) ms"
		[ ! -s /run/io-check.err ] || fail "$(cat /run/io-check.err)"
	done
	round=$((round + 1))
done
kill $io
wait $io || fail "$(cat /run/io-check.err)"
[ "$(echo /sys/class/iscsi_session/session*)" = "$session" ] || fail 'another session'
expect 0 iscsiadm -m node -u
