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
! eval "$FRESH"
-m iface -P 0
-m iface -P 1
-m iface -P 2
-m iface -P 3 -I default
-m iface -o show
-m iface -I default -o show
-m iface -I iser
-m iface -I nope
<> library-lines
< err: iSCSI ERROR: Failed to open /etc/iscsi/ifaces/nope using read mode: 2 No such file or directory # idbm.c:_idbm_recs_read():834
> err: iscsiadm: Failed to open /etc/iscsi/ifaces/nope using read mode: 2 No such file or directory
-m iface -I nope -P 1
-m iface -I nope -o show
<> library-lines
< err: iSCSI ERROR: Failed to open /etc/iscsi/ifaces/nope using read mode: 2 No such file or directory # idbm.c:_idbm_recs_read():834
> err: iscsiadm: Failed to open /etc/iscsi/ifaces/nope using read mode: 2 No such file or directory
-m iface -I if1 -o new
-m iface -I if1 -o new -n iface.mtu -v 1500
-m iface -I if1 -n iface.mtu -v 1400 -o new
-m iface -I if1 -o new -n iface.foo -v 1
<> silent-failure
< out: New interface if1 added
< exit 0
< db: +ifaces/if1 600
< ...
> exit 7
! rm -f $DB/ifaces/if1
-m iface -I if1 -o new
-m iface -I if1 -o new -n iface.mtu
<> silent-failure
< out: if1 updated.
< out: New interface if1 added
< exit 0
> err: iscsiadm: option '-n iface.mtu' has no value (-v); nothing was done.
> exit 7
-m iface -I if2 -o new -n iface.transport_name -v iser
-m iface -I if3 -o new -n iface.initiatorname -v iqn.2000-01.com.example:x
# as Kubernetes calls its own
-m iface -I 10.0.0.1:3260:pv-1 -o new
-m iface -I '[2001:db8::1]:3260:pv-1' -o new
-m iface -I '[2001:db8::1]:3260:pv-1' -o update -n iface.initiatorname -v iqn.2000-01.com.example:x
-m iface -I '[2001:db8::1]:3260:pv-1'
-m iface
-m iface -I '[2001:db8::1]:3260:pv-1' -o delete
-m iface -I 10.0.0.1:3260:pv-1 -o delete
-m iface -I 'a b' -o new
<> iface-names
< out: a b updated.
< out: New interface a b added
< exit 0
< db: +ifaces/a b 600
< ...
> err: iscsiadm: Invalid iface name a b: only letters, digits and -._:@+[]% may stand in an interface name.
> exit 7
! rm -f $DB/ifaces/a* $DB/ifaces/.hidden
-m iface -I a/b -o new
<> iface-names
< err: iscsiadm: Could not create new interface a/b.
< exit 6
> err: iscsiadm: Invalid iface name a/b: only letters, digits and -._:@+[]% may stand in an interface name.
> exit 7
-m iface -I .hidden -o new
<> iface-names
< out: .hidden updated.
< out: New interface .hidden added
< exit 0
< db: +ifaces/.hidden 600
< ...
> err: iscsiadm: Invalid iface name .hidden: an interface name does not start with a dot.
> exit 7
! rm -f $DB/ifaces/a* $DB/ifaces/.hidden
-m iface -I if:0 -o new
-m iface -I iface.example -o new
-m iface -I iser -o new
-m iface -I default -o new
-m iface -I ''
<> iface-names
< out: Invalid iface name . Must be from 1 to 64 characters.
> err: iscsiadm: Invalid iface name . Must be from 1 to 64 characters.
-m iface -I if1 -I if2 -P 0
-m iface -I if1 -I if2
-m iface
-m iface -I if1 -P 0
-m iface -I if2 -P 1
-m iface -o update
-m iface -I if1 -o update -n iface.ipaddress -v 10.0.0.5
-m iface -I if1 -o update -n iface.net_ifacename -v eth0
-m iface -I if1 -o update -n iface.hwaddress -v 00:11:22:33:44:55
<> silent-failure
< exit 0
> exit 7
-m iface -I if1 -o update -n iface.net_ifacename -v ''
-m iface -I if1 -o update -n iface.hwaddress -v 00:11:22:33:44:55
-m iface -I if1 -o update -n iface.net_ifacename -v eth0
<> silent-failure
< exit 0
> exit 7
-m iface -I if1
-m iface -I if1 -o update -n iface.iscsi_ifacename -v x
<> silent-failure
< exit 0
> exit 7
-m iface -I if1 -o update -n iface.vlan_id -v 5
! cp -p $DB/ifaces/if1 /run/if1
-m iface -I if1 -o update -n iface.vlan_id -v abc
<> checked-values
< out: if1 updated.
< exit 0
< db: +ifaces/if1 600
< ...
> err: iscsiadm: unknown value format 'abc' for parameter name 'iface.vlan_id'
> err: iscsiadm: Could not update iface if1: invalid parameter
> exit 7
! cp -p /run/if1 $DB/ifaces/if1
-m iface -I if1 -o update -n iface.transport_name -v tcp
-m iface -I if1 -o update -n iface.bootproto -v dhcp
-m iface -I if1 -o update -n node.startup -v manual
<> silent-failure
< exit 0
> exit 7
-m iface -I if1 -o update -v 9000 -n iface.mtu
-m iface -I if1 -o update -n iface.mtu
-m iface -I nope -o update
-m iface -I default -o update -n iface.ipaddress -v 10.0.0.5
<> silent-failure
< exit 0
> exit 7
-m iface -I if1 -o show
-m iface -I default -o apply
-m iface -H 0
-m iface -I if1 -o login
<> silent-refusal
> err: iscsiadm: operation is not supported.
-m iface -I if1 -o nonpersistent
<> silent-refusal
> err: iscsiadm: operation is not supported.
-m iface -I if1 -o show -o update -n iface.mtu -v 1
<> silent-refusal
> err: iscsiadm: operation is not supported.
-m iface -I if1 -o new -o delete
<> silent-refusal
> err: iscsiadm: operation is not supported.
-m iface -I if1 -o update -o delete
<> silent-refusal
> err: iscsiadm: operation is not supported.
-m iface
-m iface -C ping
-m iface -I if1 -C ping
-m iface -I nope -C ping -a 127.0.0.1
-m iface -I default -C ping -a 127.0.0.1
-m iface -I if1 -C ping -a foo
-m iface -I if1 -C ping -a ''
-m iface -I if1 -C ping -a 127.0.0.1 -b abc
<> numbers
< err: iscsiadm: Invalid packet size: 0.
> err: iscsiadm: option '-b' takes a number up to 2147483647, not 'abc'.
-m iface -I if1 -C ping -a 127.0.0.1 -b 65536
-m iface -I if1 -C ping -a 127.0.0.1 -b -1
-m iface -I if1 -C ping -a 127.0.0.1 -c -1
-m iface -I if1 -C ping -a 127.0.0.1 -c 2 -i 0
-m iface -I if1 -C ping -a 127.0.0.1 -i -1
-m iface -I if1 -C foo
<> refused
< out: # BEGIN RECORD
< ...
> err: iscsiadm: iface mode: option '-C' takes ping, not 'foo'.
> exit 7
-m iface -I if1 -C foo -a 127.0.0.1
<> refused
< out: # BEGIN RECORD
< ...
> err: iscsiadm: iface mode: option '-C' takes ping, not 'foo'.
> exit 7
-m iface -I if1 -C ''
<> refused
< out: # BEGIN RECORD
< ...
> err: iscsiadm: iface mode: option '-C' takes ping, not ''.
> exit 7
-m iface -I if1 -a 127.0.0.1
-m node -T $A -p 10.0.0.1,1 -I if1 -o new
-m node -T $A -p 10.0.0.1,1 -o new
-m node -T $B -p 10.0.0.2,1 -I if2 -o new
-m node -T $B -p 10.0.0.2,1 -I if3 -o new
-m node -T $B -p 10.0.0.2,1 -I nope -o new
-m node -T $B -p 10.0.0.2,1 -I if2 -I if3 -o new
-m node
-m node -P 1
-m iface -P 1
-m iface -I if1 -P 1
-m node -I if2
-m node -I if2 -P 1
-m node -I if1 -I if2 -P 1
-m node -I if1 -o update -n node.startup -v onboot
any-order -m node -T $A -o new
any-order -m node -T $B -o new
-m iface -I if1 -o update -n iface.mtu -v 1234
-m iface -I if1 -o delete
-m node
-m node -I if2 -o delete
-m iface -I if2 -o delete
-m iface -I nope -o delete
-m iface -o delete
-m iface -P 1
E
