# SPDX-License-Identifier: GPL-2.0-or-later
# Eight clients ask for the same login at once: there are as many sessions as the record wants, and
# each client is told either that it is logged in or that it was.
. "$VM_LIB"

eight_at_once() {
	clients=
	for i in 1 2 3 4 5 6 7 8; do
		iscsiadm -m node -l >"/run/client.$i" 2>&1 &
		clients="$clients $!"
	done
	# a ninth one does not wait for its answer
	iscsiadm -m node -l >/dev/null 2>&1 &
	kill -9 $!
	for pid in $clients; do
		status=0
		wait "$pid" || status=$?
		[ $status = 0 ] || [ $status = 15 ] || fail "exit status $status"
	done
	for i in 1 2 3 4 5 6 7 8; do
		[ "$(grep -c -e successful -e 'already present' -e 'there is a session already' "/run/client.$i")" -ge 1 ] ||
			fail "client $i was told: $(cat "/run/client.$i")"
	done
}

target_start --portal 127.0.0.1 --target $NAME:disk --lun 0,size=8M
iscsid_start
expect 0 iscsiadm -m discovery -t st -p 127.0.0.1
eight_at_once
[ "$(sessions)" = 1 ] || fail "$(sessions) sessions, not one"
expect 15 iscsiadm -m node -l
expect 0 iscsiadm -m node -u
[ "$(sessions)" = 0 ] || fail 'a session is left'

expect 0 iscsiadm -m node -o update -n node.session.nr_sessions -v 3
eight_at_once
expect 15 iscsiadm -m node -l
[ "$(sessions)" = 3 ] || fail "$(sessions) sessions, not three"
expect 0 iscsiadm -m node -u
[ "$(sessions)" = 0 ] || fail 'a session is left'
