# SPDX-License-Identifier: GPL-2.0-or-later
# What a record says and what was negotiated are what the kernel works with.
. "$VM_LIB"

iqn=$NAME:params

set_key() {
	expect 0 iscsiadm -m node -T $iqn -o update -n "$1" -v "$2"
}

# shows ATTRIBUTE VALUE...: of the one session, wherever sysfs keeps it
shows() {
	while [ $# -gt 0 ]; do
		_value='(missing)'
		for _file in /sys/class/iscsi_session/session*/"$1" \
			/sys/class/iscsi_connection/connection*/"$1"; do
			[ ! -e "$_file" ] || read -r _value <"$_file"
		done
		[ "$_value" = "$2" ] || fail "$1 is $_value, expected $2"
		shift 2
	done
}

lio_start
lio_target $iqn 8
iscsid_start
expect 0 iscsiadm -m discovery -t st -p 127.0.0.1

# a record as discovery makes it; LIO answers with its own defaults
expect 0 iscsiadm -m node -T $iqn -l
shows targetname $iqn initiatorname "$INITIATOR_NAME" ifacename default tpgt 1 \
	persistent_address 127.0.0.1 persistent_port 3260 \
	recovery_tmo 120 abort_tmo 15 lu_reset_tmo 30 tgt_reset_tmo 30 fast_abort 1 \
	ping_tmo 5 recv_tmo 5 header_digest 0 data_digest 0 max_recv_dlength 262144 \
	max_outstanding_r2t 1 erl 0 data_pdu_in_order 1 data_seq_in_order 1
expect 0 iscsiadm -m node -T $iqn -u

# other time-outs, digests, and numbers that the kernel takes in one form only
set_key node.session.timeo.replacement_timeout -1
set_key node.session.err_timeo.abort_timeout 16
set_key node.session.iscsi.FastAbort No
set_key 'node.conn[0].timeo.noop_out_interval' 0
set_key 'node.conn[0].iscsi.HeaderDigest' CRC32C
set_key 'node.conn[0].iscsi.DataDigest' CRC32C,None
set_key node.session.iscsi.MaxOutstandingR2T 4
echo 3 >$LIO/iscsi/$iqn/tpgt_1/param/MaxOutstandingR2T
echo 4096 >$LIO/iscsi/$iqn/tpgt_1/param/MaxBurstLength
echo CRC32C >$LIO/iscsi/$iqn/tpgt_1/param/HeaderDigest
echo CRC32C >$LIO/iscsi/$iqn/tpgt_1/param/DataDigest
expect 0 iscsiadm -m node -T $iqn -l
shows recovery_tmo off abort_tmo 16 fast_abort 0 ping_tmo 0 recv_tmo 0 \
	header_digest 1 data_digest 1 max_outstanding_r2t 4 \
	max_burst_len 4096 first_burst_len 4096
disk=$(wait_disk $iqn 0)
dd if=/dev/zero of="$disk" bs=64k count=16 oflag=direct 2>/dev/null || fail 'no writing'
dd if="$disk" of=/dev/null bs=64k count=16 iflag=direct 2>/dev/null || fail 'no reading'
expect 0 iscsiadm -m node -T $iqn -u
