# SPDX-License-Identifier: GPL-2.0-or-later
# -r SID -o new: another session with the same target, with an ISID and disks of its own; each can be
# logged out alone.
. "$VM_LIB"

disks() {
	set -- /sys/class/iscsi_session/session*/device/target*/*:*/block/*
	if [ -e "$1" ]; then echo $#; else echo 0; fi
}
disks_are() {
	[ "$(disks)" = "$1" ]
}
where="[iface: default, target: $NAME:a, portal: 127.0.0.1,3260]"

target_start --portal 127.0.0.1 --target $NAME:a --lun 0,size=8M
iscsid_start
expect 0 iscsiadm -m discovery -t st -p 127.0.0.1
expect 0 iscsiadm -m node -l
first=$(sid_of $NAME:a)
expect 0 iscsiadm -m session -r "$first" -o new --wait-devices
has $OUT "Logging in to $where (multiple)"
has $OUT "Login to $where successful."
second=$(sid_of $NAME:a | tail -n 1)
has $OUT "Device of [sid: $second, target: $NAME:a, portal: 127.0.0.1,3260] LUN 0: /dev/sd"
expect 0 iscsiadm -m session
[ "$(grep -c "127.0.0.1:3260,1 $NAME:a (non-flash)" $OUT)" = 2 ] || fail "$(cat $OUT)"
wait_for disks_are 2
# the record says one, as before
expect 0 iscsiadm -m session -r "$second"
has $OUT 'node.session.nr_sessions = 1'
expect 0 iscsiadm -m session -r "$second" -o new
expect 0 iscsiadm -m session -r "$second" -u
[ "$(sessions)" = 2 ] || fail "$(sessions) sessions"
expect 0 iscsiadm -m session -P 1
has $OUT "SID: $first"
has_not $OUT "SID: $second"
expect 0 iscsiadm -m session -u
[ "$(sessions)" = 0 ] || fail "$(sessions) sessions"
