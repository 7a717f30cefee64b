# SPDX-License-Identifier: GPL-2.0-or-later
# Interface records: two to the same portal, one by name and one by hardware address, one in a
# network namespace that this host has no route to.
. "$VM_LIB"

# iface NAME KEY VALUE
iface() {
	expect 0 iscsiadm -m iface -I "$1" -o new
	expect 0 iscsiadm -m iface -I "$1" -o update -n "iface.$2" -v "$3"
}

link_start h1 10.9.1.1/24 10.9.1.2/24
target_start_in h1 --portal 10.9.1.2 --target $NAME:disk --lun 0,size=8M
iscsid_start
iface byname net_ifacename h10
iface bymac hwaddress "$(cat /sys/class/net/h10/address)"
iface inside netns h1

expect 0 iscsiadm -m discovery -t st -p 10.9.1.2 -I byname -I bymac -I inside
[ "$(grep -c "10.9.1.2:3260,1 $NAME:disk" $OUT)" = 3 ] || fail 'not found through all three'
expect 0 iscsiadm -m node -l
[ "$(sessions)" = 3 ] || fail 'not three sessions'
expect 0 iscsiadm -m session -P 1
for name in byname bymac inside; do has $OUT "Iface Name: $name"; done
expect 0 iscsiadm -m node -u

# without the link only the namespace still reaches the portal, which is its own
ip link set h10 down
expect 0 iscsiadm -m node -I inside -l
wait_disk $NAME:disk 0 >/dev/null
[ "$(sessions)" = 1 ] || fail 'not just the session of the namespace'
expect 0 iscsiadm -m node -u

iface nomac hwaddress 00:11:22:33:44:55
expect 0 iscsiadm -m discoverydb -t st -p 10.9.1.2 -o update \
	-n discovery.sendtargets.reopen_max -v 0
expect 11 iscsiadm -m discoverydb -t st -p 10.9.1.2 -I nomac -D
has $ERR 'Cannot match 00:11:22:33:44:55 to net/scsi interface.'
has $ERR 'cannot make connection to 10.9.1.2: Success'
