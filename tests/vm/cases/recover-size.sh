# SPDX-License-Identifier: GPL-2.0-or-later
# Disks after an outage: one that grew meanwhile has its new size, and one that was looked at while
# nobody answered, which the kernel then takes for empty, has its size again.
. "$VM_LIB"

serve() {
	target_start --portal 127.0.0.1 --set DefaultTime2Wait=0 \
		--target $NAME:disk --lun 0,file=/run/disk.img --lun 1,file=/run/more.img
}
state_is() {
	[ "$(cat /sys/class/iscsi_session/session*/state)" = "$1" ]
}
disk_is() {
	[ "$(cat "/sys/block/${disk#/dev/}/device/state")" = "$1" ]
}
size_is() {
	[ "$(blockdev --getsize64 "$1")" = "$2" ]
}
kill_target() {
	kill -9 "$target_pid"
	wait "$target_pid" || :
}

mkdir -p /etc/iscsi
printf '%s\n' 'node.session.iscsi.DefaultTime2Wait = 0' \
	'node.session.timeo.replacement_timeout = 1' >/etc/iscsi/iscsid.conf
truncate -s 8M /run/disk.img /run/more.img
serve
iscsid_start
expect 0 iscsiadm -m node -T $NAME:disk -p 127.0.0.1:3260,1 -o new
expect 0 iscsiadm -m node -l
disk=$(wait_disk $NAME:disk) more=$(wait_disk $NAME:disk 1)

kill_target
wait_for state_is FAILED
echo 1 >"/sys/block/${disk#/dev/}/device/rescan" &
wait_for disk_is transport-offline
wait $!
truncate -s 16M /run/more.img
serve
wait_for state_is LOGGED_IN
wait_for size_is "$disk" 8388608
wait_for size_is "$more" 16777216
expect 0 dd if="$disk" of=/dev/null bs=64k count=1 iflag=direct
expect 0 iscsiadm -m node -u
