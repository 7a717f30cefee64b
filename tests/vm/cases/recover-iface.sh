# SPDX-License-Identifier: GPL-2.0-or-later
# A session that belongs to a network device waits for it, and for its address, and does not go over
# another way to the same target meanwhile.
. "$VM_LIB"

state_is() {
	[ "$(cat /sys/class/iscsi_session/session*/state)" = "$1" ]
}
told() {
	grep -q "$1" "$ISCSID_LOG"
}

link_start h1 10.9.1.1/24 10.9.1.2/24 10.9.3.9/32
link_start h2 10.9.2.1/24
ip -n h2 link set eth0 netns h1 name eth1
ip -n h1 addr add 10.9.2.2/24 dev eth1
ip -n h1 link set eth1 up
# the portal can be reached over both
ip route add 10.9.3.9 via 10.9.1.2 metric 1
ip route add 10.9.3.9 via 10.9.2.2 metric 2
target_start_in h1 --portal 10.9.3.9 --set DefaultTime2Wait=0 --target $NAME:disk --lun 0,size=8M
iscsid_start
expect 0 iscsiadm -m iface -I first -o new
expect 0 iscsiadm -m iface -I first -o update -n iface.net_ifacename -v h10
expect 0 iscsiadm -m node -T $NAME:disk -p 10.9.3.9:3260,1 -I first -o new
for setting in 'node.conn[0].timeo.noop_out_interval 1' 'node.conn[0].timeo.noop_out_timeout 1' \
	'node.session.iscsi.DefaultTime2Wait 0'; do
	expect 0 iscsiadm -m node -o update -n "${setting% *}" -v "${setting#* }"
done
expect 0 iscsiadm -m node -l
disk=$(wait_disk $NAME:disk)

ip addr del 10.9.1.1/24 dev h10
ip link set h10 down
wait_for state_is FAILED
wait_for told 'attempt 2 to recover it'
ip link set h10 up
sleep 1
state_is FAILED || fail 'it is logged in without the address'
ip addr add 10.9.1.1/24 dev h10
ip route replace 10.9.3.9 via 10.9.1.2 metric 1
began=$(msec)
wait_for state_is LOGGED_IN
echo "logged in $(($(msec) - began)) ms after the address and the route came"
expect 0 iscsiadm -m session -P 1
has $OUT 'Iface IPaddress: 10.9.1.1'
expect 0 dd if="$disk" of=/dev/null bs=64k count=1 iflag=direct
expect 0 iscsiadm -m node -u
ip -n h1 link set eth1 netns h2 # where the end of the case looks for it
