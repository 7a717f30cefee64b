# SPDX-License-Identifier: GPL-2.0-or-later
# dm-multipath over two portals of which one is cut off: I/O goes on over the other one, and over
# both when it is back; what was written is right.
. "$VM_LIB"

paths() {
	multipathd show paths format '%d %t' | grep -c active || :
}
paths_are() {
	[ "$(paths)" = "$1" ]
}
operations() {
	stat -c %s /run/operations
}
more_than() {
	[ "$(operations)" -gt "$1" ]
}
runs() {
	wait_for more_than $(($(operations) + 20))
}
logged_in() {
	[ "$(cat /sys/class/iscsi_session/session*/state | grep -c LOGGED_IN)" = 2 ]
}
node() {
	[ -b "$mp" ]
}

# multipathd asks udev which disks there are
/lib/systemd/systemd-udevd >/run/udevd.log 2>&1 &
udevd=$!
wait_for udevadm control --ping
link_start h1 10.9.1.1/24 10.9.1.2/24
link_start h2 10.9.2.1/24
# the second link ends in the first one's namespace: one target, two portals
ip -n h2 link set eth0 netns h1 name eth1
ip -n h1 addr add 10.9.2.2/24 dev eth1
ip -n h1 link set eth1 up
truncate -s 16M /run/disk.img
target_start_in h1 --portal 10.9.1.2 --portal 10.9.2.2 --target $NAME:disk --lun 0,file=/run/disk.img
mkdir -p /etc/iscsi
cat >/etc/iscsi/iscsid.conf <<END
node.session.timeo.replacement_timeout = 1
node.conn[0].timeo.noop_out_interval = 1
node.conn[0].timeo.noop_out_timeout = 1
END
iscsid_start
expect 0 iscsiadm -m discovery -t st -p 10.9.1.2
expect 0 iscsiadm -m node -l
wait_disk $NAME:disk >/dev/null

modprobe -a dm_multipath dm_round_robin
cat >/etc/multipath.conf <<END
defaults {
	user_friendly_names yes
	find_multipaths no
	polling_interval 1
	no_path_retry queue
	path_grouping_policy multibus
}
END
multipathd -d >/run/multipathd.log 2>&1 &
daemon=$!
mp=/dev/mapper/mpatha
wait_for -t 20 node
wait_for paths_are 2
: >/run/operations
"$BUILD/tests/vm/tool/io-check" "$mp" 16 >>/run/operations 2>/run/io-check.err &
io=$!
runs

ip link set h20 down
wait_for -t 20 paths_are 1
runs
ip link set h20 up
wait_for logged_in
wait_for -t 20 paths_are 2
# now the other one has to carry it all
ip link set h10 down
wait_for -t 20 paths_are 1
runs
ip link set h10 up
wait_for -t 20 paths_are 2
runs

kill $io
wait $io || fail "$(cat /run/io-check.err)"
# udev opens what has been written to, to look what it is now
wait_for multipath -f "${mp##*/}"
stop $daemon
expect 0 iscsiadm -m node -u
stop $udevd
ip -n h1 link set eth1 netns h2 # where the end of the case looks for it
