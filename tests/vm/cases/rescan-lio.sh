# SPDX-License-Identifier: GPL-2.0-or-later
# What the kernel's target answers for a LUN that was taken away, or that is another disk now.
. "$VM_LIB"

T=$NAME:disk
tpg=$LIO/iscsi/$T/tpgt_1

backstore() { # NAME
	mkdir -p "$LIO/core/rd_mcp_0/disk_$1"
	echo rd_pages=2048 >"$LIO/core/rd_mcp_0/disk_$1/control"
	echo "serial-$1" >"$LIO/core/rd_mcp_0/disk_$1/wwn/vpd_unit_serial"
	echo 1 >"$LIO/core/rd_mcp_0/disk_$1/enable"
}
map() { # LUN NAME
	mkdir -p "$tpg/lun/lun_$1"
	ln -s "$LIO/core/rd_mcp_0/disk_$2" "$tpg/lun/lun_$1/disk"
}
unmap() { # LUN
	rm "$tpg/lun/lun_$1/disk"
	rmdir "$tpg/lun/lun_$1"
}

lio_start
lio_target $T 8
backstore one
backstore two
map 1 one
map 2 two
iscsid_start
expect 0 iscsiadm -m discovery -t st -p 127.0.0.1
expect 0 iscsiadm -m node -l
kept=$(wait_disk $T)
old=$(wait_disk $T 1)
gone=$(wait_disk $T 2)
expect 0 iscsiadm -m session -R
has_not $OUT LUN

unmap 2
expect 0 iscsiadm -m session -R
has $OUT "LUN 2 (${gone#/dev/}) of session"
has $OUT 'is gone from the target; it was removed.'
has_not $OUT 'LUN 1'
not disk_of $T 2 || fail 'LUN 2 is still there'

unmap 1
map 1 two
expect 0 iscsiadm -m session -R
has $OUT "LUN 1 (${old#/dev/}) of session"
has $OUT 'is another disk now; it was removed and the other one added.'
[ "$(wait_disk $T 1)" != "$old" ] || fail 'the same name'
[ "$(disk_of $T)" = "$kept" ] || fail 'another LUN changed'
expect 0 iscsiadm -m node -u
unmap 1
