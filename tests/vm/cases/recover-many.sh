# SPDX-License-Identifier: GPL-2.0-or-later
# Sixteen sessions lose their target at once and are logged in again side by side.
. "$VM_LIB"

count() {
	cat /sys/class/iscsi_session/session*/state | grep -c "$1"
}
all_are() {
	[ "$(count "$1")" = 16 ]
}

set -- --portal 127.0.0.1
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do
	set -- "$@" --target $NAME:disk$i --lun 0,size=1M
done
target_start "$@"
iscsid_start
expect 0 iscsiadm -m discovery -t st -p 127.0.0.1
expect 0 iscsiadm -m node -l
kill -9 "$target_pid"
wait "$target_pid" || :
wait_for all_are FAILED
sleep 2.3 # Time2Wait
target_start "$@"
wait_for all_are LOGGED_IN
expect 0 dd if="$(disk_of $NAME:disk16)" of=/dev/null bs=64k count=4 iflag=direct
expect 0 iscsiadm -m node -u
