# SPDX-License-Identifier: GPL-2.0-or-later
# Logins and logouts chosen by records, by open-iscsi and by ours, each with its own daemon.
. "${VM_LIB%/*}/compare.sh"

echo '127.0.0.1 host4' >>/etc/hosts
target_start --portal 127.0.0.1 --portal 127.0.0.1:3262 \
	--target $A --lun 0,size=8M --target $B --lun 0,size=8M
same_at_work <<'E'
-m node -l
-m node -u
-m node -L all
-m node -U all
-m node -T $A -l
-m node -L automatic
-m node -T $A -p 127.0.0.1,1 -o new
-m node -T $A -p 127.0.0.1:3262,1 -o new
-m node -T $B -p 127.0.0.1,1 -o new
# one
-m node -T $A -p 127.0.0.1 -l
-m node -T $A -p 127.0.0.1 -l
-m node --targetname=$A --portal=127.0.0.1:3260,1 --login
-m node -T $A -p 127.0.0.1:3260,7 -u
-m node -T $A -p 127.0.0.1 -u
-m node -T $A -p host4:3262 -l
-m node -p host4:3262 -I default -u
-m node -T $B -l -u
-m node -T $B -l -o show
-m node -T $B -u -o delete
-m node -T nobody -l
-m node -T nobody -u
-m node -p 127.0.0.9 -l
-m node -p 127.0.0.9 -u
-m node -I nope -l
-m node -I nope -u
# several
any-order -m node -T $A -l
any-order -m node -T $A -l
any-order -m node -T $A -u
any-order -m node -l
any-order -m node -l
any-order -m node -u
-m node -u
-m node -T $B -p 127.0.0.1 -o update -n node.session.nr_sessions -v 3
-m node -T $B -l
-m node -T $B -l
any-order -m session -P 1
any-order -m node -T $B -u
-m node -T $B -o update -n node.session.nr_sessions -v 1
# by their startup
-m node -o update -n node.startup -v manual
-m node -T $B -o update -n node.startup -v automatic
-m node -L foo
-m node -L ''
-m node -U foo
-m node -U onboot
-m node -L automatic
-m node -L automatic
-m node --loginall automatic
-m node -U manual
-m node -U automatic
-m node -U automatic
-m node -T $B -o update -n node.startup -v onboot
-m node -L automatic
-m node -L onboot
-m node -U all
-m node -U automatic
-m node -T $B -u
any-order -m node -L manual
any-order -m node -L all
any-order -m node -U manual
any-order -m node -T $B -u
-m node -T $B -o update -n node.startup -v manual -n node.conn[0].startup -v automatic
-m node -L automatic
-m node -U automatic
# not waited for
-m node -T $B -l -W
! for i in 1 2 3 4 5 6 7 8 9; do grep -q LOGGED_IN /sys/class/iscsi_session/*/state 2>/dev/null && break; sleep 0.1; done; sleep 0.5
-m node -T $B -u
-m node -L automatic --no_wait
! for i in 1 2 3 4 5 6 7 8 9; do grep -q LOGGED_IN /sys/class/iscsi_session/*/state 2>/dev/null && break; sleep 0.1; done; sleep 0.5
-m session -u
# with interfaces
-m iface -I if1 -o new
-m node -T $A -p 127.0.0.1,1 -I if1 -o new
-m node -T $A -p 127.0.0.1 -I if1 -l
-m session
-m session -P 1
-m iface -I if1 -o update -n iface.mtu -v 1400
-m iface -I if1 -o delete
-m iface -I if1 -o new
-m iface -P 1
-m node -T $A -p 127.0.0.1 -I default -u
-m node -T $A -p 127.0.0.1 -I if1 -u
-m iface -I if1 -o delete
# a session outlives its record
-m node -T $B -l
! rm -r $DB/nodes/$B
-m session -P 1
-m node -U all
-m session
-m node -T $B -u
E
