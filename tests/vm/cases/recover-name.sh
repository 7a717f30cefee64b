# SPDX-License-Identifier: GPL-2.0-or-later
# A portal with a host name that cannot be looked up any more when the target is back: the address
# of the last login does, also for a daemon that starts meanwhile; where it leads nowhere, the name
# is looked up again.
. "$VM_LIB"

state_is() {
	[ "$(cat /sys/class/iscsi_session/session*/state)" = "$1" ]
}
at() {
	[ "$(cat /sys/class/iscsi_connection/connection*/address)" = "$1" ]
}
serve() {
	target_start --portal "$1" --set DefaultTime2Wait=0 --target $NAME:disk --lun 0,size=8M
}
kill_target() {
	kill -9 "$target_pid"
	wait "$target_pid" || :
	wait_for state_is FAILED
}

mkdir -p /etc/iscsi
echo 'node.session.iscsi.DefaultTime2Wait = 0' >/etc/iscsi/iscsid.conf
cp /etc/hosts /run/hosts
echo '127.0.0.2 target.example' >>/etc/hosts
serve 127.0.0.2
iscsid_start
expect 0 iscsiadm -m node -T $NAME:disk -p target.example:3260,1 -o new
expect 0 iscsiadm -m node -l
at 127.0.0.2 || fail 'not there'

cp /run/hosts /etc/hosts
kill_target
serve 127.0.0.2
wait_for state_is LOGGED_IN

kill_target
kill -9 "$iscsid_pid"
wait "$iscsid_pid" || :
iscsid_start
serve 127.0.0.2
wait_for state_is LOGGED_IN

kill_target
echo '127.0.0.3 target.example' >>/etc/hosts
serve 127.0.0.3
wait_for state_is LOGGED_IN
at 127.0.0.3 || fail 'it has not moved'
expect 0 iscsiadm -m node -u
