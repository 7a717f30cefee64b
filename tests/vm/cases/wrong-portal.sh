# SPDX-License-Identifier: GPL-2.0-or-later
# Nobody listens there: a clear error, soon, and no kernel object is left of it.
. "$VM_LIB"

iscsid_start
expect 0 iscsiadm -m discoverydb -t st -p 127.0.0.1:3999 -o new
expect 0 iscsiadm -m discoverydb -t st -p 127.0.0.1:3999 -o update \
	-n discovery.sendtargets.reopen_max -v 0
expect 11 iscsiadm -m discoverydb -t st -p 127.0.0.1:3999 -D
has $ERR '127.0.0.1'
has $ERR 'Connection refused'

expect 0 iscsiadm -m node -T $NAME:disk -p 127.0.0.1:3999,1 -o new
for setting in 'node.session.initial_login_retry_max 1' 'node.conn[0].timeo.login_timeout 2'; do
	expect 0 iscsiadm -m node -T $NAME:disk -p 127.0.0.1:3999 -o update \
		-n "${setting% *}" -v "${setting#* }"
done
expect 8 iscsiadm -m node -T $NAME:disk -p 127.0.0.1:3999 -l
has $ERR "Could not login to [iface: default, target: $NAME:disk, portal: 127.0.0.1,3999]."
has $ERR 'initiator reported error (8 - connection timed out)'
has $ERR 'Could not log into all portals'
[ "$(sessions)" = 0 ] || fail 'a session is left'
set -- /sys/class/iscsi_host/host*
[ ! -e "$1" ] || fail 'a SCSI host is left'
