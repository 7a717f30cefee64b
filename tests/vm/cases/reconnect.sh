# SPDX-License-Identifier: GPL-2.0-or-later
# --reconnect under I/O: what the record says now is negotiated, the disk is the same one, no write
# is lost; also of a session that the daemon has adopted.  What the target refuses is said, and does
# not keep the session from coming back.
. "$VM_LIB"

negotiated() {
	cat "/sys/class/iscsi_session/session$sid/max_burst_len"
}
state_is() {
	[ "$(cat "/sys/class/iscsi_session/session$sid/state")" = "$1" ]
}
reconnect() {
	expect 0 iscsiadm "$@" --reconnect
	has $OUT "Reconnect of [sid: $sid, target: $NAME:a, portal: 127.0.0.1,3260] successful."
	state_is LOGGED_IN || fail 'not back, though that was said'
}

target_start --portal 127.0.0.1 --target $NAME:a --lun 0,size=32M --account me/secretsecret1
iscsid_start
expect 0 iscsiadm -m discovery -t st -p 127.0.0.1
expect 0 iscsiadm -m node -o update -n node.session.auth.authmethod -v CHAP \
	-n node.session.auth.username -v me -n node.session.auth.password -v secretsecret1
expect 0 iscsiadm -m node -l
sid=$(sid_of $NAME:a)
disk=$(wait_disk $NAME:a)
place=$(readlink -f "/sys/block/${disk#/dev/}")
head -c 24M /dev/urandom >/run/data
dd if=/run/data of="$disk" bs=16k oflag=direct conv=fsync 2>/run/dd.err &
writer=$!
for burst in 65536 131072 262144; do
	expect 0 iscsiadm -m session -r "$sid" -o update -n node.session.iscsi.MaxBurstLength -v $burst \
		-n node.session.iscsi.FirstBurstLength -v 65536
	reconnect -m session -r "$sid"
	[ "$(negotiated)" = $burst ] || fail "MaxBurstLength $(negotiated), not $burst"
done
reconnect -m node -T $NAME:a
reconnect -m session
kill -9 "$iscsid_pid"
wait "$iscsid_pid" || :
iscsid_start
has "$ISCSID_LOG" ': adopted'
reconnect -m session -r "$sid"
wait $writer || fail "$(cat /run/dd.err)"
[ "$(head -c 24M "$disk" | sha256sum)" = "$(sha256sum </run/data)" ] || fail 'other data'
[ "$(readlink -f "/sys/block/${disk#/dev/}")" = "$place" ] || fail 'another disk'

expect 0 iscsiadm -m node -o update -n node.session.auth.password -v wrongwrongwrong
expect 24 iscsiadm -m session -r "$sid" --reconnect
has $ERR "iscsiadm: Could not reconnect session [sid: $sid,"
has $ERR 'iscsid goes on trying'
state_is FAILED || fail 'it is logged in with a wrong password'
expect 0 iscsiadm -m node -o update -n node.session.auth.password -v secretsecret1
reconnect -m session -r "$sid"
# nor does a target that is away keep the command
target_stop
expect 8 iscsiadm -m session -r "$sid" --reconnect
expect 0 iscsiadm -m session -r "$sid" -u
[ "$(sessions)" = 0 ] || fail 'still a session'
