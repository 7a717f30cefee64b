# SPDX-License-Identifier: GPL-2.0-or-later
# Where a login scans nothing, -R --lun makes the disks appear that are asked for, and no others.
. "$VM_LIB"

disks() {
	for d in /sys/class/iscsi_session/session*/device/target*/*:*/block/*; do
		[ ! -e "$d" ] || echo "$d" | sed 's|.*:\([0-9]*\)/block/.*|\1|'
	done | tr '\n' ' '
}
disks_are() {
	[ "$(disks)" = "$1" ]
}

target_start --portal 127.0.0.1 --target $NAME:many --lun 0,size=8M --lun 1,size=8M --lun 2,size=8M --lun 5,size=8M
iscsid_start
expect 0 iscsiadm -m discovery -t st -p 127.0.0.1
expect 0 iscsiadm -m node -o update -n node.session.scan -v manual
expect 0 iscsiadm -m node -l
disks_are '' || fail "the login made disks appear: $(disks)"
expect 0 iscsiadm -m session -R --lun 2
wait_for disks_are '2 '
expect 0 iscsiadm -m node -T $NAME:many -R --lun 0,5
wait_for disks_are '0 2 5 '
expect 0 iscsiadm -m session -R
wait_for disks_are '0 1 2 5 '
expect 0 iscsiadm -m node -u
