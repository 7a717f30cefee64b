# SPDX-License-Identifier: GPL-2.0-or-later
# A connection that breaks while the LUNs of a new session are looked for: the login succeeds all
# the same, and all LUNs are there in the end.
. "$VM_LIB"

target_start --portal 127.0.0.1 --target $NAME:disk --lun 0,size=8M --lun 1,size=8M \
	--fault 'in scsi-command nth=3 times=1 do reset'
iscsid_start
expect 0 iscsiadm -m node -T $NAME:disk -p 127.0.0.1:3260,1 -o new
expect 0 iscsiadm -m node -T $NAME:disk -l
has "$ISCSID_LOG" 'Kernel reported iSCSI connection'
wait_disk $NAME:disk >/dev/null
wait_disk $NAME:disk 1 >/dev/null
wait_for grep -qF 'is operational after recovery' "$ISCSID_LOG"
expect 0 iscsiadm -m session -P 1
has $OUT 'iSCSI Connection State: LOGGED IN'
[ "$(sessions)" = 1 ] || fail 'not one session'
expect 0 iscsiadm -m node -T $NAME:disk -u
