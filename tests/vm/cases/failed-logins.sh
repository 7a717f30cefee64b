# SPDX-License-Identifier: GPL-2.0-or-later
# Logins that fail, of every kind, again and again: the daemon's processes keep no descriptor and no
# memory of them, and the kernel no socket and no host.  ROUNDS=200 is ten thousand logins.
. "$VM_LIB"

rounds=${ROUNDS:-4}
EACH=10

# the daemon and the processes below it
processes() {
	echo "$iscsid_pid"
	for child in $(cat "/proc/$iscsid_pid/task/$iscsid_pid/children"); do
		echo "$child"
		cat "/proc/$child/task/$child/children"
	done
}
descriptors() {
	for pid in $(processes); do ls "/proc/$pid/fd"; done | wc -l
}
# of its own, in KB
memory() {
	for pid in $(processes); do cat "/proc/$pid/smaps_rollup"; done |
		awk '/^Private_/ { sum += $2 } END { print sum }'
}
# to targets, but those that only wait for their time to end
sockets() {
	awk '$3 ~ /:(0CBC|0CBE|0CBF)$/ && $4 != "06" && $4 != "0A"' /proc/net/tcp | wc -l
}
is_flat() {
	[ "$(descriptors)" = "$before" ] && [ "$(sockets)" = 0 ]
}
# record KIND ADDRESS PORT SETTING...: ten of them
record() {
	kind=$1 address=$2 port=$3
	shift 3
	for i in 0 1 2 3 4 5 6 7 8 9; do
		folder=$RECORDS/nodes/$NAME:$kind$i/$address,$port,1
		mkdir -p "$folder"
		printf '%s\n' "node.name = $NAME:$kind$i" 'node.tpgt = 1' \
			'iface.iscsi_ifacename = default' "node.conn[0].address = $address" \
			"node.conn[0].port = $port" 'node.session.initial_login_retry_max = 1' \
			'node.conn[0].timeo.login_timeout = 1' "$@" >"$folder/default"
	done
}

link_start h1 10.9.1.1/24
ip neigh add 10.9.1.7 lladdr 02:00:00:00:00:77 dev h10
# one that closes the connection in the middle of the login
set -- --portal 127.0.0.1:3262 --fault 'login-response stage=operational do drop then close'
for i in 0 1 2 3 4 5 6 7 8 9; do set -- "$@" --target $NAME:closed$i; done
"$TARGET" "$@" >>$TARGET_LOG 2>&1 &
closes=$!
set -- --portal 127.0.0.1
for i in 0 1 2 3 4 5 6 7 8 9; do
	set -- "$@" --target $NAME:chap$i --account me/secretsecret1 --target $NAME:refused$i \
		--refuse 2/2
done
target_start "$@"
iscsid_start
record refused 127.0.0.1 3260
record chap 127.0.0.1 3260 'node.session.auth.authmethod = CHAP' \
	'node.session.auth.username = me' 'node.session.auth.password = wrongwrong12'
record closed 127.0.0.1 3262
record nobody 127.0.0.1 3263
record hole 10.9.1.7 3260

round=0
while [ $round -le "$rounds" ]; do
	status=0
	iscsiadm -m node -l >$OUT 2>$ERR || status=$?
	[ "$(grep -c '^iscsiadm: Could not login to' $ERR)" = $((EACH * 5)) ] ||
		fail "not all fail: $(cat $ERR)"
	if [ $round = 0 ]; then
		# the first ones load modules and libraries, and make the heap as large as it has to be
		before=$(descriptors) memory=$(memory)
	fi
	round=$((round + 1))
done
wait_for is_flat
nothing_left || fail 'something is left in the kernel'
echo "$((rounds * EACH * 5)) logins: $before descriptors, $memory KB before, $(memory) KB after"
[ "$(memory)" -le $((memory + 512)) ] || fail 'more memory'
stop $closes
