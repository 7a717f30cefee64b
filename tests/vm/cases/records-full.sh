# SPDX-License-Identifier: GPL-2.0-or-later
# A full disk and a read-only one: the error names the record, where it is and why; what was there
# stays whole; with room again the same command works.
. "$VM_LIB"

A=iqn.2001-04.com.example:a
db=/run/db
record=$db/nodes/$A/10.0.0.1,3260,1/default
mkdir -p $db
mount -t tmpfs -o size=64k small $db
adm() {
	iscsiadm --db $db "$@"
}
# says WHAT...: the one failed command names all of it
says() {
	for _t; do has $ERR "$_t"; done
}
full() {
	dd if=/dev/zero of=$db/.filler bs=4k >/dev/null 2>&1 || :
}
unchanged() {
	cmp -s /run/before $record || fail 'the record is not what it was'
	[ -z "$(find $db -name '.new*')" ] || fail 'a temporary file stays behind'
}

expect 0 adm -m node -T $A -p 10.0.0.1,1 -o new
expect 0 adm -m iface -I if1 -o new
expect 0 adm -m discoverydb -t st -p 10.0.0.1 -o new
cp $record /run/before
cp $db/ifaces/if1 /run/iface
cp $db/send_targets/10.0.0.1,3260/st_config /run/source

full
why='No space left on device'
expect 6 adm -m node -T $A -o update -n node.startup -v automatic
says "$A" "$record" "$why"
unchanged
expect 6 adm -m node -T $A -p 10.0.0.2,1 -o new
says "$A" "$db/nodes/$A/10.0.0.2,3260,1/default" "$why"
expect 6 adm -m iface -I if1 -o update -n iface.mtu -v 1500
says "$db/ifaces/if1" "$why" 'Could not update iface if1'
cmp -s /run/iface $db/ifaces/if1 || fail 'the interface record is not what it was'
expect 6 adm -m iface -I if2 -o new
says "$db/ifaces/if2" "$why" 'Could not create new interface if2.'
expect 6 adm -m discoverydb -t st -p 10.0.0.1 -o update -n discovery.sendtargets.reopen_max -v 9
says "$db/send_targets/10.0.0.1,3260/st_config" "$why"
cmp -s /run/source $db/send_targets/10.0.0.1,3260/st_config || fail 'the discovery record is not what it was'
expect 6 adm -m discoverydb -t st -p 10.0.0.9 -o new
says "$db/send_targets/10.0.0.9,3260/st_config" "$why"
expect 0 adm -m node
has $OUT "10.0.0.1:3260,1 $A"
has_not $OUT 10.0.0.2
# deleting needs no room
rm $db/.filler
expect 0 adm -m node -T $A -o update -n node.startup -v automatic
grep -q '^node.startup = automatic' $record || fail 'the update is lost'
cp $record /run/before
full
expect 0 adm -m iface -I if1 -o delete
rm $db/.filler

mount -o remount,ro $db
why='Read-only file system'
expect 6 adm -m node -T $A -o update -n node.startup -v manual
says "$A" "$record" "$why"
expect 6 adm -m node -T $A -o delete
says "$A" "$record" "$why"
expect 6 adm -m node -T $A -p 10.0.0.2,1 -o new
says "$A" "$why"
expect 6 adm -m iface -I if1 -o new
says "$db/ifaces/if1" "$why"
expect 6 adm -m discoverydb -t st -p 10.0.0.1 -o delete
says "$db/send_targets/10.0.0.1,3260" "$why"
unchanged
expect 0 adm -m node -T $A
umount $db
