# SPDX-License-Identifier: GPL-2.0-or-later
# Records by hand: operations, what they go with and which records they mean, by open-iscsi and by ours.
. "${VM_LIB%/*}/compare.sh"

same <<'E'
-m node -o new
<> silent-failure
< err: iscsiadm: Error while adding record: 
< exit 0
> err: iscsiadm: Error while adding record: a target name (-T) and a portal (-p) are needed.
> exit 7
-m node -o delete
-m node -o update
-m node -o update -n node.startup -v manual
-m node -o new -p 10.0.0.1
<> silent-failure
< err: iscsiadm: Error while adding record: 
< exit 0
> err: iscsiadm: Error while adding record: a target name (-T) and a portal (-p) are needed.
> exit 7
-m node -o new -T $A
<> silent-failure
< err: iscsiadm: Error while adding record: 
< exit 0
> err: iscsiadm: Error while adding record: a target name (-T) and a portal (-p) are needed.
> exit 7
-m node -o new -T $A -p 10.0.0.1,1 -n node.startup -v manual
-m node -T $A -o show
-m node -o new -T $A -p 10.0.0.1,1 -I nope
-m node -o new -T $A -p 10.0.0.1,1 -I default
-m node -o new -T $A -p 10.0.0.1
<> known-tag
< out: New iSCSI node [tcp:[hw=,ip=,net_if=,iscsi_if=default] 10.0.0.1,3260,-1 iqn.2001-04.com.example:a] added
> out: New iSCSI node [tcp:[hw=,ip=,net_if=,iscsi_if=default] 10.0.0.1,3260,1 iqn.2001-04.com.example:a] added
< db: +nodes/iqn.2001-04.com.example:a/10.0.0.1,3260 600
< db:  # BEGIN RECORD
< ...
! rm -f $DB/nodes/$A/10.0.0.1,3260
-m node -o new -T $A -p 10.0.0.1,1 -I iser
-m node -o nonpersistent
-m node -o apply
-m node -o applyall
-m node -o logout
-m node -o new -o new -T $B -p 10.0.0.5,1
-m node -o delete -o delete -T $B
-m node -o new -o delete -T $A
-m node -o update -o delete -T $A -n node.startup -v manual
-m node -o new -o show -T $A -p 10.0.0.1,1
# one at each portal, with the interface that is given
-m node -T $A -o delete
-m iface -I if1 -o new
-m iface -I if2 -o new
-m node -T $A -p 10.0.0.1,1 -I if1 -o new
-m node -T $A -p 10.0.0.1,1 -I if2 -o new
-m node -T $A -p 10.0.0.2,1 -I if1 -o new
-m node -T $B -p 10.0.0.1,1 -I default -o new
any-order -m node -T $A -o new
-m node -P 1
any-order -m node -T $A -I if1 -o new
any-order -m node -p 10.0.0.1 -o new
any-order -m node -p 10.0.0.1 -I if2 -o new
any-order -m node -I if2 -o new
-m node -P 1
-m node
-m node -I if1
-m node -I if2 -T $B
-m node -I default
-m node -I nope
-m node -I if1 -I if2 -P 1
-m node -I if1 -o update -n node.startup -v onboot
any-order -m node -o new
-m node -P 1
-m node -I if2 -o delete
-m node -T $A -p 10.0.0.2 -o delete
-m node
any-order -m discovery -P 1
# names
# names
-m node -T eui.0123456789ABCDEF -p 10.0.0.1,1 -o new
-m node -T naa.52004567BA64678D -p 10.0.0.1,1 -o new
-m node -T iqn.2001-04.com.example:under_score -p 10.0.0.1,1 -o new
! eval "$FRESH"; mkdir -m 700 nodes static
-m node -T notaniqn -p 10.0.0.1,1 -o new
<> target-names
< out: New iSCSI node [tcp:[hw=,ip=,net_if=,iscsi_if=default] 10.0.0.1,3260,1 notaniqn] added
< exit 0
< db: +nodes/notaniqn/ 700
< ...
> err: iscsiadm: Error while adding record: 'notaniqn' is not an iSCSI name: an iSCSI name starts with iqn., eui. or naa.
> exit 7
! eval "$FRESH"; mkdir -m 700 nodes static
-m node -T IQN.2001-04.com.example:Upper -p 10.0.0.1,1 -o new
<> target-names
< out: New iSCSI node [tcp:[hw=,ip=,net_if=,iscsi_if=default] 10.0.0.1,3260,1 IQN.2001-04.com.example:Upper] added
< exit 0
< db: +nodes/IQN.2001-04.com.example:Upper/ 700
< ...
> err: iscsiadm: Error while adding record: 'IQN.2001-04.com.example:Upper' is not an iSCSI name: an iSCSI name starts with iqn., eui. or naa.
> exit 7
! eval "$FRESH"; mkdir -m 700 nodes static
-m node -T 'iqn.2001-04.com.example:a b' -p 10.0.0.1,1 -o new
<> target-names
< out: New iSCSI node [tcp:[hw=,ip=,net_if=,iscsi_if=default] 10.0.0.1,3260,1 iqn.2001-04.com.example:a b] added
< exit 0
< db: +nodes/iqn.2001-04.com.example:a b/ 700
< ...
> err: iscsiadm: Error while adding record: 'iqn.2001-04.com.example:a b' is not an iSCSI name: only letters, digits, '-', '.', ':' and '_' may stand in an iSCSI name
> exit 7
! eval "$FRESH"; mkdir -m 700 nodes static
-m node -T iqn.2001-04.com.example:a/b -p 10.0.0.1,1 -o new
<> target-names
< err: iscsiadm: Could not make /etc/iscsi/nodes/iqn.2001-04.com.example:a/b: No such file or directory
< err: iscsiadm: Error while adding record: encountered iSCSI database failure
< exit 6
> err: iscsiadm: Error while adding record: 'iqn.2001-04.com.example:a/b' is not an iSCSI name: only letters, digits, '-', '.', ':' and '_' may stand in an iSCSI name
> exit 7
! eval "$FRESH"; mkdir -m 700 nodes static
-m node -T ../x -p 10.0.0.1,1 -o new
<> target-names
< out: New iSCSI node [tcp:[hw=,ip=,net_if=,iscsi_if=default] 10.0.0.1,3260,1 ../x] added
< exit 0
< db: +x,10.0.0.1,3260,1,default -> /etc/iscsi/nodes/../x/10.0.0.1,3260,1
< ...
> err: iscsiadm: Error while adding record: '../x' is not an iSCSI name: an iSCSI name starts with iqn., eui. or naa.
> exit 7
E
