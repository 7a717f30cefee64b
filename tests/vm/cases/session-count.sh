# SPDX-License-Identifier: GPL-2.0-or-later
# A record that wants three sessions gets three, however many ask for them at once.
. "$VM_LIB"

target_start --portal 127.0.0.1 --target $NAME:disk --lun 0,size=1M
iscsid_start
expect 0 iscsiadm -m node -T $NAME:disk -p 127.0.0.1:3260,1 -o new
expect 0 iscsiadm -m node -o update -n node.session.nr_sessions -v 3
for round in 1 2; do
	clients=
	for i in 1 2 3 4; do
		iscsiadm -m node -l >/run/client.$i 2>&1 &
		clients="$clients $!"
	done
	for client in $clients; do
		status=0
		wait "$client" || status=$?
		[ $status = 0 ] || [ $status = 15 ] || fail "status $status: $(cat /run/client.*)"
	done
	[ "$(sessions)" = 3 ] ||
		fail "round $round: $(sessions) sessions: $(cat /run/client.*)"
	expect 0 iscsiadm -m node -u
	[ "$(sessions)" = 0 ] || fail "$(sessions) sessions are left"
done
