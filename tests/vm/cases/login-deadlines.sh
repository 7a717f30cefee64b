# SPDX-License-Identifier: GPL-2.0-or-later
# 64 portals of which 8 swallow every packet: the 56 are reported when they are up, the command ends
# when it shall, and the daemon gives up what nobody waits for.
. "$VM_LIB"

GOOD=56 BAD=8

link_start h1 10.9.9.1/16 10.9.0.1/16
i=2
while [ $i -le $GOOD ]; do
	echo "addr add 10.9.0.$i/16 dev eth0"
	i=$((i + 1))
done | ip -n h1 -batch -
# neighbours that are there and say nothing
i=$((GOOD + 1))
while [ $i -le $((GOOD + BAD)) ]; do
	echo "neigh add 10.9.0.$i lladdr 02:00:00:00:00:77 dev h10"
	i=$((i + 1))
done | ip -batch -
target_start_in h1 --portal 0.0.0.0 --target $NAME:disk
iscsid_start
# no command for each: they are what takes time in this machine
i=1 folders=''
while [ $i -le $((GOOD + BAD)) ]; do
	folders="$folders $RECORDS/nodes/$NAME:disk/10.9.0.$i,3260,1"
	i=$((i + 1))
done
# shellcheck disable=SC2086 # a list
mkdir -p $folders
for folder in $folders; do
	address=${folder##*/}
	printf '%s\n' "node.name = $NAME:disk" 'node.tpgt = 1' 'iface.iscsi_ifacename = default' \
		"node.conn[0].address = ${address%%,*}" 'node.conn[0].port = 3260' \
		'node.session.scan = manual' >"$folder/default"
done

began=$(msec)
expect 33 iscsiadm -m node -l --timeout 2
took=$(($(msec) - began))
[ "$(grep -c ' successful.$' $OUT)" = $GOOD ] || fail "$(grep -c ' successful.$' $OUT) up"
[ "$(grep -c 'initiator reported error (33 - iscsid request timed out)' $ERR)" = $BAD ] ||
	fail 'the others are not told'
[ $took -lt 3500 ] || fail "took $took ms"
[ "$(sessions)" = $GOOD ] || fail 'not the good sessions only'
expect 0 iscsiadm -m node -u
