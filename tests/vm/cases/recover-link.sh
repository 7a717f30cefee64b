# SPDX-License-Identifier: GPL-2.0-or-later
# A link that is cut and comes back: pings find out, and its coming up ends the wait at once.
. "$VM_LIB"

state_is() {
	[ "$(cat /sys/class/iscsi_session/session*/state)" = "$1" ]
}

link_start h1 10.9.1.1/24 10.9.1.2/24
target_start_in h1 --portal 10.9.1.2 --target $NAME:disk --lun 0,size=8M
iscsid_start
expect 0 iscsiadm -m discovery -t st -p 10.9.1.2
for setting in 'node.conn[0].timeo.noop_out_interval 1' 'node.conn[0].timeo.noop_out_timeout 1' \
	'node.session.iscsi.DefaultTime2Wait 0'; do
	expect 0 iscsiadm -m node -T $NAME:disk -o update -n "${setting% *}" -v "${setting#* }"
done
expect 0 iscsiadm -m node -l
disk=$(wait_disk $NAME:disk)

ip link set h10 down
wait_for state_is FAILED
has "$ISCSID_LOG" '1022 - ISCSI_ERR_NOP_TIMEDOUT'
sleep 2
ip link set h10 up
begin=$(msec)
wait_for state_is LOGGED_IN
echo "logged in $(($(msec) - begin)) ms after the link came up"
expect 0 dd if="$disk" of=/dev/null bs=64k count=16 iflag=direct
expect 0 iscsiadm -m node -u
