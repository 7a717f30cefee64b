# SPDX-License-Identifier: GPL-2.0-or-later
# Asynchronous messages (RFC 7143 section 11.9.1), each as the kernel hands it up: what is obeyed
# keeps the disk and its data, what means nothing does no harm.
. "$VM_LIB"

control=/run/target.control
ctl() {
	expect 0 targetctl --control $control "$@"
}
count() {
	grep -cF -- "$1" "$ISCSID_LOG" || :
}
recovered() {
	[ "$(count 'is operational after recovery')" = "$1" ]
}
logged_in() {
	[ "$(cat /sys/class/iscsi_session/session*/state)" = LOGGED_IN ]
}
read_disk() {
	dd if="$disk" of=/dev/null bs=64k count=4 iflag=direct 2>/dev/null
}
luns_changed=0012700006000000000a000000003f0e00000000

target_start --portal 127.0.0.1 --target $NAME:disk --lun 0,size=8M --control $control
iscsid_start
expect 0 iscsiadm -m node -T $NAME:disk -p 127.0.0.1:3260,1 -o new
expect 0 iscsiadm -m node -T $NAME:disk -l
disk=$(wait_disk $NAME:disk)
head -c 1M /dev/urandom >/run/data
dd if=/run/data of="$disk" bs=64k oflag=direct 2>/dev/null

# 0: a LUN that came is there without anybody's asking, and not twice for many messages
ctl add-lun target=$NAME:disk lun=5,size=4M
for _ in 1 2 3 4 5 6; do ctl async event=0 lun=0 data=$luns_changed; done
wait_disk $NAME:disk 5 >/dev/null

# 0: sense data that is short, cut, or none at all
for data in 00 0000 0001 000170 0012700006000000000a000000003f; do
	ctl async event=0 lun=0 data=$data
done
ctl async event=0 lun=0
wait_for grep -qF 'SCSI event without sense data' "$ISCSID_LOG"
read_disk

# 1: logged out, and in again at once; a second session on the target's side never exists
ctl reset-counters
ctl async event=1 param3=10
wait_for recovered 1
logged_in
has "$ISCSID_LOG" 'the target asks for a logout within 10 s'
read_disk
ctl counters
has $OUT 'logout-request=1'

# 2 and 3: not before Parameter2 has passed
for event in 2 3; do
	begin=$(msec)
	ctl async event=$event param2=3 param3=20
	wait_for recovered $event
	took=$(($(msec) - begin))
	[ $took -ge 3000 ] || fail "event $event: logged in again after $took ms"
	[ $took -lt 6000 ] || fail "event $event: only after $took ms"
	read_disk
done
has "$ISCSID_LOG" 'the target drops the connection, to be reached again after 3 s'
has "$ISCSID_LOG" 'the target drops all connections, to be reached again after 3 s'

# 2: of a connection that is not ours
ctl async event=2 param1=7
wait_for grep -qF 'drops connection 7, which is none of ours' "$ISCSID_LOG"

# 4: an empty text request, over the same connection
ctl reset-counters
ctl async event=4 param3=10
wait_for grep -qF 'wanted to negotiate, and had no wish' "$ISCSID_LOG"
read_disk
ctl counters
has $OUT 'text-request=1'
has_not $OUT 'logout-request='

# 255 and what nobody knows: said once
for _ in 1 2 3; do
	ctl async event=255 vcode=9 param1=1 param2=2 param3=3
	ctl async event=77
done
wait_for grep -qF 'unknown asynchronous event 77' "$ISCSID_LOG"
wait_for grep -qF "vendor's asynchronous event 255" "$ISCSID_LOG"
read_disk
[ "$(count 'asynchronous event 77')" = 1 ] || fail 'said more than once'
[ "$(count 'asynchronous event 255')" = 1 ] || fail 'said more than once'

[ "$(disk_of $NAME:disk)" = "$disk" ] || fail 'another disk'
cmp -n 1048576 "$disk" /run/data
recovered 3 || fail 'recovered for nothing'
expect 0 iscsiadm -m node -T $NAME:disk -u
