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
E
