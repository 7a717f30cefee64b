# SPDX-License-Identifier: GPL-2.0-or-later
# Discovery by iSNS against isnsd: what it shows is found, logged in to and written to; what it does
# not show any more goes; and servers that are dead, none, or talk rubbish are a clear error.
. "$VM_LIB"

# refused LINE...: the query fails so, and says why in a line more
refused() {
	expect 25 iscsiadm -m discovery -t isns -p "$1"
	shift
	for line; do has $ERR "$line"; done
	has $ERR 'iscsiadm: Could not perform iSNS discovery: iSNS query failed'
	[ "$(wc -l <$ERR)" = 3 ] || fail "$(cat $ERR)"
	[ ! -s $OUT ] || fail "on standard output: $(cat $OUT)"
}

target_start --portal 127.0.0.1 --portal 127.0.0.1:3262 --target $NAME:a --lun 0,size=8M --target $NAME:b --lun 0,size=8M
iscsid_start
isns_start
expect 21 iscsiadm -m discovery -t isns -p 127.0.0.1
has $ERR 'iscsiadm: No portals found'

isns_register a target=$NAME:a portal=127.0.0.1:3260
isns_register b target=$NAME:b portal=127.0.0.1:3262
isns_register other initiator=$NAME:other
expect 0 iscsiadm -m discovery -t isns -p 127.0.0.1
sort $OUT >/run/found
printf '%s\n' "127.0.0.1:3260,1 $NAME:a" "127.0.0.1:3262,1 $NAME:b" | diff -u - /run/found
[ ! -e "$RECORDS/isns/127.0.0.1,3205" ] || fail 'the server has a record'
expect 0 iscsiadm -m discovery -t isns -p 127.0.0.1:3205 -l
has $OUT "Login to [iface: default, target: $NAME:a, portal: 127.0.0.1,3260] successful."
has $OUT "Login to [iface: default, target: $NAME:b, portal: 127.0.0.1,3262] successful."
disk=$(wait_disk $NAME:a)
head -c 1M /dev/urandom >/run/data
dd if=/run/data of="$disk" bs=64k oflag=direct conv=fsync status=none
head -c 1M "$disk" | cmp - /run/data
expect 0 iscsiadm -m node -T $NAME:a -u

# b has a session, a has none
isns_forget a
isns_forget b
isns_register c target=$NAME:c portal=127.0.0.1:3263
expect 0 iscsiadm -m discoverydb -t isns -p 127.0.0.1 -D
[ "$(cat $OUT)" = "127.0.0.1:3263,1 $NAME:c" ] || fail "$(cat $OUT)"
[ ! -e "$RECORDS/nodes/$NAME:a" ] || fail 'what the server forgot is still there'
[ -e "$RECORDS/nodes/$NAME:b" ] || fail 'the record of a session went'
expect 0 iscsiadm -m node -T $NAME:b -u
expect 0 iscsiadm -m discoverydb -t isns -p 127.0.0.1 -o delete
[ ! -e "$RECORDS/nodes/$NAME:c" ] || fail 'the record went without what it led to'

# by a name with an address where nobody listens, and through an address of an interface
expect 0 iscsiadm -m discovery -t isns -p localhost
expect 0 iscsiadm -m iface -I if1 -o new
expect 0 iscsiadm -m iface -I if1 -o update -n iface.ipaddress -v 127.0.0.9
expect 0 iscsiadm -m iface -I if1 -o update -n iface.initiatorname -v $NAME:if1
expect 0 iscsiadm -m discovery -t isns -p 127.0.0.1 -I if1 -P 1
has $OUT 'Iface Name: if1'

# a target that registers by itself
truncate -s 8M /run/disk
tgt_start
tgt_target 1 $NAME:tgt /run/disk
for setting in 'iSNSServerIP 127.0.0.1' 'iSNSServerPort 3205' 'iSNSAccessControl Off' 'iSNS On'; do
	tgtadm --lld iscsi --op update --mode sys -n "${setting% *}" -v "${setting#* }"
done
shows() {
	iscsiadm -m discovery -t isns -p 127.0.0.1 -I default | grep -qF "$1"
}
wait_for shows "127.0.0.1:3261,1 $NAME:tgt"
expect 0 iscsiadm -m node -T $NAME:tgt -l
has $OUT "Login to [iface: default, target: $NAME:tgt, portal: 127.0.0.1,3261] successful."
expect 0 iscsiadm -m node -T $NAME:tgt -u
tgtadm --lld iscsi --op update --mode sys -n iSNS -v Off
wait_gone shows $NAME:tgt

# a server that answers registered nodes only: the registration is taken back
printf '\0\1\200\2\0\4\114\0\0\1\0\0\0\0\0\6' >/run/unknown
# 140: header, source, node type, delimiter and 8 tags of the query, which isnsd does not hear
say_start 3206 /run/unknown 3205 140
expect 0 iscsiadm -m discovery -t isns -p 127.0.0.1:3206 -I default
[ "$(cat $OUT)" = "127.0.0.1:3263,1 $NAME:c" ] || fail "$(cat $OUT)"
say_stop
isns_as c --list nodes
has $ISNS_LOG "iSCSI name = \"$NAME:c\""
has_not $ISNS_LOG "iSCSI name = \"$INITIATOR_NAME\""

# one that does not say that it has taken it back
{
	printf '\0\1\200\2\0\4\114\0\0\1\0\0\0\0\0\6'
	printf '\0\1\200\1\0\4\114\0\0\2\0\0\0\0\0\0'
	# status, delimiter, and a portal group: name, address, port, tag
	printf '\0\1\200\2\0\144\114\0\0\3\0\0\0\0\0\0\0\0\0\0\0\0\0\0'
	printf '\0\0\0\060\0\0\0\040%s\0\0\0\0' "$NAME:slow"
	printf '\0\0\0\061\0\0\0\020\0\0\0\0\0\0\0\0\0\0\377\377\177\0\0\1'
	printf '\0\0\0\062\0\0\0\4\0\0\014\274\0\0\0\063\0\0\0\4\0\0\0\1'
} >/run/slow
say_start 3206 /run/slow
expect 0 iscsiadm -m discovery -t isns -p 127.0.0.1:3206 -I default
[ "$(cat $OUT)" = "127.0.0.1:3260,1 $NAME:slow" ] || fail "$(cat $OUT)"
say_stop

# no discovery domain has this initiator
isns_stop
isns_start 0
isns_register a target=$NAME:a portal=127.0.0.1:3260
expect 21 iscsiadm -m discovery -t isns -p 127.0.0.1 -I default
has $ERR 'iscsiadm: No portals found'

# an iSCSI target is no iSNS server; nor is one that is not there
isns_stop
refused 127.0.0.1:3260 'iscsiadm: iSNS discovery failed: ' '127.0.0.1:3260'
refused 127.0.0.1 'iscsiadm: iSNS discovery failed: Internal error' \
	'cannot connect to 127.0.0.1:3205: Connection refused'

rubbish() { # FILE LINE...
	say_start 3205 "$1"
	shift
	refused 127.0.0.1 "$@"
	say_stop
}
echo 'HTTP/1.1 400 Bad Request' >/run/rubbish
rubbish /run/rubbish 'iscsiadm: iSNS discovery failed: Message format error' 'of version 18516'
head -c 1M /dev/zero >/run/rubbish
rubbish /run/rubbish 'iscsiadm: iSNS discovery failed: Message format error' 'of version 0'
# an attribute of 4 GiB
printf '\0\1\200\2\0\014\114\0\0\1\0\0\0\0\0\0\0\0\0\060\377\377\377\374' >/run/rubbish
rubbish /run/rubbish 'iscsiadm: iSNS discovery failed: Message format error' \
	'attribute 48 of 4294967292 bytes goes beyond the end of the answer'
# no discovery domain for this initiator
printf '\0\1\200\2\0\4\114\0\0\1\0\0\0\0\0\010' >/run/rubbish
rubbish /run/rubbish 'iscsiadm: iSNS discovery failed: Source unauthorized' \
	'refused the query with status 8'
expect 0 iscsiadm -m node -o delete
