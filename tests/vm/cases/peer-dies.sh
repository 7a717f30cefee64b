# SPDX-License-Identifier: GPL-2.0-or-later
# The process that reads what targets send may die at any time: the daemon starts another one,
# takes up the logins that it held, and live sessions do not notice.
. "$VM_LIB"
. "${VM_LIB%/*}/processes.sh"

# the daemon forks one that holds no privilege and reads nothing, which forks the peer; beside it
# waits another one like it
peer() {
	for pid in $(family "$iscsid_pid"); do
		[ "$(cat "/proc/$pid/comm" 2>/dev/null)" != iscsid-peer ] || echo "$pid"
	done
}
nursery() {
	_peer=$(peer)
	awk '/^PPid:/ { print $2 }' "/proc/$_peer/status"
}
another_than() {
	_now=$(peer)
	[ -n "$_now" ] && [ "$_now" != "$1" ]
}

target_start --portal 127.0.0.1 --target $NAME:one --lun 0,size=16M \
	--target $NAME:two --lun 0,size=16M
iscsid_start
expect 0 iscsiadm -m discovery -t st -p 127.0.0.1
first=$(peer) first_nursery=$(nursery)
[ -n "$first" ] || fail 'no process in a jail'
for pid in "$first" "$(nursery)"; do
	grep -q '^Seccomp:.2$' "/proc/$pid/status" || fail "$pid is not in a jail"
	grep -q '^Uid:.0' "/proc/$pid/status" && fail "$pid is root"
	grep -q '^CapBnd:.0*$' "/proc/$pid/status" || fail "$pid could have capabilities"
done

# with a session
expect 0 iscsiadm -m node -T $NAME:one -l
disk=$(wait_disk $NAME:one)
kill -9 "$first"
wait_for another_than "$first"
expect 0 dd if="$disk" of=/dev/null bs=64k count=16 iflag=direct
[ "$(sessions)" = 1 ] || fail 'the session is gone'

# with a login under way, whose target is slow
second=$(peer)
kill -STOP "$target_pid"
iscsiadm -m node -T $NAME:two -l >"$OUT" 2>"$ERR" &
login=$!
holds_connection() {
	# beside the standard ones, the pair and epoll
	[ "$(ls "/proc/$second/fd" | wc -l)" -gt 5 ]
}
wait_for holds_connection
kill -9 "$second"
wait_for another_than "$second"
kill -CONT "$target_pid"
wait $login || fail "the login was not taken up again: $(cat "$ERR")"
[ "$(sessions)" = 2 ] || fail 'not two sessions'
# all came from the same nursery: it cannot open a file, so none was needed
[ "$(nursery)" = "$first_nursery" ] || fail 'another nursery'
has $ISCSID_LOG 'killed by signal 9'

# the nursery itself: its peer goes with it, and both come again
third=$(peer)
kill -9 "$first_nursery"
wait_for another_than "$third"
[ "$(nursery)" != "$first_nursery" ] || fail 'the nursery is still there'
[ ! -e "/proc/$third" ] || fail 'the peer outlived its nursery'
[ "$(sessions)" = 2 ] || fail 'the sessions are gone'
expect 0 iscsiadm -m discovery -t st -p 127.0.0.1
expect 0 iscsiadm -m node -u
