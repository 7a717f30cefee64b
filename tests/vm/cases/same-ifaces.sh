# SPDX-License-Identifier: GPL-2.0-or-later
# Interface records, by open-iscsi's tool and by ours.
. "${VM_LIB%/*}/compare.sh"

same <<'E'
-m iface
-m iface -P 1
-m iface -P 2
-m iface -I if1 -o new
-m iface -I if2 -o new -n iface.hwaddress -v 00:11:22:33:44:66 -n iface.mtu -v 9000
-m iface -I if.ipv6 -o new
-m iface -I if1
-m iface -I if.ipv6 -o show
-m iface -I default
-m iface
-m node -T $A -p 10.0.0.1,1 -I if1 -o new
-m node -T $A -p 10.0.0.1,1 -I if2 -o new
-m node -T $A -p 10.0.0.1,1 -o new
-m iface -P 1
-m iface -I if1 -P 1
-m iface -I if1 -o update -n iface.mtu -v 1400 -n iface.ipaddress -v 10.0.0.7
-m iface -I if1 -o update
-m iface -o update -n iface.mtu -v 1
-m iface -I nope -o update -n iface.mtu -v 1
-m iface -I if.ipv6 -o apply
-m iface -I nope -o apply
-m iface -o apply
-m iface -I if1 -C ping -a 127.0.0.1 -c 2
-m iface -I if1 -C ping
-m iface -C ping
-m iface -I if1 -C ping -a 127.0.0.1 -b 0
-m iface -I if1 -C ping -a 127.0.0.1 -c 0
-m iface -I default -o new
-m iface -I nope -o delete
-m iface -o delete
-m iface -I if1 -I if2 -o show
-m iface -I if1 -o delete
-m iface -I if2 -o new
-m iface
-m node -o delete
E
