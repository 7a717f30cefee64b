# SPDX-License-Identifier: GPL-2.0-or-later
# Parts of the database on file systems of their own: nothing can be renamed from one to another.
. "$VM_LIB"

for part in nodes send_targets ifaces; do
	mkdir -p $RECORDS/$part
	mount -t tmpfs apart $RECORDS/$part
done
whole() {
	[ -z "$(find $RECORDS -name '.*' ! -name .lock)" ] || fail "left behind: $(find $RECORDS -name '.*')"
}

target_start --portal 127.0.0.1 --target $NAME:a --target $NAME:b
iscsid_start
expect 0 iscsiadm -m iface -I one -o new
expect 0 iscsiadm -m discovery -t st -p 127.0.0.1 -I one
expect 0 iscsiadm -m node
has $OUT "127.0.0.1:3260,1 $NAME:a"
has $OUT "127.0.0.1:3260,1 $NAME:b"
expect 0 iscsiadm -m node -o update -n node.startup -v automatic
[ "$(grep -rl 'node.startup = automatic' $RECORDS/nodes | wc -l)" = 2 ] || fail 'an update is lost'
whole
expect 0 iscsiadm -m discoverydb -P 1
has $OUT "Target: $NAME:b"
# a discovery record as the oldest tools had it becomes one of today
mv $RECORDS/send_targets/127.0.0.1,3260/st_config /run/old
rm -r $RECORDS/send_targets/127.0.0.1,3260
mv /run/old $RECORDS/send_targets/127.0.0.1,3260
expect 0 iscsiadm -m discoverydb -t st -p 127.0.0.1 -o update -n discovery.sendtargets.reopen_max -v 3
has $RECORDS/send_targets/127.0.0.1,3260/st_config 'discovery.sendtargets.reopen_max = 3'
whole
expect 0 iscsiadm -m discovery -t st -p 127.0.0.1 -I one
expect 0 iscsiadm -m discoverydb -t st -p 127.0.0.1 -o delete
[ -z "$(find $RECORDS -type f ! -path "$RECORDS/ifaces/*")" ] || fail 'a record stays'
whole
for part in nodes send_targets ifaces; do umount $RECORDS/$part; done
