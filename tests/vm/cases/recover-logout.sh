# SPDX-License-Identifier: GPL-2.0-or-later
# A session whose target does not come back, or comes back and refuses it, can be logged out at
# once, and a record's limit of attempts ends it as well.
. "$VM_LIB"

state_is() {
	[ "$(cat /sys/class/iscsi_session/session*/state)" = "$1" ]
}
log_in_and_lose() {
	target_start --portal 127.0.0.1 --target $NAME:disk --lun 0,size=8M
	expect 0 iscsiadm -m node -T $NAME:disk -l
	kill -9 "$target_pid"
	wait "$target_pid" || :
	wait_for state_is FAILED
}
log_out() {
	begin=$(msec)
	expect 0 iscsiadm -m node -T $NAME:disk -u
	echo "logout $1 took $(($(msec) - begin)) ms"
	[ $(($(msec) - begin)) -lt 2000 ] || fail 'too long'
	[ "$(sessions)" = 0 ] || fail 'still a session'
}
attempted() {
	grep -q "$1" "$ISCSID_LOG"
}

target_start --portal 127.0.0.1 --target $NAME:disk --lun 0,size=8M
iscsid_start
expect 0 iscsiadm -m discovery -t st -p 127.0.0.1
expect 0 iscsiadm -m node -T $NAME:disk -o update -n node.session.iscsi.DefaultTime2Wait -v 0
target_stop

log_in_and_lose
wait_for attempted 'Connection refused (attempt 4'
log_out 'without a target'

log_in_and_lose
target_start --portal 127.0.0.1 --target $NAME:disk --lun 0,size=8M --refuse 2/2
wait_for attempted 'refused the login'
state_is FAILED || fail 'the session is not what it was'
log_out 'of a session that is refused'
target_stop

expect 0 iscsiadm -m node -T $NAME:disk -o update -n node.session.reopen_max -v 3
log_in_and_lose
gone() {
	[ "$(sessions)" = 0 ]
}
wait_for gone
has "$ISCSID_LOG" 'given up after 3 attempts'
