# SPDX-License-Identifier: GPL-2.0-or-later
# Two portals of one portal group and one of another: three sessions, none of which ends another, and
# no more ISIDs than that takes; the same ones again after all was logged out.
. "$VM_LIB"

# isid PORTAL: of the session there, which the daemon keeps
isid() {
	for s in /run/iscsid/session/*; do
		grep -qx "address=${1%:*}" "$s" && grep -qx "port=${1#*:}" "$s" || continue
		grep '^isid=' "$s"
	done
}
all_up() {
	[ "$(sessions)" = 3 ] || return 1
	for s in /sys/class/iscsi_session/session*; do
		[ "$(cat "$s/state")" = LOGGED_IN ] || return 1
		for d in "$s"/device/target*/*/block/*; do
			dd if="/dev/${d##*/}" of=/dev/null bs=4k count=1 iflag=direct || return 1
		done
	done
}

lio_start
lio_target $NAME:disk 8 127.0.0.1:3260 127.0.0.1:3262
group=$LIO/iscsi/$NAME:disk/tpgt_2
mkdir -p $group/lun/lun_0 $group/np/127.0.0.2:3260
ln -s $LIO/core/rd_mcp_0/disk_disk $group/lun/lun_0/disk
echo 0 >$group/attrib/authentication
echo 1 >$group/attrib/generate_node_acls
echo 1 >$group/enable
iscsid_start
expect 0 iscsiadm -m discovery -t st -p 127.0.0.1
has $OUT "127.0.0.1:3260,1 $NAME:disk"
has $OUT "127.0.0.1:3262,1 $NAME:disk"
has $OUT "127.0.0.2:3260,2 $NAME:disk"

expect 0 iscsiadm -m node -l
wait_for all_up
first=$(isid 127.0.0.1:3260) second=$(isid 127.0.0.1:3262) other=$(isid 127.0.0.2:3260)
[ -n "$first" ] || fail 'no ISID'
[ "$first" != "$second" ] || fail 'two portals of one group share an ISID'
[ "$first" = "$other" ] || fail 'another portal group has an ISID of its own'
has_not $ISCSID_LOG 'reported iSCSI connection'

expect 0 iscsiadm -m node -u
iscsid_stop
iscsid_start
expect 0 iscsiadm -m node -l
[ "$(isid 127.0.0.1:3260) $(isid 127.0.0.1:3262)" = "$first $second" ] || fail 'other ISIDs'
expect 0 iscsiadm -m node -u
