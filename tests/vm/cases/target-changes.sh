# SPDX-License-Identifier: GPL-2.0-or-later
# A target that changes under a session: a disk grows, another one appears, a message comes that
# nobody waits for; the session goes on, over the same connection.
. "$VM_LIB"

control=/run/target.control
ctl() {
	expect 0 targetctl --control $control "$@"
}

target_start --portal 127.0.0.1 --target $NAME:disk --lun 0,size=8M --control $control
iscsid_start
expect 0 iscsiadm -m node -T $NAME:disk -p 127.0.0.1:3260,1 -o new
expect 0 iscsiadm -m node -T $NAME:disk -l
disk=$(wait_disk $NAME:disk)
[ "$(blockdev --getsize64 "$disk")" = 8388608 ] || fail 'not 8 MiB'
ctl reset-counters

ctl resize-lun target=$NAME:disk lun=0 size=16M
echo 1 >"/sys/block/${disk#/dev/}/device/rescan"
[ "$(blockdev --getsize64 "$disk")" = 16777216 ] || fail 'not 16 MiB'

ctl add-lun target=$NAME:disk lun=5,size=4M
for host in /sys/class/scsi_host/host*; do
	echo '- - -' >"$host/scan"
done
[ "$(blockdev --getsize64 "$(wait_disk $NAME:disk 5)")" = 4194304 ] || fail 'not 4 MiB'

# a vendor's event, and one of SCSI with a unit attention as its sense data
ctl async event=255 vcode=1
ctl async event=0 lun=0 data='0012 700006000000000a000000003f0e00000000'
head -c 1M /dev/urandom >"$disk"
dd if="$disk" of=/dev/null bs=1M count=8 2>/dev/null
expect 0 iscsiadm -m session
has $OUT "$NAME:disk (non-flash)"

ctl counters
has $OUT 'connections=0'
has $OUT 'async=2'
expect 0 iscsiadm -m node -T $NAME:disk -u
