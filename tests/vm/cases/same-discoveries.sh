# SPDX-License-Identifier: GPL-2.0-or-later
# Discovery records, by open-iscsi's tool and by ours.
. "${VM_LIB%/*}/compare.sh"

same <<'E'
-m discovery
-m discovery -P 1
-m discovery -o new
-m discovery -p 10.0.0.1
-m discoverydb -p 10.0.0.1
-m discoverydb -p 10.0.0.1 -o delete
-m discoverydb -o new
-m discoverydb -t st
-m discoverydb -t st -p 10.0.0.1
-m discoverydb -t st -p 10.0.0.1 -o new
-m discoverydb -t st -p 10.0.0.1
-m discovery -p 10.0.0.1
-m discovery -p 10.0.0.1 -o new
-m discoverydb -t st -p 10.0.0.1 -o update -n discovery.sendtargets.auth.authmethod -v CHAP -n discovery.sendtargets.auth.password -v sec
-m discoverydb -t st -p 10.0.0.1 -o update -n node.session.auth.chap_algs -v SHA1,FOO,SHA1
-m discoverydb -t st -p 10.0.0.1 -o update -n node.session.auth.chap_algs -v FOO
-m discoverydb -t st -p 10.0.0.1 -S
-m discoverydb -t st -p 10.0.0.1 -o update
-m discoverydb -t st -p 10.0.0.1 -o update -n discovery.foo -v x
-m discoverydb -t st -p 10.0.0.1 -o update -n discovery.type -v isns
-m discoverydb -t st -p 10.0.0.1 -o update -n discovery.startup -v x
-m discoverydb -t st -p 10.0.0.1 -o apply
-m discovery -P 1
-m discoverydb -t st -p 10.0.0.1 -o delete
-m discoverydb -t st -p 10.0.0.1 -o delete
-m discoverydb -t isns -p 10.0.0.5 -o new
-m discoverydb
-m discoverydb -t isns -p 10.0.0.5
-m discoverydb -t isns -p 10.0.0.5 -o update -n discovery.isns.use_discoveryd -v Yes
-m discoverydb -P 1
-m discoverydb -t isns -p 10.0.0.5 -o delete
-m discovery -t slp -p 10.0.0.1
-m discovery -t fw
! eval "$FRESH"
-m discovery -P 0
-m discovery -P 2
-m discovery -o show
-m discovery -o update
-m discovery -o delete
-m discovery -o nonpersistent
-m discovery -D
-m discovery -l
-m discovery -t st
-m discovery -t st -D
-m discovery -t ''
<> bad-type
> err: iscsiadm: option '-t' takes sendtargets, st, isns or fw, not ''.
-m discovery -t foo
<> bad-type
> err: iscsiadm: option '-t' takes sendtargets, st, isns or fw, not 'foo'.
-m discovery -t foo -p 10.0.0.1
<> bad-type
> err: iscsiadm: option '-t' takes sendtargets, st, isns or fw, not 'foo'.
-m discovery -t fw
-m discovery -t isns
<> bad-portal
< err: iscsiadm: Please specify portal as <ipaddr>:[<ipport>]
> err: iscsiadm: Please specify portal as <ipaddr>[:<ipport>]
-m discoverydb -t isns
-m discovery -p ''
<> bad-portal
< err: iscsiadm: Discovery record [,3260] not found!
> err: iscsiadm: '' is no portal. Please specify portal as <ipaddr>[:<ipport>]
-m discovery -p 10.0.0.1 -D
-m discovery -p 10.0.0.1 -l
-m discovery -p 10.0.0.1 -o show
-m discovery -p 10.0.0.1 -o delete
-m discovery -p 10.0.0.1 -o update -n discovery.startup -v manual
-m discovery -p 10.0.0.1 -o apply
<> refused
< err: iscsiadm: Discovery record [10.0.0.1,3260] not found!
> err: iscsiadm: Invalid operation.
-m discovery -p 10.0.0.1:99999
<> bad-portal
< err: iscsiadm: Discovery record [10.0.0.1,99999] not found!
> err: iscsiadm: '10.0.0.1:99999' is no portal. Please specify portal as <ipaddr>[:<ipport>]
-m discovery -p [::1]
-m discovery -p ::1
-m discovery -p localhost
-m discoverydb -o show
-m discoverydb -P 0
-m discoverydb -P 3
-m discoverydb -D
-m discoverydb -l
-m discoverydb -t fw
-m discoverydb -t fw -o new
-m discoverydb -t foo -p 10.0.0.1
<> bad-type
> err: iscsiadm: option '-t' takes sendtargets, st, isns or fw, not 'foo'.
-m discoverydb -t '' -p 10.0.0.1
<> bad-type
> err: iscsiadm: option '-t' takes sendtargets, st, isns or fw, not ''.
-m discoverydb -p 10.0.0.1 -D
-m discoverydb -p 10.0.0.1 -o new
-m discoverydb -p 10.0.0.1 -o show
-m discoverydb -t st -o new
-m discoverydb -t st -o update -n discovery.startup -v manual
-m discoverydb -t sendtargets -p 10.0.0.1:3261 -o new
-m discoverydb -t st -p 10.0.0.1:3261 -o new
-m discoverydb -t st -p [::1] -o new
-m discoverydb -t st -p ::2 -o new
-m discoverydb -t st -p host.example.org:3262 -o new
-m discoverydb -t st -p 10.0.0.7,5 -o new
any-order -m discoverydb
any-order -m discovery -o show
any-order -m discovery -P 0
any-order -m discoverydb -P 1
any-order -m discoverydb -P 2
-m discoverydb -P 1 -t st -p 10.0.0.1:3261
-m discoverydb -t st -p ::1
-m discoverydb -t st -p [::2]:3260
-m discoverydb -t st -p host.example.org:3262 -o show
-m discoverydb -t st -p host.example.org
-m discoverydb -t st -p 10.0.0.1:3261 -S
-m discoverydb -t st -p 10.0.0.1:3261 -o update -n discovery.sendtargets.auth.username -v u -n discovery.sendtargets.auth.password -v p -n discovery.sendtargets.auth.username_in -v ui -n discovery.sendtargets.auth.password_in -v pi
-m discoverydb -t st -p 10.0.0.1:3261
-m discoverydb -t st -p 10.0.0.1:3261 -o show -S
-m discoverydb -t st -p 10.0.0.1:3261 -o new
-m discoverydb -t st -p 10.0.0.1:3261
-m discoverydb -t st -p 10.0.0.1:3261 -o update -n discovery.sendtargets.address -v x
-m discoverydb -t st -p 10.0.0.1:3261 -o update -n discovery.sendtargets.port -v 1
-m discoverydb -t st -p 10.0.0.1:3261 -o update -n discovery.sendtargets.use_discoveryd -v Yes
-m discoverydb -t st -p 10.0.0.1:3261 -o update -n discovery.sendtargets.use_discoveryd -v maybe
-m discoverydb -t st -p 10.0.0.1:3261 -o update -n discovery.sendtargets.discoveryd_poll_inval -v 60
-m discoverydb -t st -p 10.0.0.1:3261 -o update -n discovery.sendtargets.reopen_max -v 1
-m discoverydb -t st -p 10.0.0.1:3261 -o update -n discovery.sendtargets.timeo.login_timeout -v 20
-m discoverydb -t st -p 10.0.0.1:3261 -o update -n discovery.sendtargets.timeo.auth_timeout -v 20
-m discoverydb -t st -p 10.0.0.1:3261 -o update -n discovery.sendtargets.timeo.active_timeout -v 20
-m discoverydb -t st -p 10.0.0.1:3261 -o update -n discovery.sendtargets.iscsi.MaxRecvDataSegmentLength -v 8192
-m discoverydb -t st -p 10.0.0.1:3261 -o update -n discovery.sendtargets.auth.chap_algs -v MD5
-m discoverydb -t st -p 10.0.0.1:3261 -o update -n discovery.startup -v automatic
-m discoverydb -t st -p 10.0.0.1:3261 -o update -n node.startup -v automatic
-m discoverydb -t st -p 10.0.0.1:3261 -o update -n discovery.startup
-m discoverydb -t st -p 10.0.0.1:3261 -o update -n discovery.sendtargets.auth.username -v ''
-m discoverydb -t st -p 10.0.0.1:3261 -o show -o update -n discovery.startup -v manual
-m discoverydb -t st -p 10.0.0.1:3261 -o new -o update -n discovery.startup -v manual
-m discoverydb -t st -p 10.0.0.1:3261 -o update -o delete -n discovery.startup -v automatic
-m discoverydb -t st -p 10.0.0.1:3261 -o nonpersistent
-m discoverydb -t st -p 10.0.0.1:3261 -o login
-m discoverydb -t st -p 10.0.0.1:3261
-m discoverydb -t st -p 10.0.0.9:3261 -o update -n discovery.startup -v manual
-m discovery -p 10.0.0.7
-m discovery -p 10.0.0.7 -o show -S
-m discovery -p 10.0.0.7 -o delete
-m discovery -p 10.0.0.7 -o delete
-m discoverydb -t isns -p 10.0.0.5 -o show
-m discoverydb -t isns -p 10.0.0.5 -o new
-m discoverydb -t isns -p 10.0.0.5:3206 -o new
-m discoverydb -t isns -p [::1] -o new
-m discoverydb -t isns -p [::1]
-m discovery -p 10.0.0.5
-m discovery -p 10.0.0.5:3205
-m discoverydb -t isns -p 10.0.0.5 -o update -n discovery.isns.discoveryd_poll_inval -v 10
-m discoverydb -t isns -p 10.0.0.5 -o update -n discovery.sendtargets.port -v 10
-m discoverydb -t isns -p 10.0.0.5 -o update -n discovery.sendtargets.auth.username -v 10
-m discoverydb -t isns -p 10.0.0.5 -o show
any-order -m discoverydb
any-order -m discovery -P 1
-m discoverydb -t isns -p 10.0.0.5:3206 -o delete
-m discoverydb -t st -p [::1] -o delete
-m discoverydb -t st -p ::2 -o delete
! eval "$FRESH"; mkdir -m 700 send_targets; printf 'discovery.type = sendtargets\ndiscovery.sendtargets.address = 10.0.0.1\ndiscovery.sendtargets.port = 3260\n' >send_targets/10.0.0.1,3260
-m discoverydb
-m discoverydb -t st -p 10.0.0.1
-m discoverydb -t st -p 10.0.0.1 -o update -n discovery.startup -v automatic
<> own-lines
< db:  discovery.sendtargets.auth.authmethod = None
< db:  node.session.auth.chap_algs = MD5
< ...
-m discoverydb -t st -p 10.0.0.1 -o delete
E
