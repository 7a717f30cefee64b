# SPDX-License-Identifier: GPL-2.0-or-later
# Without a daemon, with and without sessions, by open-iscsi and by ours.
. "${VM_LIB%/*}/compare.sh"

# with no iscsid to tell of it, open-iscsi's tool knows no iscsid.conf
: >$DB/iscsid.conf
target_start --portal 127.0.0.1 --target $A --lun 0,size=8M
cat >/run/before <<'E'
-m discovery -t st -p 127.0.0.1
-m node -T $A -l
E
cat >/run/down <<'E'
-m session
-m session -P 1
<> told-once
< err: iscsiadm: iscsid is not running. Could not start it up automatically using the startup command in the iscsid.conf iscsid.startup setting. Please check that the file exists or that your init scripts have started iscsid.
< err: iscsiadm: can not connect to iSCSI daemon (111)!
-m session -P 3
<> told-once
< err: iscsiadm: iscsid is not running. Could not start it up automatically using the startup command in the iscsid.conf iscsid.startup setting. Please check that the file exists or that your init scripts have started iscsid.
< err: iscsiadm: can not connect to iSCSI daemon (111)!
-m session -r 1
-m host
-m node
-m discovery
-m iface
-m session -r 1 -s
-m session -R
-m discovery -t st -p 127.0.0.1
<> told-once
< err: iscsiadm: iscsid is not running. Could not start it up automatically using the startup command in the iscsid.conf iscsid.startup setting. Please check that the file exists or that your init scripts have started iscsid.
< err: iscsiadm: can not connect to iSCSI daemon (111)!
-m discoverydb -t st -p 127.0.0.1 -D
-m node -T $A -l
-m node -l -W
-m node -T $A -u
<> logout-down
< err: iscsiadm: No matching sessions found
< exit 21
> err: iscsiadm: Could not logout of all requested sessions
> exit 20
-m node -u
<> logout-down
< err: iscsiadm: No matching sessions found
< exit 21
> err: iscsiadm: Could not logout of all requested sessions
> exit 20
-m session -r 1 -u
<> logout-down
< err: iscsiadm: No matching sessions found
< exit 21
> err: iscsiadm: Could not logout of all requested sessions
> exit 20
-m session -u
<> logout-down
< err: iscsiadm: No matching sessions found
< exit 21
> err: iscsiadm: Could not logout of all requested sessions
> exit 20
-m node -U all
<> logout-down
< err: iscsiadm: No matching sessions found
< exit 21
> err: iscsiadm: Could not logout of all requested sessions
> exit 20
-m node -L all
-m node -T $B -p 127.0.0.1,1 -o new
<> told-once
< err: iscsiadm: iscsid is not running. Could not start it up automatically using the startup command in the iscsid.conf iscsid.startup setting. Please check that the file exists or that your init scripts have started iscsid.
< err: iscsiadm: can not connect to iSCSI daemon (111)!
-m node -T $B -l
-m node -L automatic
-m node -T $B -o update -n node.startup -v automatic
-m node -L automatic
-m node -T $B -o delete
-m fw -l
-k 0
<> silent-failure
< exit 0
> exit 20
E
cat >/run/after <<'E'
-m session
-m session -u
E
# the daemon has taken the session over
adopted() {
	case $1 in theirs) $THEIRS -m session -P 1 ;; ours) $OURS -m session -P 1 ;; esac |
		grep -q 'Connection State: LOGGED IN'
}

for who in theirs ours; do
	begin_work $who
	transcript $who /run/before
	iscsid_stop
	transcript $who /run/down
	iscsid_start
	wait_for adopted $who
	transcript $who /run/after
done
cat /run/before /run/down /run/after >/run/rows
judge /run/rows
