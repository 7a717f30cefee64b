# SPDX-License-Identifier: GPL-2.0-or-later
# Queries of an iSNS server that the daemon repeats: targets and portals come and go with what the
# server knows, through each interface; a server that is not there changes nothing.
. "$VM_LIB"

source=isns/127.0.0.1,3205
said() { # N TEXT
	[ "$(grep -cF -- "$2" $ISCSID_LOG)" = "$1" ]
}
# a session of that interface to that portal
is_in() {
	iscsiadm -m session -P 1 2>/dev/null | tr -d '\t' |
		awk -v p="Current Portal: $1" -v i="Iface Name: $2" '
			/^Current Portal:/ { portal = index($0, p) == 1 }
			portal && $0 == i { found = 1 }
			END { exit !found }'
}

target_start --portal 127.0.0.1 --portal 127.0.0.1:3262 --portal 127.0.0.1:3263 \
	--target $NAME:a --lun 0,size=8M --target $NAME:b --lun 0,size=8M
isns_start
isns_register a target=$NAME:a portal=127.0.0.1:3260
iscsid_start
expect 0 iscsiadm -m iface -I if1 -o new
expect 0 iscsiadm -m iface -I if2 -o new
expect 0 iscsiadm -m iface -I if2 -o update -n iface.initiatorname -v $NAME:if2
expect 0 iscsiadm -m discoverydb -t isns -p 127.0.0.1 -o new
expect 0 iscsiadm -m discoverydb -t isns -p 127.0.0.1 -o update \
	-n discovery.isns.use_discoveryd -v Yes -n discovery.isns.discoveryd_poll_inval -v 1
iscsid_stop
iscsid_start
for iface in if1 if2; do
	wait_for is_in 127.0.0.1:3260 $iface
	[ -e "$RECORDS/nodes/$NAME:a/127.0.0.1,3260,1/$iface" ] || fail "no record of $iface"
done
expect 0 iscsiadm -m discoverydb -P 1
has $OUT "Portal: 127.0.0.1:3260,1"

# another one comes, at two portals; then the first one goes
isns_register b target=$NAME:b portal=127.0.0.1:3262 portal=127.0.0.1:3263
for iface in if1 if2; do
	wait_for is_in 127.0.0.1:3262 $iface
	wait_for is_in 127.0.0.1:3263 $iface
done
isns_forget a
wait_for said 2 "$NAME:a: logged out, as discovery $source does not find it any more"
[ -z "$(sid_of $NAME:a)" ] || fail 'still a session'
[ "$(sessions)" = 4 ] || fail "$(sessions) sessions"

# the server goes, and comes back with what it knew
stop "$isns_pid"
wait_for said 1 "repeated discovery $source: cannot connect to 127.0.0.1:3205: Connection refused"
isns_start
wait_for said 1 "repeated discovery $source: all is well again"
[ "$(sessions)" = 4 ] || fail "$(sessions) sessions"

# a whole answer without a target
isns_forget b
wait_for said 4 "$NAME:b: logged out, as discovery $source does not find it any more"
[ "$(sessions)" = 0 ] || fail "$(sessions) sessions"
