# SPDX-License-Identifier: GPL-2.0-or-later
# A LUN that the target has no more goes, by a rescan as by the target's word; one that is in use
# stays, and that is said.  One that grew is as large as it is now.
. "$VM_LIB"

control=/run/target.control
ctl() {
	expect 0 targetctl --control $control "$@"
}
sectors() {
	cat "/sys/block/${1#/dev/}/size"
}
sectors_are() {
	[ "$(sectors "$1")" = "$2" ]
}
luns_changed=0012700006000000000a000000003f0e00000000
capacity_changed=0012700006000000000a000000002a0900000000

target_start --portal 127.0.0.1 --target $NAME:disk --lun 0,size=8M --lun 1,size=8M \
	--lun 2,size=8M --lun 3,size=8M --lun 4,size=8M --control $control
iscsid_start
expect 0 iscsiadm -m node -T $NAME:disk -p 127.0.0.1:3260,1 -o new
expect 0 iscsiadm -m node -T $NAME:disk -l
kept=$(wait_disk $NAME:disk)
disk=$(wait_disk $NAME:disk 1)
mounted=$(wait_disk $NAME:disk 3)
wait_disk $NAME:disk 4 >/dev/null

# by a rescan, of one or of all
ctl remove-lun target=$NAME:disk lun=1
ctl remove-lun target=$NAME:disk lun=4
expect 0 iscsiadm -m session --rescan --lun 1
has $OUT "LUN 1 (${disk#/dev/}) of session"
has $OUT 'is gone from the target; it was removed.'
has_not $OUT 'LUN 4'
has "$ISCSID_LOG" "LUN 1 (${disk#/dev/}) is gone from the target; it was removed"
not disk_of $NAME:disk 1 || fail 'LUN 1 is still there'
disk_of $NAME:disk 4 >/dev/null || fail 'LUN 4 was not to be looked at'

# by the target's word
ctl remove-lun target=$NAME:disk lun=2
ctl async event=0 lun=0 data=$luns_changed
wait_gone disk_of $NAME:disk 2
wait_gone disk_of $NAME:disk 4

# in use
mkfs.ext4 -q "$mounted"
mkdir -p /run/mnt
mount "$mounted" /run/mnt
sync
ctl remove-lun target=$NAME:disk lun=3
expect 0 iscsiadm -m session --rescan
has $OUT "LUN 3 (${mounted#/dev/}) of session"
has $OUT 'is gone from the target, but in use'
has "$ISCSID_LOG" 'is gone from the target, but in use'
[ "$(disk_of $NAME:disk 3)" = "$mounted" ] || fail 'the mounted disk went'
umount /run/mnt || :
expect 0 iscsiadm -m session --rescan
has $OUT 'is gone from the target; it was removed.'
not disk_of $NAME:disk 3 || fail 'LUN 3 is still there'
expect 0 iscsiadm -m session --rescan
has_not $OUT 'LUN'
[ "$(disk_of $NAME:disk)" = "$kept" ] || fail 'another disk'

# another size, by the target's word alone
sectors_are "$kept" 16384 || fail "$(sectors "$kept") sectors"
ctl resize-lun target=$NAME:disk lun=0 size=16M
ctl async event=0 lun=0 data=$capacity_changed
wait_for sectors_are "$kept" 32768
expect 0 iscsiadm -m node -T $NAME:disk -u
