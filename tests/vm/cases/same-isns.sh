# SPDX-License-Identifier: GPL-2.0-or-later
# Discovery by iSNS, by open-iscsi with its daemon and by ours with ours, from the same isnsd: what
# they say and every file and link they leave.
. "${VM_LIB%/*}/compare.sh"

# the words of a command each; -o makes say() list what is left
play() {
	while read -r words; do
		echo "\$ iscsiadm $words"
		# shellcheck disable=SC2086
		say $PROGRAM $words
	done
}

story() {
	fresh
	isns_start
	play <<-X
		-m discovery -t isns -p 127.0.0.1
	X
	isns_register a target=$A portal=10.0.0.1:3260 portal=10.0.0.1:3261
	isns_register b target=$B portal=10.0.0.2:3260
	play <<-X
		-m discovery -t isns -p 127.0.0.1 -o nonpersistent
		-m discovery -t isns -p 127.0.0.1
		-m discovery -t isns -p 127.0.0.1 -o new
		-m discovery
		-m node
		-m node -T $A -o update -n node.startup -v manual
		-m discovery -t isns -p 127.0.0.1:3205 -o new
		-m discovery -t isns -p 127.0.0.1 -o update
	X
	isns_forget b
	play <<-X
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
	X
	isns_stop
}

PROGRAM=$THEIRS
story | sed 's/RECORD 2\.1\.8/RECORD/' >/run/theirs
iscsid_stop
ISCSID=$BUILD/sbin/iscsid
iscsid_start
PROGRAM=$OURS
story | sed 's/RECORD 3\.0\.0/RECORD/' >/run/ours
grep -q "/run/out:10.0.0.2:3260,1 $B" /run/theirs || fail "the reference finds nothing: $(cat /run/theirs)"
diff -U4 /run/theirs /run/ours >/run/difference && exit
cat /run/difference
fail 'not the same (- open-iscsi, + ours)'
