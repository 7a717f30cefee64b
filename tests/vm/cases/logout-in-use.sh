# SPDX-License-Identifier: GPL-2.0-or-later
# What is in use stays in a logout of all, and is refused where iscsid.safe_logout says so; the
# chains are those of the kernel.
. "$VM_LIB"

target_start --portal 127.0.0.1 \
	--target $NAME:idle --lun 0,size=8M \
	--target $NAME:mounted --lun 0,size=16M \
	--target $NAME:volume --lun 0,size=16M \
	--target $NAME:swap --lun 0,size=16M
mkdir -p /etc/iscsi
echo 'iscsid.safe_logout = Yes' >/etc/iscsi/iscsid.conf
iscsid_start
expect 0 iscsiadm -m discovery -t st -p 127.0.0.1
expect 0 iscsiadm -m node -l
mounted=$(wait_disk $NAME:mounted)
volume=$(wait_disk $NAME:volume)
swap=$(wait_disk $NAME:swap)

modprobe -a dm-mod loop
mkdir -p /run/a /run/b /run/c
mkfs.ext4 -q "$mounted"
mount "$mounted" /run/a
truncate -s 4M /run/a/image
mkfs.ext4 -q /run/a/image
mount -o loop /run/a/image /run/b
dmsetup create --noudevsync vg-data --table "0 16384 linear $volume 0"
mkfs.ext4 -q /dev/dm-0 # no udev makes links
mount /dev/dm-0 /run/c
mkswap -q "$swap"
swapon "$swap"

sid_of() {
	for s in /sys/class/iscsi_session/session*; do
		[ "$(cat "$s/targetname")" = "$NAME:$1" ] && echo "${s##*session}"
	done
}
stays() {
	has $ERR "iscsiadm: session [sid: $(sid_of "$1"), target: $NAME:$1, portal: 127.0.0.1,3260] is in use and stays: $2"
}
loop=$(losetup -j /run/a/image | cut -d: -f1)
all_stay() {
	stays mounted "${mounted#/dev/} -> /run/a, ${mounted#/dev/} -> /run/a -> ${loop#/dev/} -> /run/b"
	stays volume "${volume#/dev/} -> dm-0 (vg-data) -> /run/c"
	stays swap "${swap#/dev/} -> swap"
}

# in bulk
expect 28 iscsiadm -m node -U all
all_stay
has $OUT "target: $NAME:idle, portal: 127.0.0.1,3260] successful."
[ "$(sessions)" = 3 ] || fail "$(sessions) sessions"
expect 28 iscsiadm -m session -u
all_stay
[ ! -s $OUT ] || fail 'something was logged out'

# by name
expect 28 iscsiadm -m node -T $NAME:volume -u
has $ERR 'initiator reported error (28 - device or resource in use)'
has $ERR "in use: ${volume#/dev/} -> dm-0 (vg-data) -> /run/c"
has $ISCSID_LOG "Session $(sid_of volume) is actively in use for mounted storage, and iscsid.safe_logout is configured."
# the volume is still made of the disk
umount /run/c
expect 28 iscsiadm -m node -T $NAME:volume -u
has $ERR "in use: ${volume#/dev/} -> dm-0 (vg-data)"

# what was used and is not any more
dmsetup remove --noudevsync vg-data
expect 0 iscsiadm -m node -T $NAME:volume -u
swapoff "$swap"
umount /run/b /run/a
expect 0 iscsiadm -m session -u
[ "$(sessions)" = 0 ] || fail 'still a session'

# forced
expect 0 iscsiadm -m node -T $NAME:mounted -l
mount -o ro "$(wait_disk $NAME:mounted)" /run/a
expect 28 iscsiadm -m node -u
expect 0 iscsiadm -m node -u --force
[ "$(sessions)" = 0 ] || fail 'still a session'
umount /run/a
