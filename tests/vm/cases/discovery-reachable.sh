# SPDX-License-Identifier: GPL-2.0-or-later
# Portals that take no connection: one that is silent costs a second and gets no record, its old
# record stays, and each later discovery looks again.
. "$VM_LIB"

near=10.9.1.2 far=10.9.1.3
link_start h1 10.9.1.1/24 $near/24 $far/24
target_start_in h1 --portal $near --portal $far --target $NAME:a --target $NAME:b
iscsid_start
# what is sent to that hardware address is nobody's
ip neigh replace $far lladdr 02:00:00:00:00:99 dev h10 nud permanent
records() {
	find $RECORDS/nodes -name default | wc -l
}

begin=$(msec)
expect 0 iscsiadm -m discovery -t st -p $near --reachable-only
took=$(($(msec) - begin))
echo "$took ms"
[ $took -ge 900 ] && [ $took -lt 4000 ] || fail "it took $took ms to find a silent portal"
has $OUT "$near:3260,1 $NAME:a"
has $OUT "$near:3260,1 $NAME:b"
has_not $OUT $far
[ "$(records)" = 2 ] || fail 'not the two records of the portal that is there'

ip neigh del $far dev h10
expect 0 iscsiadm -m discoverydb -t st -p $near -D
has $OUT "$far:3260,1 $NAME:b"
[ "$(records)" = 4 ] || fail 'not four records once both are there'
expect 0 iscsiadm -m node -T $NAME:a -p $far -o update -n node.startup -v automatic

# an address that refuses is as little there, and costs no time
ip -n h1 addr del $far/24 dev eth0
ip route add unreachable $far
begin=$(msec)
expect 0 iscsiadm -m discovery -t st -p $near
[ $(($(msec) - begin)) -lt 900 ] || fail 'a refusal was waited for'
has_not $OUT $far
[ "$(records)" = 4 ] || fail 'the records of a portal that is away are gone'
has $RECORDS/nodes/$NAME:a/$far,3260,1/default 'node.startup = automatic'
