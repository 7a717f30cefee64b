# SPDX-License-Identifier: GPL-2.0-or-later
# CRC32C on headers and data is on in the kernel when it was agreed on, and data survive it; a target
# that does not agree to what the record demands is not logged in to.
. "$VM_LIB"

# digest NAME VALUE
digest() {
	expect 0 iscsiadm -m node -o update -n "node.conn[0].iscsi.$1" -v "$2"
}

# with digests in the kernel as told: HEADER DATA TARGET
login() {
	expect 0 iscsiadm -m node -T "$3" -l
	_disk=$(wait_disk "$3" 0)
	set -- "$@" /sys/class/iscsi_connection/connection*
	[ "$(cat "$4/header_digest")$(cat "$4/data_digest")" = "$1$2" ] || fail "not $1 and $2: $3"
	head -c 1M /dev/urandom >/run/data
	dd if=/run/data of="$_disk" bs=64k oflag=direct 2>/dev/null
	echo 3 >/proc/sys/vm/drop_caches
	head -c 1M "$_disk" | cmp - /run/data || fail 'the data are not what was written'
	expect 0 iscsiadm -m node -T "$3" -u
}

lio_start
lio_target $NAME:lio 8
target_start --portal 127.0.0.2 --target $NAME:plain --lun 0,size=8M \
	--set HeaderDigest=CRC32C --set DataDigest=CRC32C
iscsid_start
expect 0 iscsiadm -m discovery -t st -p 127.0.0.1
# it demands them, which no discovery offers
expect 0 iscsiadm -m node -T $NAME:plain -p 127.0.0.2:3260,1 -o new
digest HeaderDigest CRC32C
digest DataDigest CRC32C
login 1 1 $NAME:lio
login 1 1 $NAME:plain
echo None >"$LIO/iscsi/$NAME:lio/tpgt_1/param/DataDigest"
expect 19 iscsiadm -m node -T $NAME:lio -l
has $ERR 'refused the login in operational negotiation: initiator error (status 0x0200)'
