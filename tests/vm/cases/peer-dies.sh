# SPDX-License-Identifier: GPL-2.0-or-later
# The process that reads what targets send may die at any time: the daemon starts another one,
# takes up the logins that it held, and live sessions do not notice.
. "$VM_LIB"

# the daemon's child that holds no privilege
peer() {
	for stat in /proc/[0-9]*/stat; do
		read -r line <"$stat" 2>/dev/null || continue
		pid=${line%% *}
		set -- ${line##*) }
		[ "$2" = "$iscsid_pid" ] && grep -q '^Seccomp:.2' "/proc/$pid/status" && echo "$pid"
	done
	return 0
}
another_than() {
	_now=$(peer)
	[ -n "$_now" ] && [ "$_now" != "$1" ]
}

target_start --portal 127.0.0.1 --target $NAME:one --lun 0,size=16M \
	--target $NAME:two --lun 0,size=16M
iscsid_start
expect 0 iscsiadm -m discovery -t st -p 127.0.0.1
first=$(peer)
[ -n "$first" ] || fail 'no process in a jail'
grep -q '^Uid:.0' "/proc/$first/status" && fail 'it is root'
grep -q '^CapBnd:.0*$' "/proc/$first/status" || fail 'it could have capabilities'

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
expect 0 iscsiadm -m node -u
