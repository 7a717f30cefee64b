# SPDX-License-Identifier: GPL-2.0-or-later
# All processes of the idle daemon together have at most 2 MB of memory to themselves.
. "$VM_LIB"
. "${VM_LIB%/*}/processes.sh"

iscsid_start
lio_start
lio_target $NAME:disk 8
# it has worked, and its peer is there
expect 0 iscsiadm -m discovery -t st -p 127.0.0.1
expect 0 iscsiadm -m node -l
expect 0 iscsiadm -m node -u

[ "$(family "$iscsid_pid" | wc -l)" = 4 ] || fail 'not four processes'
total=$(private_memory "$iscsid_pid")
echo "$total KB"
[ "$total" -le 2048 ] || fail "$total KB"
