# SPDX-License-Identifier: GPL-2.0-or-later
# The test machine is what the other cases count on: a fresh one, with iSCSI on both sides.
. "$VM_LIB"

[ "$(id -u)" = 0 ] || fail 'not root'
[ -z "$(ls -A /etc/iscsi /var/lib/iscsi | grep -v :)" ] || fail 'somebody was here before'
modprobe iscsi_tcp
[ -d /sys/class/iscsi_transport/tcp ] || fail 'no iscsi_tcp'
lio_start
lio_target $NAME:disk 8
listening 3260 || fail 'LIO does not listen'
