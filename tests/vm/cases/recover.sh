# SPDX-License-Identifier: GPL-2.0-or-later
# A target that is killed and comes back with I/O running: the session is logged in again with the
# same LUN, and every byte is what was written.
. "$VM_LIB"

state_is() {
	[ "$(cat /sys/class/iscsi_session/session*/state)" = "$1" ]
}
serve() {
	target_start --portal 127.0.0.1 --target $NAME:disk --lun 0,file=/run/disk.img
}

truncate -s 16M /run/disk.img
serve
iscsid_start
expect 0 iscsiadm -m discovery -t st -p 127.0.0.1
expect 0 iscsiadm -m node -T $NAME:disk -l
disk=$(wait_disk $NAME:disk)
sid=$(echo /sys/class/iscsi_session/session*)
sid=${sid##*session}
head -c 8M /dev/urandom >/run/data

dd if=/run/data of="$disk" bs=64k oflag=direct 2>/dev/null &
writer=$!
kill -9 "$target_pid"
wait "$target_pid" || :
wait_for state_is FAILED
sleep 2.5 # Time2Wait, and some refusals
has "$ISCSID_LOG" "Kernel reported iSCSI connection $sid:0 error ("
expect 0 iscsiadm -m session
expect 0 iscsiadm -m session -P 1
has $OUT 'Internal iscsid Session State: REOPEN'

serve
wait_for state_is LOGGED_IN
wait $writer || fail 'the write failed'
cmp -n 8388608 "$disk" /run/data
has "$ISCSID_LOG" "connection$sid:0 is operational after recovery ("
[ "$(disk_of $NAME:disk)" = "$disk" ] || fail 'another disk'
[ "$(grep -c 'trying again' "$ISCSID_LOG")" -lt 10 ] || fail 'a flood in the log'
expect 0 iscsiadm -m session -P 1
has $OUT 'iSCSI Connection State: LOGGED IN'
expect 0 iscsiadm -m node -u
