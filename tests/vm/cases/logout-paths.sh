# SPDX-License-Identifier: GPL-2.0-or-later
# A disk with two paths: one of them may be logged out while its map is in use, the last one may
# not, nor both at once, however they are asked for.
. "$VM_LIB"

target_start --portal 127.0.0.1 --portal 127.0.0.2 --target $NAME:disk --lun 0,size=16M
mkdir -p /etc/iscsi
echo 'iscsid.safe_logout = Yes' >/etc/iscsi/iscsid.conf
iscsid_start
expect 0 iscsiadm -m discovery -t st -p 127.0.0.1
expect 0 iscsiadm -m node -l
[ "$(sessions)" = 2 ] || fail "$(sessions) sessions"

modprobe -a dm-mod dm-multipath dm-service-time
# a map over all disks there are, as multipathd makes it
make_map() {
	paths=''
	for d in /sys/class/iscsi_session/session*/device/target*/*:0/block/*; do
		paths="$paths $(cat "$d/dev") 1"
	done
	dmsetup create --noudevsync --uuid mpath-36001 mpatha \
		--table "0 32768 multipath 0 0 1 1 service-time 0 2 1 $paths"
}
make_map

# the map alone is nobody's, its file system is somebody's
expect 0 iscsiadm -m node -T $NAME:disk -p 127.0.0.2 -u
expect 0 iscsiadm -m node -T $NAME:disk -p 127.0.0.2 -l
dmsetup remove --noudevsync mpatha
make_map
mkfs.ext4 -q /dev/dm-0
mkdir -p /run/a
mount /dev/dm-0 /run/a

expect 28 iscsiadm -m node -u
[ "$(grep -c 'dm-0 (mpatha) -> /run/a' $ERR)" = 2 ] || fail 'not both paths stay'
[ "$(sessions)" = 2 ] || fail 'a logout of all took a path'

# both by name: the one that comes second is the last
expect 28 iscsiadm -m node -T $NAME:disk -u
has $OUT 'successful.'
has $ERR 'dm-0 (mpatha) -> /run/a'
[ "$(sessions)" = 1 ] || fail "$(sessions) sessions"
expect 28 iscsiadm -m session -u
dd if=/dev/urandom of=/run/a/data bs=64k count=16 conv=fsync 2>/dev/null ||
	fail 'the last path does not carry the disk'

umount /run/a
dmsetup remove --noudevsync mpatha
expect 0 iscsiadm -m session -u
