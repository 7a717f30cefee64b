# SPDX-License-Identifier: GPL-2.0-or-later
# One database under both tools: what either wrote the other reads as it reads its own, and writes
# on without losing anything.
. "${VM_LIB%/*}/compare.sh"

# sorted, since theirs lists links in the order of the folder
reading() { # PROGRAM...
	for _w in '-m node -P 1' '-m node -o show -S' '-m discovery -P 1' \
		'-m discoverydb -t st -p 127.0.0.1 -S' '-m iface' '-m iface -I if1'; do
		_status=0
		# shellcheck disable=SC2086
		"$@" $_w 2>&1 || _status=$?
		echo "exit status $_status: iscsiadm $_w"
	done | sed '/Failed to open /d; s/RECORD 2\.1\.8/RECORD/; s/RECORD 3\.0\.0/RECORD/' | sort
}
read_alike() {
	# shellcheck disable=SC2086
	reading $THEIRS >/run/theirs
	# shellcheck disable=SC2086
	reading $OURS >/run/ours
	grep -q "Portal: 10.0.0.1:3260,1" /run/theirs || fail 'the reference reads nothing'
	diff -U4 /run/theirs /run/ours && return
	fail "not read alike after: $1 (- open-iscsi, + ours)"
}

write_in_turns() { # FIRST SECOND
	fresh
	one=$1 other=$2
	while read -r words; do
		# shellcheck disable=SC2086
		expect 0 $one $words
		read_alike "$one $words"
		tool=$one one=$other other=$tool
	done <<-E
		-m node -T $A -p 10.0.0.1,1 -o new
		-m iface -I if1 -o new
		-m node -T $B -p [fe80::1%eth0]:3261,5 -o new
		-m iface -I if1 -o update -n iface.mtu -v 1400
		-m node -T $A -p 10.0.0.1,1 -I if1 -o new
		-m node -T $A -o update -n node.session.auth.password -v secret -n node.startup -v onboot
		-m discoverydb -t st -p 127.0.0.1 -o new
		-m discoverydb -t st -p 127.0.0.1 -o update -n discovery.sendtargets.auth.password -v other
		-m node -o update -n node.session.cmds_max -v 64
	E
	# what the one made the other deletes, with its links, and the other way round
	# shellcheck disable=SC2086
	expect 0 $1 -m node -T $A -o delete
	# shellcheck disable=SC2086
	expect 0 $2 -m node -o delete
	# shellcheck disable=SC2086
	expect 0 $2 -m discoverydb -t st -p 127.0.0.1 -o delete
	[ -z "$(find $DB/nodes $DB/static $DB/send_targets ! -type d)" ] ||
		fail "left: $(find $DB/nodes $DB/static $DB/send_targets ! -type d)"
}

write_in_turns "$OURS" "$THEIRS"
write_in_turns "$THEIRS" "$OURS"
