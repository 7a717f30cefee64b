# SPDX-License-Identifier: GPL-2.0-or-later
# Settings of a record and what may be set, by open-iscsi and by ours.
. "${VM_LIB%/*}/compare.sh"

same <<'E'
-m node -T $A -p 10.0.0.1,1 -o new
-m node -o update -n iface.transport_name -v tcp
-m node -o update -n iface.iscsi_ifacename -v x
-m node -o update -n iface.mtu -v 9000
-m node -o update -n node.tpgt -v 3
-m node -o update -n node.conn[0].address -v 1.2.3.4
-m node -o update -n node.conn[0].port -v 1
-m node -o update -n node.discovery_address -v 1
-m node -o update -n node.discovery_port -v 1
-m node -o update -n node.conn[1].startup -v manual
-m node -o update -n node.conn[0].startup -v automatic
-m node -o update -n discovery.startup -v automatic
-m node -o update -n node.leading_login -v Yes
-m node -o update -n node.leading_login -v yes
-m node -o update -n node.session.scan -v manual
-m node -o update -n node.session.scan -v foo
-m node -o update -n node.session.auth.authmethod -v CHAP
-m node -o update -n node.session.auth.authmethod -v chap
-m node -o update -n node.session.auth.chap_algs -v ' MD5 , SHA1'
-m node -o update -n node.session.auth.chap_algs -v ''
-m node -o update -n node.session.auth.chap_algs -v md5
-m node -o update -n node.session.auth.chap_algs -v SHA1
-m node -o update -n node.conn[0].iscsi.HeaderDigest -v CRC32C
-m node -o update -n node.conn[0].iscsi.HeaderDigest -v CRC32C,None
-m node -o update -n node.conn[0].iscsi.HeaderDigest -v None,CRC32C
-m node -o update -n node.conn[0].iscsi.HeaderDigest -v CRC32C,CRC32C
-m node -o update -n node.conn[0].iscsi.DataDigest -v ''
-m node -o update -n node.session.nr_sessions -v 4
-m node -o update -n node.session.timeo.replacement_timeout -v 0
-m node -o update -n node.session.timeo.replacement_timeout -v -5
-m node -o update -n node.session.timeo.replacement_timeout -v 010
-m node -o update -n node.session.iscsi.FirstBurstLength -v 65536
-m node -o update -n node.session.iscsi.FirstBurstLength -v 16777215
-m node -o update -n node.session.iscsi.FastAbort -v No
-m node -o update -n node.session.iscsi.ERL -v 0
-m node -o update -n node.session.xmit_thread_priority -v 0
-m node -o update -n node.session.queue_depth -v 64
-m node -o update -n node.session.reopen_max -v 3
-m node -o update -n node.conn[0].tcp.window_size -v 65536
-m node -o update -n node.session.auth.username -v user -n node.session.auth.password -v pa=ss -n node.session.auth.username_in -v u2 -n node.session.auth.password_in -v p2
-m node -o show
-m node -o show -S
-m node -S
-m node -P 1 -S
-m node -o update -n node.session.auth.password -v ''
-m node -o show
-m node -o update -n node.startup -v manual -n node.foo -v 1 -n node.session.scan -v auto
-m node -o update -n node.startup -v bogus -n node.session.scan -v manual
-m node -o show
# what is told at once, and not at the next login
# as curtin writes it, and a setting of another kind of record
--mode=node --targetname=$A --portal=10.0.0.1:3260 --op=update --name=discovery.sendtargets.auth.authmethod --value=CHAP
! cp $DB/nodes/$A/10.0.0.1,3260,1/default /run/before
-m node -o update -n iface.transport_name -v nope
<> checked-values
< exit 0
< db: +nodes/iqn.2001-04.com.example:a/10.0.0.1,3260,1/default 600
< ...
> err: iscsiadm: unknown value format 'nope' for parameter name 'iface.transport_name'
> err: iscsiadm: Unknown parameter iface.transport_name.
> err: iscsiadm: Could not execute operation on all records: invalid parameter
> exit 7
! cp -p /run/before $DB/nodes/$A/10.0.0.1,3260,1/default; chmod 600 $DB/nodes/$A/10.0.0.1,3260,1/default
! cp $DB/nodes/$A/10.0.0.1,3260,1/default /run/before
-m node -o update -n node.session.nr_sessions -v abc
<> checked-values
< exit 0
< db: +nodes/iqn.2001-04.com.example:a/10.0.0.1,3260,1/default 600
< ...
> err: iscsiadm: unknown value format 'abc' for parameter name 'node.session.nr_sessions'
> err: iscsiadm: Unknown parameter node.session.nr_sessions.
> err: iscsiadm: Could not execute operation on all records: invalid parameter
> exit 7
! cp -p /run/before $DB/nodes/$A/10.0.0.1,3260,1/default; chmod 600 $DB/nodes/$A/10.0.0.1,3260,1/default
! cp $DB/nodes/$A/10.0.0.1,3260,1/default /run/before
-m node -o update -n node.session.nr_sessions -v ''
<> checked-values
< exit 0
< db: +nodes/iqn.2001-04.com.example:a/10.0.0.1,3260,1/default 600
< ...
> err: iscsiadm: unknown value format '' for parameter name 'node.session.nr_sessions'
> err: iscsiadm: Unknown parameter node.session.nr_sessions.
> err: iscsiadm: Could not execute operation on all records: invalid parameter
> exit 7
! cp -p /run/before $DB/nodes/$A/10.0.0.1,3260,1/default; chmod 600 $DB/nodes/$A/10.0.0.1,3260,1/default
! cp $DB/nodes/$A/10.0.0.1,3260,1/default /run/before
-m node -o update -n node.session.nr_sessions -v 4x
<> checked-values
< exit 0
> err: iscsiadm: unknown value format '4x' for parameter name 'node.session.nr_sessions'
> err: iscsiadm: Unknown parameter node.session.nr_sessions.
> err: iscsiadm: Could not execute operation on all records: invalid parameter
> exit 7
! cp -p /run/before $DB/nodes/$A/10.0.0.1,3260,1/default; chmod 600 $DB/nodes/$A/10.0.0.1,3260,1/default
! cp $DB/nodes/$A/10.0.0.1,3260,1/default /run/before
-m node -o update -n node.session.nr_sessions -v ' 4'
<> checked-values
< exit 0
> err: iscsiadm: unknown value format ' 4' for parameter name 'node.session.nr_sessions'
> err: iscsiadm: Unknown parameter node.session.nr_sessions.
> err: iscsiadm: Could not execute operation on all records: invalid parameter
> exit 7
! cp -p /run/before $DB/nodes/$A/10.0.0.1,3260,1/default; chmod 600 $DB/nodes/$A/10.0.0.1,3260,1/default
! cp $DB/nodes/$A/10.0.0.1,3260,1/default /run/before
-m node -o update -n node.session.timeo.replacement_timeout -v 0x10
<> checked-values
< exit 0
< db: +nodes/iqn.2001-04.com.example:a/10.0.0.1,3260,1/default 600
< ...
> err: iscsiadm: unknown value format '0x10' for parameter name 'node.session.timeo.replacement_timeout'
> err: iscsiadm: Unknown parameter node.session.timeo.replacement_timeout.
> err: iscsiadm: Could not execute operation on all records: invalid parameter
> exit 7
! cp -p /run/before $DB/nodes/$A/10.0.0.1,3260,1/default; chmod 600 $DB/nodes/$A/10.0.0.1,3260,1/default
! cp $DB/nodes/$A/10.0.0.1,3260,1/default /run/before
-m node -o update -n node.session.auth.password_length -v 3
<> password-length
< exit 0
> err: iscsiadm: Cannot modify node.session.auth.password_length. Invalid param name.
> err: iscsiadm: Could not execute operation on all records: invalid parameter
> exit 7
! cp -p /run/before $DB/nodes/$A/10.0.0.1,3260,1/default; chmod 600 $DB/nodes/$A/10.0.0.1,3260,1/default
# records of other hands
! sed -i '/scan/d; s/ = /   =  /; s/manual/manual  /; /leading/s/$/\r/; s/^/  /' $DB/nodes/$A/10.0.0.1,3260,1/default
-m node
-m node -o show
-m node -o update -n node.startup -v onboot
<> own-lines
< db:  node.session.scan = auto
-m node -o show
E
