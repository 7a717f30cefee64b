# SPDX-License-Identifier: GPL-2.0-or-later
# Applying interface records and pings: without an adapter both programs say and leave the same.
. "${VM_LIB%/*}/compare.sh"

same <<'E'
-m iface -I default -o apply
-m iface -I if1 -o new -n iface.hwaddress -v 00:11:22:33:44:55 -n iface.mtu -v 9000
-m iface -I if1 -o apply
-m iface -I if1 -C ping -a 127.0.0.1
-m iface -I if1 -C ping -a nobody.invalid
-m iface -I if1 -C ping -a 127.0.0.1 -c 0
-m iface -I if1 -C ping -a 127.0.0.1 -i -1
-m iface -I nope -C ping -a 127.0.0.1
E
