# SPDX-License-Identifier: GPL-2.0-or-later
# Sixteen sessions lose their target; when it is back, four of its portals swallow every packet: the
# twelve others are logged in again as if nothing was, also by a daemon that starts then; those four
# can be logged out, or come back when their portal does.
. "$VM_LIB"

GOOD=12 ALL=16

count() {
	cat /sys/class/iscsi_session/session*/state | grep -c "$1" || :
}
are() {
	[ "$(count "$1")" = "$2" ]
}
serve() {
	target_start_in h1 --portal 0.0.0.0 --target $NAME:disk --lun 0,size=8M
	target=$!
}
kill_target() {
	kill -9 "$target"
	wait "$target" || :
}
# neighbours that are there and say nothing
hole() {
	i=$((GOOD + 1))
	while [ $i -le $ALL ]; do
		echo "neigh $1 10.9.0.$i ${2:-} dev h10"
		i=$((i + 1))
	done | ip -batch -
}

link_start h1 10.9.9.1/16 10.9.0.1/16
i=2
while [ $i -le $ALL ]; do
	echo "addr add 10.9.0.$i/16 dev eth0"
	i=$((i + 1))
done | ip -n h1 -batch -
serve
mkdir -p /etc/iscsi
printf '%s\n' 'node.session.scan = manual' 'node.conn[0].timeo.noop_out_interval = 0' \
	'node.session.iscsi.DefaultTime2Wait = 0' >/etc/iscsi/iscsid.conf
iscsid_start
i=1
while [ $i -le $ALL ]; do
	expect 0 iscsiadm -m node -T $NAME:disk -p 10.9.0.$i:3260,1 -o new
	i=$((i + 1))
done
expect 0 iscsiadm -m node -l
are LOGGED_IN $ALL || fail 'not all are logged in'

kill_target
wait_for are FAILED $ALL
sleep 2.3 # Time2Wait
hole replace 'lladdr 02:00:00:00:00:77'
serve
began=$(msec)
wait_for are LOGGED_IN $GOOD
took=$(($(msec) - began))
echo "$GOOD of $ALL after $took ms"
[ $took -lt 5000 ] || fail 'the holes hold up the others'

kill -9 "$iscsid_pid"
wait "$iscsid_pid" || :
iscsid_start
are LOGGED_IN $GOOD || fail 'the healthy ones are not left alone'
began=$(msec)
expect 0 iscsiadm -m node -p 10.9.0.$ALL -u
[ $(($(msec) - began)) -lt 3000 ] || fail 'the logout waits for a hole'

hole del
wait_for are LOGGED_IN $((ALL - 1))
expect 0 iscsiadm -m node -u
