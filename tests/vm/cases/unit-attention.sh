# SPDX-License-Identifier: GPL-2.0-or-later
# Targets that say by a unit attention that their LUNs have changed: the first command that anybody
# sends to any of them makes the daemon look, and a number that names another disk is that other one
# before anybody asks.
. "$VM_LIB"

control=/run/target.control
ctl() {
	expect 0 targetctl --control $control "$@"
}
count() {
	grep -cF -- "$1" "$ISCSID_LOG" || :
}
read_block() {
	dd if="$1" of=/dev/null bs=4k count=1 iflag=direct 2>/dev/null
}
is_another() { # TARGET LUN OLD
	_now=$(disk_of "$1" "$2") && [ "$_now" != "$3" ]
}

# ---- the companion target ----
for image in one two; do truncate -s 8M /run/$image.img; done
target_start --portal 127.0.0.1 --target $NAME:own --lun 0,size=8M \
	--lun 1,file=/run/one.img,serial=one --control $control
iscsid_start
expect 0 iscsiadm -m node -T $NAME:own -p 127.0.0.1:3260,1 -o new
expect 0 iscsiadm -m node -T $NAME:own -l
kept=$(wait_disk $NAME:own)
old=$(wait_disk $NAME:own 1)
ctl remove-lun target=$NAME:own lun=1
ctl add-lun target=$NAME:own lun=1,file=/run/two.img,serial=two
ctl add-lun target=$NAME:own lun=2,size=4M
read_block "$kept"
wait_for is_another $NAME:own 1 "$old"
wait_for disk_of $NAME:own 2
new=$(wait_disk $NAME:own 1)
has "$ISCSID_LOG" "LUN 1 (${old#/dev/}) is another disk now"
echo hello | dd of="$new" conv=fsync 2>/dev/null
cmp -n 5 "$new" /run/two.img
[ "$(disk_of $NAME:own)" = "$kept" ] || fail 'another LUN changed'

# a disk that grew, without anybody's rescan
ctl resize-lun target=$NAME:own lun=2 size=6M
grown=$(wait_disk $NAME:own 2)
dd if="$grown" of=/dev/null bs=4k count=1 iflag=direct 2>/dev/null || :
has_size() {
	[ "$(blockdev --getsize64 "$grown")" = 6291456 ]
}
wait_for has_size

# ---- the kernel's target ----
T=$NAME:lio
tpg=$LIO/iscsi/$T/tpgt_1
map() { # LUN NAME
	mkdir -p "$LIO/core/rd_mcp_0/disk_$2" "$tpg/lun/lun_$1"
	echo rd_pages=2048 >"$LIO/core/rd_mcp_0/disk_$2/control"
	echo "serial-$2" >"$LIO/core/rd_mcp_0/disk_$2/wwn/vpd_unit_serial"
	echo 1 >"$LIO/core/rd_mcp_0/disk_$2/enable"
	ln -s "$LIO/core/rd_mcp_0/disk_$2" "$tpg/lun/lun_$1/disk"
}
unmap() { # LUN
	rm "$tpg/lun/lun_$1/disk"
	rmdir "$tpg/lun/lun_$1"
}
lio_start
lio_target $T 8 127.0.0.2:3260
map 1 first
expect 0 iscsiadm -m discovery -t st -p 127.0.0.2
expect 0 iscsiadm -m node -T $T -l
kept=$(wait_disk $T)
old=$(wait_disk $T 1)
unmap 1
map 1 second
map 2 third
read_block "$kept"
wait_for is_another $T 1 "$old"
wait_for disk_of $T 2
has "$ISCSID_LOG" "LUN 1 (${old#/dev/}) is another disk now"
[ "$(disk_of $T)" = "$kept" ] || fail 'another LUN changed'

expect 0 iscsiadm -m node -u
unmap 1
unmap 2
