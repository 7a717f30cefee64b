# SPDX-License-Identifier: GPL-2.0-or-later
# Portals and tags in all their spellings, by open-iscsi and by ours.
. "${VM_LIB%/*}/compare.sh"

same <<'E'
-m node -T $A -p 10.0.0.1,1 -o new
# portals in every spelling
-m node -p 10.0.0.1
-m node -p 10.0.0.1:3260
-m node -p 10.0.0.1:3260,1
-m node -p 10.0.0.1,1
-m node -p 10.0.0.1:3260,
-m node -p 10.0.0.1,
-m node -p 10.0.0.1,abc
<> bad-portal
< out: # BEGIN RECORD
< out: node.name = iqn.2001-04.com.example:a
< out: node.tpgt = 1
< ...
> err: iscsiadm: '10.0.0.1,abc' is no portal. Please specify portal as <ipaddr>[:<ipport>]
> exit 7
-m node -p 10.0.0.1:
<> bad-portal
< err: iscsiadm: No records found
< exit 21
> err: iscsiadm: '10.0.0.1:' is no portal. Please specify portal as <ipaddr>[:<ipport>]
> exit 7
-m node -p 10.0.0.1:abc
<> bad-portal
< err: iscsiadm: No records found
< exit 21
> err: iscsiadm: '10.0.0.1:abc' is no portal. Please specify portal as <ipaddr>[:<ipport>]
> exit 7
-m node -p 10.0.0.1:03260
-m node -p 10.0.0.1:99999
<> bad-portal
< err: iscsiadm: No records found
< exit 21
> err: iscsiadm: '10.0.0.1:99999' is no portal. Please specify portal as <ipaddr>[:<ipport>]
> exit 7
-m node -p 10.0.0.1:-1
<> bad-portal
< out: # BEGIN RECORD
< out: node.name = iqn.2001-04.com.example:a
< out: node.tpgt = 1
< ...
> err: iscsiadm: '10.0.0.1:-1' is no portal. Please specify portal as <ipaddr>[:<ipport>]
> exit 7
-m node -p :3260
<> bad-portal
< out: 10.0.0.1:3260,1 iqn.2001-04.com.example:a
< exit 0
> err: iscsiadm: ':3260' is no portal. Please specify portal as <ipaddr>[:<ipport>]
> exit 7
-m node -p ,1
<> bad-portal
< out: 10.0.0.1:3260,1 iqn.2001-04.com.example:a
< exit 0
> err: iscsiadm: ',1' is no portal. Please specify portal as <ipaddr>[:<ipport>]
> exit 7
-m node -p ' 10.0.0.1'
<> bad-portal
< err: iscsiadm: No records found
< exit 21
> err: iscsiadm: ' 10.0.0.1' is no portal. Please specify portal as <ipaddr>[:<ipport>]
> exit 7
-m node -p '10.0.0.1 '
<> bad-portal
< err: iscsiadm: No records found
< exit 21
> err: iscsiadm: '10.0.0.1 ' is no portal. Please specify portal as <ipaddr>[:<ipport>]
> exit 7
-m node -p 10.0.0.01
<> show-by-name
< err: iscsiadm: No records found
< exit 21
> out: # BEGIN RECORD
> out: node.name = iqn.2001-04.com.example:a
> out: node.tpgt = 1
> ...
-m node -p 010.0.0.1
-m node -p [10.0.0.1]:3260
<> show-by-name
< err: iscsiadm: No records found
< exit 21
> out: # BEGIN RECORD
> out: node.name = iqn.2001-04.com.example:a
> out: node.tpgt = 1
> ...
-m node -p 10.0.0.1:3260:1
<> bad-portal
< out: # BEGIN RECORD
< out: node.name = iqn.2001-04.com.example:a
< out: node.tpgt = 1
< ...
> err: iscsiadm: '10.0.0.1:3260:1' is no portal. Please specify portal as <ipaddr>[:<ipport>]
> exit 7
-m node -p foo
-m node -p [::1
<> bad-portal
< out: 10.0.0.1:3260,1 iqn.2001-04.com.example:a
< exit 0
> err: iscsiadm: '[::1' is no portal. Please specify portal as <ipaddr>[:<ipport>]
> exit 7
-m node -p ::1]
<> bad-portal
< err: iscsiadm: No records found
< exit 21
> err: iscsiadm: '::1]' is no portal. Please specify portal as <ipaddr>[:<ipport>]
> exit 7
-m node -p []
<> bad-portal
< out: 10.0.0.1:3260,1 iqn.2001-04.com.example:a
< exit 0
> err: iscsiadm: '[]' is no portal. Please specify portal as <ipaddr>[:<ipport>]
> exit 7
-m node -p [::1]x
<> bad-portal
< err: iscsiadm: No records found
< exit 21
> err: iscsiadm: '[::1]x' is no portal. Please specify portal as <ipaddr>[:<ipport>]
> exit 7
-m node -T $B -p ::1,1 -o new
-m node -T $B -p [::2]:3261,1 -o new
-m node -T $B -p [fe80::1%eth0],1 -o new
-m node -T $B -p localhost,1 -o new
-m node -T $B -p localhost:3262,1 -o new
-m node -T $B -p host.example.org,1 -o new
-m node
-m node -p ::1
<> show-by-name
> out: # BEGIN RECORD
> out: node.name = iqn.2001-04.com.example:b
> out: node.tpgt = 1
> ...
-m node -p [::1]
<> show-by-name
> out: # BEGIN RECORD
> out: node.name = iqn.2001-04.com.example:b
> out: node.tpgt = 1
> ...
-m node -p [::1]:3260
<> show-by-name
> out: # BEGIN RECORD
> out: node.name = iqn.2001-04.com.example:b
> out: node.tpgt = 1
> ...
-m node -p [::1]:3260,1
<> show-by-name
> out: # BEGIN RECORD
> out: node.name = iqn.2001-04.com.example:b
> out: node.tpgt = 1
> ...
-m node -p [0:0:0:0:0:0:0:1]
<> show-by-name
< err: iscsiadm: No records found
< exit 21
> out: # BEGIN RECORD
> out: node.name = iqn.2001-04.com.example:b
> out: node.tpgt = 1
> ...
-m node -p 0:0::1
<> show-by-name
< err: iscsiadm: No records found
< exit 21
> out: # BEGIN RECORD
> out: node.name = iqn.2001-04.com.example:b
> out: node.tpgt = 1
> ...
-m node -p [::2]:3261
-m node -p ::2
-m node -p [FE80::1%eth0]
<> show-by-name
< err: iscsiadm: No records found
< exit 21
> out: # BEGIN RECORD
> out: node.name = iqn.2001-04.com.example:b
> out: node.tpgt = 1
> ...
-m node -p localhost
<> show-by-name
> out: node.conn[0].address = ::1
> out: node.conn[0].port = 3260
> out: node.conn[0].startup = manual
> ...
-m node -p LOCALHOST
<> show-by-name
< err: iscsiadm: No records found
< exit 21
> out: # BEGIN RECORD
> out: node.name = iqn.2001-04.com.example:b
> out: node.tpgt = 1
> ...
-m node -p localhost:3262
-m node -p 127.0.0.1
<> show-by-name
< err: iscsiadm: No records found
< exit 21
> out: # BEGIN RECORD
> out: node.name = iqn.2001-04.com.example:b
> out: node.tpgt = 1
> ...
-m node -p [localhost]:3260,1
<> show-by-name
> out: node.conn[0].address = ::1
> out: node.conn[0].port = 3260
> out: node.conn[0].startup = manual
> ...
-m node -p host.example.org -P 1
-m node -T $B -P 1
-m node -P 1
-m node -T $B -p [::1] -o update -n node.startup -v onboot
<> text-match
< db: -nodes/iqn.2001-04.com.example:b/localhost,3260,1/default 600
< db: +nodes/iqn.2001-04.com.example:b/localhost,3260,1/default 600
< ...
! sed -i 's/startup = onboot/startup = automatic/' $DB/nodes/$B/*/default
-m node -p [::2]:3261,7 -o update -n node.startup -v manual
-m node -p 10.0.0.1 -o delete -T $B
-m node -p ::2 -o delete
-m node -p [::2]:3261 -o delete
-m node -T $B -p [fe80::1%eth0] -o delete
-m node -p host.example.org -o delete
-m node -T $B -p localhost:3262 -o delete
-m node
# tags
-m node -T $B -p 10.0.0.3,0 -o new
-m node -T $B -p 10.0.0.3,65535 -o new
-m node -T $B -p 10.0.0.9,-1 -o new
-m node -T $B -p 10.0.0.4:3260,2 -o new
-m node -T $B -p 10.0.0.4:3261,2 -o new
-m node -T $B -p 10.0.0.4:3260,3 -o new
-m node -P 0
<> no-tag
< out: 10.0.0.9:3260,4294967295 iqn.2001-04.com.example:b
> out: 10.0.0.9:3260,-1 iqn.2001-04.com.example:b
-m node -P 1
-m node -p 10.0.0.9:3260,4294967295
-m node -T $B -p 10.0.0.4:3260,2 -o delete
-m node -T $B -p 10.0.0.3 -o delete
-m node -T $B -p 10.0.0.9 -o delete
-m node
-m node -T $B -p 10.0.0.3,abc -o new
<> bad-portal
< out: New iSCSI node [tcp:[hw=,ip=,net_if=,iscsi_if=default] 10.0.0.3,3260,0 iqn.2001-04.com.example:b] added
< exit 0
< db: +nodes/iqn.2001-04.com.example:b/10.0.0.3,3260,0/ 700
< ...
> err: iscsiadm: '10.0.0.3,abc' is no portal. Please specify portal as <ipaddr>[:<ipport>]
> exit 7
! rm -rf $DB/nodes/$B/10.0.0.3,3260,0 $DB/static/$B,10.0.0.3,3260,0,default
-m node -T $B -p 10.0.0.3,65536 -o new
<> bad-portal
< out: New iSCSI node [tcp:[hw=,ip=,net_if=,iscsi_if=default] 10.0.0.3,3260,65536 iqn.2001-04.com.example:b] added
< exit 0
< db: +nodes/iqn.2001-04.com.example:b/10.0.0.3,3260,65536/ 700
< ...
> err: iscsiadm: '10.0.0.3,65536' is no portal. Please specify portal as <ipaddr>[:<ipport>]
> exit 7
E
