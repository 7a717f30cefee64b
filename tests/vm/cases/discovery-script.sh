# SPDX-License-Identifier: GPL-2.0-or-later
# iscsi_discovery logs in to what a portal offers to see that it works, and has it logged in at boot.
. "$VM_LIB"

SCRIPT=${VM_LIB%/tests/*}/scripts/iscsi_discovery
target_start --portal 127.0.0.1 --target $NAME:good --lun 0,size=8M \
	--target $NAME:forbidden --refuse 2/2

expect 1 "$SCRIPT" 127.0.0.1
has $OUT 'iscsid is not running'
has $OUT Exiting...
expect 1 "$SCRIPT" foo
has $OUT 'foo is not a vaild IP address!'
expect 1 "$SCRIPT" 300.0.0.1
expect 1 "$SCRIPT"
has $OUT '<IP> [-p <port>] [-d] [-t <tcp|iser> [-f]] [-m] [-l]'

iscsid_start
expect 0 "$SCRIPT" 127.0.0.1
has $OUT "Set target $NAME:good to automatic login over tcp to portal 127.0.0.1:3260,1"
has $OUT 'Cannot login over tcp to portal 127.0.0.1:3260,1'
has $OUT 'discovered 2 targets at 127.0.0.1'
[ "$(sessions)" = 0 ] || fail 'a session stayed'
expect 0 iscsiadm -m node -T $NAME:good
has $OUT 'node.conn[0].startup = automatic'
expect 0 iscsiadm -m node -T $NAME:forbidden
has $OUT 'node.conn[0].startup = manual'

expect 0 "$SCRIPT" 127.0.0.1 -m -l
[ "$(sessions)" = 1 ] || fail 'no session stayed'
expect 0 iscsiadm -m node -T $NAME:good
has $OUT 'node.conn[0].startup = manual'
expect 2 "$SCRIPT" 127.0.0.1
has $OUT 'Please logout from all targets on 127.0.0.1:3260 before trying to run discovery on that portal'
expect 0 iscsiadm -m node -u
