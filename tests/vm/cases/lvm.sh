# SPDX-License-Identifier: GPL-2.0-or-later
# A volume of LVM with ext4 on a session's disk, in use while the target is away: what writes waits
# and goes on, and the file system is right afterwards, also for the next one who looks at it.
. "$VM_LIB"

serve() {
	target_start --portal 127.0.0.1 --target $NAME:disk --lun 0,file=/run/disk.img
}
state_is() {
	[ "$(cat /sys/class/iscsi_session/session*/state)" = "$1" ]
}
# without a udev: the nodes are LVM's own to make, and the disks are all that it may look at
lvm_() {
	expect 0 lvm "$@" --config 'devices { scan = "/dev" use_devicesfile = 0
		external_device_info_source = "none" filter = [ "a|/dev/sd|", "r|.*|" ] }
		activation { udev_sync = 0 udev_rules = 0 verify_udev_operations = 1 monitoring = 0 }
		global { use_lvmpolld = 0 event_activation = 0 locking_dir = "/run/lock/lvm" }
		backup { backup = 0 archive = 0 }'
}

truncate -s 64M /run/disk.img
serve
iscsid_start
expect 0 iscsiadm -m node -T $NAME:disk -p 127.0.0.1:3260,1 -o new
expect 0 iscsiadm -m node -l
disk=$(wait_disk $NAME:disk)
modprobe dm_mod
lvm_ pvcreate "$disk"
lvm_ vgcreate vg "$disk"
lvm_ lvcreate -l 100%FREE -n lv vg -Zn -Wn
mkfs.ext4 -q /dev/mapper/vg-lv
mkdir -p /run/mnt
mount /dev/mapper/vg-lv /run/mnt

head -c 24M /dev/urandom >/run/data
# synchronous, so that it waits for the disk
dd if=/run/data of=/run/mnt/data bs=256k oflag=sync 2>$ERR &
writer=$!
begun() {
	[ "$(stat -c %s /run/mnt/data)" -gt 1000000 ]
}
wait_for begun
kill -9 "$target_pid"
wait "$target_pid" || :
wait_for state_is FAILED
kill -9 "$iscsid_pid"
wait "$iscsid_pid" || :
iscsid_start
kill -0 $writer || fail 'the writer did not wait'
serve
wait $writer || fail "the write failed: $(cat $ERR)"
touch /run/mnt/more || fail 'the file system is read-only now'
umount /run/mnt
expect 0 e2fsck -fn /dev/mapper/vg-lv
lvm_ vgchange -an vg
expect 0 iscsiadm -m node -u

expect 0 iscsiadm -m node -l
wait_disk $NAME:disk >/dev/null
lvm_ vgchange -ay vg
mount -o ro /dev/mapper/vg-lv /run/mnt
cmp /run/data /run/mnt/data
umount /run/mnt
lvm_ vgchange -an vg
expect 0 iscsiadm -m node -u
