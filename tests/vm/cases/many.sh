# SPDX-License-Identifier: GPL-2.0-or-later
# 64 sessions: all logged in, listed, adopted by another daemon that makes no connection, and logged
# out; what they cost in memory, which comes back.
. "$VM_LIB"
. "${VM_LIB%/*}/processes.sh"
count=64
target_control=/run/iscsi-testtarget

connections() { # ever, on the target's side
	targetctl --control "$target_control" counters | sed -n 's/^connections=//p'
}
adopted() {
	[ "$(grep -c ': adopted$' $ISCSID_LOG)" = $count ]
}
at_most() { # KB of private memory
	[ "$(private_memory "$iscsid_pid")" -le "$1" ]
}

set --
i=0
while [ $i -lt $count ]; do
	i=$((i + 1))
	set -- "$@" --target $NAME:disk$i --lun 0,size=1M
done
target_start --control $target_control --portal 127.0.0.1 "$@"
iscsid_start
expect 0 iscsiadm -m discovery -t st -p 127.0.0.1
idle=$(private_memory "$iscsid_pid")
expect 0 iscsiadm -m node -l
[ "$(grep -c '^Login to .* successful\.$' $OUT)" = $count ] || fail 'not so many reports'
[ "$(sessions)" = $count ] || fail "$(sessions) sessions"
expect 0 iscsiadm -m session
[ "$(wc -l <$OUT)" = $count ] || fail 'not all are listed'
full=$(private_memory "$iscsid_pid")
echo "private memory: $idle KB without sessions, $full KB with $count"
[ "$full" -le 3072 ] || fail "$full KB with $count sessions"

made=$(connections)
kill -9 "$iscsid_pid"
wait "$iscsid_pid" || :
iscsid_start
wait_for adopted
expect 0 iscsiadm -m session -P 1
[ "$(grep -c 'Internal iscsid Session State: NO CHANGE' $OUT)" = $count ] || fail 'not all adopted'
[ "$(connections)" = "$made" ] || fail "$(($(connections) - made)) new connections"

expect 0 iscsiadm -m node -u
[ "$(grep -c '^Logout of .* successful\.$' $OUT)" = $count ] || fail 'not so many reports'
[ "$(sessions)" = 0 ] || fail 'sessions are left'
# given back, but for pages in which something small has stayed
wait_for at_most $((idle + (full - idle) / 2))
