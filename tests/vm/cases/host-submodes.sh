# SPDX-License-Identifier: GPL-2.0-or-later
# A host of software iSCSI is listed with its session, and has nothing of an adapter's: the kernel
# refuses each question, which harms neither the session nor the daemon.
. "$VM_LIB"

target_start --portal 127.0.0.1 --target $NAME:disk --lun 0,size=8M
iscsid_start
expect 21 iscsiadm -m host
has $ERR 'iscsiadm: No iSCSI hosts.'
expect 0 iscsiadm -m node -T $NAME:disk -p 127.0.0.1:3260,1 -o new
expect 0 iscsiadm -m node -T $NAME:disk -l
host=$(ls /sys/class/iscsi_host)
n=${host#host}
expect 0 iscsiadm -m host
has $OUT "tcp: [$n] 127.0.0.1,[<empty>],<empty> <empty>"
expect 0 iscsiadm -m host -P 4
has $OUT "	Target: $NAME:disk (non-flash)"
has $OUT "			scsi$n Channel 00 Id 0 Lun: 0"

# the kernel's answers to what iscsi_tcp lacks: EINVAL for GET_CHAP, ENOSYS for all else
expect 1 iscsiadm -m host -H $n -C chap -o show
has $ERR 'iscsiadm: Received iferror -22: Invalid argument.'
has $ERR 'iscsiadm: get_chap_info failed. errno=0'
expect 1 iscsiadm -m host -H $n -C chap -o new -x 1 -n host.auth.username -v us \
	-n host.auth.password -v secret123456
has $ERR 'iscsiadm: CHAP setting failed'
expect 1 iscsiadm -m host -H $n -C chap -o delete -x 1
has $ERR 'iscsiadm: CHAP Delete failed.'
expect 21 iscsiadm -m host -H $n -C flashnode
has $ERR "iscsiadm: No flashnodes attached to host $n."
expect 1 iscsiadm -m host -H $n -C flashnode -o new -A ipv4
has $ERR "iscsiadm: Creation of flashnode for host $n failed."
expect 22 iscsiadm -m host -H $n -C flashnode -o update -x 1 -n flashnode.session.erl -v 0
has $ERR 'iscsiadm: Could not read info for flashnode 1, No such file or directory'
has $ERR "iscsiadm: Update for flashnode 1 of host $n failed."
expect 10 iscsiadm -m host -H $n -C flashnode -o logout -x 1
has $ERR "iscsiadm: Logout of flashnode 1 of host $n failed."
expect 1 iscsiadm -m host -H $n -C stats
has $ERR 'iscsiadm: get_host_stats failed. errno=0'
expect 12 iscsiadm -m host -H 77 -C stats
[ "$(sessions)" = 1 ] || fail 'the session is gone'

# the same host in the clothes of an adapter: what is told it reaches the kernel, whose iscsi_tcp has
# none of it
T=/sys/class/iscsi_transport
tcp=$(cat $T/tcp/handle)
echo qla4xxx >/run/proc_name
mount --bind /run/proc_name /sys/class/scsi_host/host$n/proc_name
mount -t tmpfs none $T
mkdir $T/qla4xxx $T/tcp
echo "$tcp" | tee $T/qla4xxx/handle >$T/tcp/handle
mount -t tmpfs none /sys/bus/iscsi_flashnode/devices
mkdir "/sys/bus/iscsi_flashnode/devices/flashnode_sess-$n:1"
expect 1 iscsiadm -m host -H $n -C flashnode -o update -x 1 -n flashnode.session.erl -v 0
has $OUT 'Update flashnode 1.'
has $ERR "iscsiadm: Update for flashnode 1 of host $n failed."
has_not $ERR iferror
expect 0 iscsiadm -m iface -I card -o new -n iface.transport_name -v qla4xxx \
	-n iface.ipaddress -v 127.0.0.1
expect 27 iscsiadm -m iface -I card -o apply
has $ERR 'iscsiadm: Could not apply net configuration: operation not supported'
has_not $ERR iferror
expect 27 iscsiadm -m iface -I card -C ping -a 127.0.0.1 -c 2
has $OUT 'Ping 2 failed: operation not supported'
has_not $ERR iferror
umount /sys/bus/iscsi_flashnode/devices $T /sys/class/scsi_host/host$n/proc_name
expect 0 iscsiadm -m node -T $NAME:disk -u
