# SPDX-License-Identifier: GPL-2.0-or-later
# A daemon that is killed: the next one keeps its hands off the session that works, and logs the
# ones in again whose target is gone, with their credentials from the records.
. "$VM_LIB"

name_of() {
	for s in /sys/class/iscsi_session/session*; do
		[ "$(cat "$s/targetname")" = "$NAME:$1" ] && echo "${s##*/}"
	done
}
state_is() {
	[ "$(cat "/sys/class/iscsi_session/$(name_of "$1")/state")" = "$2" ]
}
# our end of the connection to 10.9.1.2:3260, in /proc/net/tcp's words
flow() {
	awk '$3 == "0201090A:0CBC" && $4 == "01" { print $2 }' /proc/net/tcp
}
serve() {
	target_start --portal 127.0.0.1 --target $NAME:chap --lun 0,size=8M \
		--account me/secretsecret1
}

serve
link_start h1 10.9.1.1/24 10.9.1.2/24
target_start_in h1 --portal 10.9.1.2 --target $NAME:well --lun 0,size=8M
iscsid_start
expect 0 iscsiadm -m discovery -t st -p 127.0.0.1
expect 0 iscsiadm -m node -T $NAME:chap -o update -n node.session.auth.authmethod -v CHAP
expect 0 iscsiadm -m node -T $NAME:chap -o update -n node.session.auth.username -v me
expect 0 iscsiadm -m node -T $NAME:chap -o update -n node.session.auth.password -v secretsecret1
expect 0 iscsiadm -m discovery -t st -p 10.9.1.2
expect 0 iscsiadm -m node -l
well=$(flow)
[ -n "$well" ] || fail 'no connection'

kill -9 "$target_pid"
wait "$target_pid" || :
wait_for state_is chap FAILED
sleep 0.5 # into the recovery
kill -9 "$iscsid_pid"
wait "$iscsid_pid" || :
iscsid_start
serve
begin=$(msec)
wait_for state_is chap LOGGED_IN
echo "logged in $(($(msec) - begin)) ms after the port answers"
expect 0 dd if="$(disk_of $NAME:chap)" of=/dev/null bs=64k count=16 iflag=direct
has "$ISCSID_LOG" "$NAME:chap: adopted, its connection is down"
[ "$(flow)" = "$well" ] || fail 'the connection that worked is another one now'

# a daemon that starts while nothing is wrong
kill -9 "$iscsid_pid"
wait "$iscsid_pid" || :
iscsid_start
[ "$(flow)" = "$well" ] || fail 'the connection that worked is another one now'
expect 0 iscsiadm -m node -u
