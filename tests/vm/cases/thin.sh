# SPDX-License-Identifier: GPL-2.0-or-later
# A thin disk: the kernel finds what it can unmap, and what it discards becomes a hole of the file.
. "$VM_LIB"

file=/run/thin.img
truncate -s 64M $file
target_start --portal 127.0.0.1 --target $NAME:thin --lun 0,file=$file,thin,physical=4096
iscsid_start
expect 0 iscsiadm -m discovery -t st -p 127.0.0.1
expect 0 iscsiadm -m node -T $NAME:thin --login
wait_disk $NAME:thin 0
disk=$(disk_of $NAME:thin 0)
queue=/sys/block/${disk##*/}/queue
[ "$(cat $queue/physical_block_size)" = 4096 ] || fail "physical block: $(cat $queue/physical_block_size)"
[ "$(cat $queue/discard_granularity)" = 4096 ] || fail "granularity: $(cat $queue/discard_granularity)"
[ "$(cat $queue/discard_max_bytes)" -gt 0 ] || fail 'the kernel sees no UNMAP'
blocks() { du -k $file | cut -f 1; }

dd if=/dev/urandom of="$disk" bs=1M count=32 oflag=direct 2>/dev/null
[ "$(blocks)" -ge 32768 ] || fail "written, and the file has $(blocks) kB"
blkdiscard -o 4M -l 16M "$disk"
[ "$(blocks)" -le $((16384 + 1024)) ] || fail "discarded, and the file has $(blocks) kB"
cmp -n 16777216 -i 4194304:0 "$disk" /dev/zero || fail 'what was discarded does not read as zeros'
cmp -n 4194304 "$disk" $file || fail 'the rest of the disk has changed'
# WRITE SAME: zeros without sending them
blkdiscard -z -o 20M -l 12M "$disk"
cmp -n 12582912 -i 20971520:0 "$disk" /dev/zero || fail 'what was zeroed does not read as zeros'
expect 0 iscsiadm -m node -T $NAME:thin --logout

# room for less than the disk has: the kernel tells that from a broken medium
mkdir -p /run/small
mount -t tmpfs -o size=8M none /run/small
truncate -s 64M /run/small/thin.img
target_stop
target_start --portal 127.0.0.1 --target $NAME:small --lun 0,file=/run/small/thin.img,thin
expect 0 iscsiadm -m discovery -t st -p 127.0.0.1
expect 0 iscsiadm -m node -T $NAME:small --login
wait_disk $NAME:small 0
expect 1 dd if=/dev/zero of="$(disk_of $NAME:small 0)" bs=1M count=16 oflag=direct
has $ERR 'No space left on device'
expect 0 iscsiadm -m node -T $NAME:small --logout
target_stop
umount /run/small
