# SPDX-License-Identifier: GPL-2.0-or-later
# Discovery by SendTargets, by open-iscsi and by ours, each with its own daemon: what is said, and
# which records there are then.
. "${VM_LIB%/*}/compare.sh"

echo '127.0.0.1 host4' >>/etc/hosts
target_start --portal 127.0.0.1 --portal '[::1]' --target $A --lun 0,size=8M --target $B --lun 0,size=8M
same_at_work <<'E'
-m discovery -t st -p 127.0.0.1
-m discovery
-m node
-m discovery -t sendtargets -p 127.0.0.1:3260 -D
--mode discovery --type sendtargets --portal 127.0.0.1
--mode=discovery --type=st --portal=127.0.0.1:3260,1 --discover
-m discovery -t st -p 127.0.0.1 -P 0
-m discovery -t st -p 127.0.0.1 -P 1
-m discovery -t st -p 127.0.0.1 -P 2
-m discovery -t st -p host4
-m discovery -t st -p [::1]
-m discovery -t st -p ::1
any-order -m discovery
any-order -m discovery -P 1
-m node
-m node -P 1
# what becomes of records that are there
-m node -T $A -o update -n node.startup -v manual
-m discovery -t st -p 127.0.0.1 -o new
-m discovery -t st -p 127.0.0.1 -o update
-m node -T $A -o update -n node.startup -v manual
-m discovery -t st -p 127.0.0.1 -o delete
-m discovery -t st -p 127.0.0.1 -o new -o delete
-m discovery -t st -p 127.0.0.1
-m discovery -t st -p 127.0.0.1 -o nonpersistent
-m discovery -t st -p 127.0.0.1 -o show
-m discovery -p 127.0.0.1
-m discovery -p 127.0.0.1 -D
-m discovery -p 127.0.0.1 -o show
-m discovery -p 127.0.0.1 -o update
-m discovery -p 127.0.0.1 -o delete
-m discovery -p 127.0.0.1 -D
-m node
! eval "$FRESH"
-m discovery -t st -p 127.0.0.1 -o nonpersistent
-m node
-m discovery
-m discoverydb -t st -p 127.0.0.1 -D
-m discoverydb -t st -p 127.0.0.1 -o update -n discovery.sendtargets.timeo.login_timeout -v 20
-m discoverydb -t st -p 127.0.0.1 --discover
-m discoverydb -t st -p 127.0.0.1 -D -o new
-m discoverydb -t st -p 127.0.0.1 -D -o nonpersistent
-m discoverydb -t st -p 127.0.0.1 -D -P 1
-m discoverydb -t st -p 127.0.0.1 -D -o apply
<> refused
< out: 127.0.0.1:3260,1 iqn.2001-04.com.example:a
< out: [::1]:3260,1 iqn.2001-04.com.example:a
< out: 127.0.0.1:3260,1 iqn.2001-04.com.example:b
< out: [::1]:3260,1 iqn.2001-04.com.example:b
< exit 0
> err: iscsiadm: Operation is not supported.
> exit 7
-m discoverydb -t st -p 127.0.0.1
# a target that went, and one that another portal told of
! mkdir -p $DB/nodes/iqn.2001-04.com.example:gone/127.0.0.1,3260,1; cp $DB/nodes/$A/127.0.0.1,3260,1/default $DB/nodes/iqn.2001-04.com.example:gone/127.0.0.1,3260,1/; sed -i 's/example:a/example:gone/' $DB/nodes/*gone/*/default; ln -s $DB/nodes/iqn.2001-04.com.example:gone/127.0.0.1,3260,1 $DB/send_targets/127.0.0.1,3260/iqn.2001-04.com.example:gone,127.0.0.1,3260,1,default
-m node
-m discovery -t st -p 127.0.0.1 -o new
-m discovery -t st -p 127.0.0.1 -o update
-m discovery -t st -p 127.0.0.1 -o delete
-m node
# interfaces
-m iface -I if1 -o new
-m iface -I if2 -o new
-m discovery -t st -p 127.0.0.1
-m node -P 1
any-order -m discovery -t st -p 127.0.0.1 -P 1
-m discovery -t st -p 127.0.0.1 -I if1
-m node -P 1
-m discovery -t st -p 127.0.0.1 -I default -I if2 -o new
-m node -P 1
-m discovery -t st -p 127.0.0.1 -I nope
-m discovery -t st -p 127.0.0.1 -I nope -I default
-m discovery -t st -p 127.0.0.1 -I iser
<> driver-lines
< err: libkmod: ERROR ../libkmod/libkmod-module.c:895 kmod_module_insert_module: could not find module by name='ib_iser'
< err: iscsiadm: Could not insert module iser. Kmod error -2
-m iface -I if1 -o delete
-m iface -I if2 -o delete
-m discoverydb -t st -p 127.0.0.1 -o delete
-m node
# and a login at once
any-order -m discovery -t st -p 127.0.0.1 -l
any-order -m discovery -t st -p 127.0.0.1 -l
-m discovery -t st -p 127.0.0.1 -o delete
any-order -m discoverydb -t st -p 127.0.0.1 -D -l
any-order -m node -u
any-order -m discovery -p 127.0.0.1 -l
any-order -m node -u
! eval "$FRESH"
any-order -m discovery -t st -p 127.0.0.1 -o nonpersistent -l
any-order -m session -u
E
