# SPDX-License-Identifier: GPL-2.0-or-later
# Logins, logouts and discoveries of the same targets at once, killed clients among them, while
# the process that reads what targets send is killed again and again: every client that was left
# alone gets its answer, and the daemon keeps nothing of all that.
. "$VM_LIB"

open_files() {
	ls "/proc/$iscsid_pid/fd" | wc -l
}
kill_peer() {
	for pid in $(cat "/proc/$iscsid_pid/task/$iscsid_pid/children"); do
		grep -q '^Seccomp:.2' "/proc/$pid/status" 2>/dev/null && kill -9 "$pid"
	done
	return 0
}

targets=
for i in 1 2 3 4 5 6; do targets="$targets --target $NAME:t$i --lun 0,size=1M"; done
# shellcheck disable=SC2086 # words
target_start --portal 127.0.0.1 $targets
# what is freed is overwritten: whoever still uses it is found out
export MALLOC_PERTURB_=165
iscsid_start
expect 0 iscsiadm -m discovery -t st -p 127.0.0.1
before=$(open_files)

for round in 1 2; do
	clients=
	for what in '-m node -l' '-m discovery -t st -p 127.0.0.1' '-m node -u' '-m node -l'; do
		# shellcheck disable=SC2086 # words
		timeout 20 iscsiadm $what >/dev/null 2>&1 &
		clients="$clients $!"
	done
	iscsiadm -m node -l >/dev/null 2>&1 &
	victim=$!
	sleep 0.1
	kill_peer
	kill -9 $victim 2>/dev/null || : # done already
	for client in $clients; do
		status=0
		wait "$client" || status=$?
		# which one is first is open; no answer at all is not
		[ $status -lt 124 ] && [ $status != 18 ] || fail "round $round: status $status"
	done
done

kill -0 "$iscsid_pid" || fail 'the daemon ended'
iscsiadm -m node -u >/dev/null 2>&1 || [ $? = 21 ] || fail 'logout'
[ "$(sessions)" = 0 ] || fail 'a session is left'
wait_for sh -c "[ \$(ls /proc/$iscsid_pid/fd | wc -l) = $before ]"
expect 0 iscsiadm -m node -l
expect 0 iscsiadm -m node -u
