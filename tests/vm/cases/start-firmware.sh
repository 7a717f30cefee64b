# SPDX-License-Identifier: GPL-2.0-or-later
# Boot from an iBFT: the card is set up as it says, all its targets are tried at once, and one dead
# path keeps nobody from booting.  Afterwards the system completes the paths.
. "$VM_LIB"
START=$BUILD/sbin/iscsistart
F=/sys/firmware

boot() {
	folder=$F/ibft/$1
	shift
	mkdir -p "$folder"
	for pair; do echo "${pair#*=}" >"$folder/${pair%%=*}"; done
}

modprobe -a sd_mod 8021q
mount -t tmpfs tmpfs $F
expect 21 "$START" -b
has $OUT 'Could not get boot entry.'
expect 21 "$START" -N
has $OUT 'Could not setup fw entries.'
expect 21 "$START" -f
has $OUT 'Could not get list of targets from firmware.'

# the other end of the wire; this end has no address yet.  Both ends tag VLAN 5
link_start h1 10.9.1.1/24 10.9.1.2/24
ip addr flush dev h10
ip link set h10 down
ip -n h1 link add link eth0 name eth0.5 type vlan id 5
ip -n h1 addr flush dev eth0
ip -n h1 addr add 10.9.1.2/24 dev eth0.5
ip -n h1 addr add 10.9.2.2/32 dev eth0.5
ip -n h1 link set eth0.5 up
target_start_in h1 --portal 0.0.0.0 --target $NAME:a --lun 0,size=8M --target $NAME:b --lun 0,size=8M \
	--account me/secretsecret1
boot initiator initiator-name=$NAME:firmware flags=3
boot ethernet0 mac="$(cat /sys/class/net/h10/address)" ip-addr=10.9.1.1 \
	subnet-mask=255.255.255.0 gateway=10.9.1.2 vlan=5 flags=3
boot target0 target-name=$NAME:a ip-addr=10.9.2.2 port=3260 lun=00000000 nic-assoc=0 flags=3
boot target1 target-name=$NAME:b ip-addr=10.9.1.2 port=3999 lun=00000000 nic-assoc=0 flags=3 \
	chap-name=me chap-secret=secretsecret1

expect 0 "$START" -N
has $OUT 'Setting up software interface h10'
[ "$(wc -l <$OUT)" = 1 ] || fail 'one card is set up twice'
ip -o addr show dev h10.5 | grep -q '10.9.1.1/24' || fail 'no address on the VLAN'
ip route get 10.9.2.2 | grep -q 'via 10.9.1.2 dev h10.5' || fail 'no route to the target'
expect 0 "$START" -N # again changes nothing
expect 0 "$START" -f
has $OUT 'node.session.auth.password = ********'
expect 0 "$START" -f -S
has $OUT 'node.session.auth.password = secretsecret1'

begin=$(msec)
expect 0 "$START" -b
took=$(($(msec) - begin))
[ $took -lt 15000 ] || fail "the dead path held boot up for $took ms"
has $OUT "iscsistart: Logging into $NAME:a 10.9.2.2:3260,1"
has $OUT "iscsistart: Logging into $NAME:b 10.9.1.2:3999,1"
has $ERR "iscsistart: Could not login to $NAME:b at 10.9.1.2:3999,1"
has $ERR 'another path is there to boot from'
[ "$(sessions)" = 1 ] || fail 'not one session'
wait_disk $NAME:a >/dev/null

# what is there already is what was wanted
echo 3260 >$F/ibft/target1/port
expect 0 "$START" -b
[ "$(sessions)" = 2 ] || fail 'not two sessions'
has_not $ERR 'session exists'

# the running system takes both over, completes them, and leaves them alone at shutdown
iscsid_start
expect 0 iscsiadm -m discovery -t fw
has $OUT "10.9.1.2:3260,1 $NAME:b"
expect 0 iscsiadm -m node -T $NAME:b -u
[ "$(sessions)" = 1 ] || fail 'not one session'
expect 0 iscsiadm -m fw -l
has $OUT "Login to [iface: default, target: $NAME:b, portal: 10.9.1.2,3260] successful."
expect 21 iscsiadm -m node -U all
[ "$(sessions)" = 2 ] || fail 'the root disk was logged out'
expect 0 iscsiadm -m node -u
ip link del h10.5
umount $F
