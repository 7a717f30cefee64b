# SPDX-License-Identifier: GPL-2.0-or-later
# A target that stays away for longer than the replacement time-out: I/O fails then, but the
# session is logged in again when the target comes after all, and its disk works again; also when
# the daemon is killed in the middle of a login that the target does not answer.
. "$VM_LIB"

state_is() {
	[ "$(cat /sys/class/iscsi_session/session*/state)" = "$1" ]
}
disk_is() {
	[ "$(cat "/sys/block/${disk#/dev/}/device/state")" = "$1" ]
}
kill_target() {
	kill -9 "$target_pid"
	wait "$target_pid" || :
}
serve() {
	target_start --portal 127.0.0.1 --target $NAME:disk --lun 0,file=/run/disk.img "$@"
}
bound() {
	[ "$(cat /sys/class/iscsi_connection/connection*/state)" = bound ]
}

truncate -s 8M /run/disk.img
serve
iscsid_start
expect 0 iscsiadm -m discovery -t st -p 127.0.0.1
for setting in 'node.session.timeo.replacement_timeout 1' \
	'node.session.iscsi.DefaultTime2Wait 0'; do
	expect 0 iscsiadm -m node -T $NAME:disk -o update -n "${setting% *}" -v "${setting#* }"
done
expect 0 iscsiadm -m node -l
disk=$(wait_disk $NAME:disk)
kill_target
wait_for disk_is transport-offline
expect 1 dd if="$disk" of=/dev/null bs=64k count=1 iflag=direct

# it takes the connection and says nothing: the kernel has the login when the daemon dies
serve
kill -STOP "$target_pid"
wait_for bound
kill -9 "$iscsid_pid"
wait "$iscsid_pid" || :
kill -9 "$target_pid"
wait "$target_pid" || :
iscsid_start
serve
wait_for state_is LOGGED_IN
wait_for disk_is running
expect 0 dd if="$disk" of=/dev/null bs=64k count=16 iflag=direct
expect 0 iscsiadm -m node -u
