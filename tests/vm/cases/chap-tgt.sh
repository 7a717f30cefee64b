# SPDX-License-Identifier: GPL-2.0-or-later
# CHAP against tgt, which knows MD5, and takes the number of SHA-256 for SHA-1.
. "$VM_LIB"

truncate -s 8M /run/disk.img
tgt_start
tgt_target 1 $NAME:disk /run/disk.img
tgt() {
	tgtadm --lld iscsi --mode account "$@"
}
tgt --op new --user host --password aSecret4TheHost
tgt --op new --user disk --password tSecret4TheDisk
tgt --op bind --tid 1 --user host
tgt --op bind --tid 1 --user disk --outgoing

node() {
	settings=
	while [ $# -gt 0 ]; do
		settings="$settings -n node.session.auth.$1 -v $2"
		shift 2
	done
	# shellcheck disable=SC2086 # words
	expect 0 iscsiadm -m node -T $NAME:disk -o update $settings
}

iscsid_start
expect 0 iscsiadm -m discovery -t st -p 127.0.0.1:3261
expect 24 iscsiadm -m node -T $NAME:disk -l
has $ISCSID_LOG "the target requires CHAP, the record's authmethod is None"
node authmethod CHAP username host password wrongSecretHere
expect 24 iscsiadm -m node -T $NAME:disk -l
node password aSecret4TheHost chap_algs MD5
expect 0 iscsiadm -m node -T $NAME:disk -l
expect 0 iscsiadm -m node -T $NAME:disk -u
node username_in disk password_in tSecret4TheDisk
for algorithms in MD5 SHA256,MD5; do
	node chap_algs $algorithms
	expect 0 iscsiadm -m node -T $NAME:disk -l
	expect 0 iscsiadm -m node -T $NAME:disk -u
done
has $ISCSID_LOG "$NAME:disk: trying again with the next CHAP algorithm, MD5"
node password_in tSecretOfAnother
expect 24 iscsiadm -m node -T $NAME:disk -l
[ "$(sessions)" = 0 ] || fail 'a session is left'
has_not $ISCSID_LOG ecret4
