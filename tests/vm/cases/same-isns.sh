# SPDX-License-Identifier: GPL-2.0-or-later
# Discovery by iSNS, by open-iscsi with its daemon and by ours with ours, from the same isnsd: what
# they say and every file and link they leave.
. "${VM_LIB%/*}/compare.sh"

cat >/run/empty <<'E'
-m discovery -t isns -p 127.0.0.1
E
cat >/run/two <<'E'
-m discovery -t isns -p 127.0.0.1 -o nonpersistent
-m discovery -t isns -p 127.0.0.1
-m discovery -t isns -p 127.0.0.1 -o new
-m discovery
-m node
-m node -T $A -o update -n node.startup -v manual
-m discovery -t isns -p 127.0.0.1:3205 -o new
-m discovery -t isns -p 127.0.0.1 -o update
E
cat >/run/one <<'E'
-m discovery -t isns -p 127.0.0.1 -o new
-m discovery -t isns -p 127.0.0.1 -o delete
-m discoverydb -t isns -p 127.0.0.1 -o new
-m discovery
-m discovery -t isns -p 127.0.0.1 -o update
-m discoverydb -t isns -p 127.0.0.1
-m iface -I if1 -o new
-m iface -I if2 -o new
-m discoverydb -t isns -p 127.0.0.1 -D -o new
-m discoverydb -t isns -p 127.0.0.1 -D -I if1 -o new -o delete
-m discoverydb -t isns -p 127.0.0.1 -D -I default -P 1
-m discovery -t isns -p 127.0.0.1 -I if1 -I if2 -P 1
-m discovery -t isns -p 127.0.0.1 -I if1 -I if2
-m discoverydb -t isns -p 127.0.0.1 -o delete
-m discoverydb -t isns -o new
E
for who in theirs ours; do
	begin_work $who
	isns_start
	transcript $who /run/empty
	isns_register a target=$A portal=10.0.0.1:3260 portal=10.0.0.1:3261
	isns_register b target=$B portal=10.0.0.2:3260
	transcript $who /run/two
	isns_forget b
	transcript $who /run/one
	isns_stop
done
grep -q "out: 10.0.0.2:3260,1 $B" /run/theirs || fail "the reference finds nothing: $(cat /run/theirs)"
cat /run/empty /run/two /run/one >/run/rows
judge /run/rows
