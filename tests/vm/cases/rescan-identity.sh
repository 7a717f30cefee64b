# SPDX-License-Identifier: GPL-2.0-or-later
# A LUN number that names another disk: what is written to the old one never reaches the new one.
. "$VM_LIB"

control=/run/target.control
ctl() {
	expect 0 targetctl --control $control "$@"
}
wwid() {
	cat "/sys/block/${1#/dev/}/device/wwid"
}
swap() { # LUN OLD NEW
	ctl remove-lun target=$NAME:disk lun="$1"
	ctl add-lun target=$NAME:disk lun="$1,file=/run/$2.img,serial=$2"
}

for image in one two three four five; do truncate -s 8M /run/$image.img; done
target_start --portal 127.0.0.1 --target $NAME:disk --lun 0,size=8M \
	--lun 1,file=/run/one.img,serial=one --lun 2,file=/run/three.img,serial=three \
	--control $control
iscsid_start
expect 0 iscsiadm -m node -T $NAME:disk -p 127.0.0.1:3260,1 -o new
expect 0 iscsiadm -m node -T $NAME:disk -o update -n node.session.scan -v manual
expect 0 iscsiadm -m node -T $NAME:disk -l
expect 0 iscsiadm -m session -R
other=$(wait_disk $NAME:disk)
old=$(wait_disk $NAME:disk 1)
mounted=$(wait_disk $NAME:disk 2)
first=$(wwid "$old")

# the same disk stays, in whatever file it is now
swap 1 one
expect 0 iscsiadm -m session --rescan
has_not $OUT 'LUN 1'
[ "$(disk_of $NAME:disk 1)" = "$old" ] || fail 'the same disk has another name'

# another one comes under a name of its own
swap 1 two
expect 0 iscsiadm -m session --rescan
has $OUT "LUN 1 (${old#/dev/}) of session"
has $OUT 'is another disk now; it was removed and the other one added.'
has "$ISCSID_LOG" "LUN 1 (${old#/dev/}) is another disk now"
new=$(wait_disk $NAME:disk 1)
[ "$new" != "$old" ] || fail "the new disk is $new, too"
[ "$(wwid "$new")" != "$first" ] || fail 'the same identity'
[ "$(disk_of $NAME:disk)" = "$other" ] || fail 'another LUN changed'
echo hello | dd of="$new" conv=fsync 2>/dev/null
cmp -n 5 "$new" /run/two.img
[ "$(head -c 5 /run/one.img | tr -d '\0')" = '' ] || fail 'written to the old disk'

# one that is mounted: its file system gets errors, the new disk none of its blocks
mkfs.ext4 -q "$mounted"
mkdir -p /run/mnt
mount "$mounted" /run/mnt
sync
swap 2 four
expect 0 iscsiadm -m session --rescan
has $OUT "LUN 2 (${mounted#/dev/}) of session"
has $OUT 'it was removed, though in use, and the other one added.'
has "$ISCSID_LOG" 'it was removed, though in use'
[ "$(wait_disk $NAME:disk 2)" != "$mounted" ] || fail 'under the name of the mounted one'
! dd if=/dev/zero of=/run/mnt/file bs=64k count=16 conv=fsync 2>/dev/null || fail 'written to nowhere'
umount /run/mnt
cmp -n 8388608 /run/four.img /dev/zero

# by the target's word, though node.session.scan is manual: a number that was there already
swap 1 one
ctl async event=0 lun=0 data=0012700006000000000a000000003f0e00000000
wait_for grep -qF "LUN 1 (${new#/dev/}) is another disk now" "$ISCSID_LOG"
new=$(wait_disk $NAME:disk 1)

# a target that comes back with its numbers mixed up
wait_disk $NAME:disk 2 >/dev/null
target_stop
target_start --portal 127.0.0.1 --target $NAME:disk --lun 0,size=8M \
	--lun 1,file=/run/five.img,serial=five --lun 2,file=/run/four.img,serial=four
wait_for grep -qF "LUN 1 (${new#/dev/}) is another disk now" "$ISCSID_LOG"
[ "$(disk_of $NAME:disk)" = "$other" ] || fail 'LUN 0 changed with the restart'
has_not "$ISCSID_LOG" "LUN 0 ("
expect 0 iscsiadm -m node -T $NAME:disk -u
