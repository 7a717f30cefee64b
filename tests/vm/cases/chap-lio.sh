# SPDX-License-Identifier: GPL-2.0-or-later
# CHAP against the kernel's own target: all four algorithms, one way and both, and discovery.
. "$VM_LIB"

lio_start
lio_target $NAME:disk 8
tpg=$LIO/iscsi/$NAME:disk/tpgt_1
discovery=$LIO/iscsi/discovery_auth

# protect FOLDER: what the target knows
protect() {
	printf host >"$1/userid"
	printf aSecret4TheHost >"$1/password"
	printf disk >"$1/userid_mutual"
	printf tSecret4TheDisk >"$1/password_mutual"
}
protect $tpg/auth
protect $discovery
echo 1 >$tpg/attrib/authentication
echo 1 >$discovery/enforce_discovery_auth

# node FIELD VALUE... / found FIELD VALUE...: settings of the node's and the discovery record
node() {
	settings=
	while [ $# -gt 0 ]; do
		settings="$settings -n node.session.auth.$1 -v $2"
		shift 2
	done
	# shellcheck disable=SC2086 # words
	expect 0 iscsiadm -m node -T $NAME:disk -o update $settings
}
found() {
	settings=
	while [ $# -gt 0 ]; do
		settings="$settings -n discovery.sendtargets.auth.$1 -v $2"
		shift 2
	done
	# shellcheck disable=SC2086 # words
	expect 0 iscsiadm -m discoverydb -t st -p 127.0.0.1 -o update $settings
}
discover() {
	iscsiadm -m discoverydb -t st -p 127.0.0.1 -D
}

iscsid_start
expect 0 iscsiadm -m discoverydb -t st -p 127.0.0.1 -o new

# discovery: the wrong password, the right one, both ways, a target that proves nothing
found authmethod CHAP username host password wrongSecretHere
expect 24 discover
grep -qx 'iscsiadm: Login failed to authenticate with target ' $ERR || fail 'not told'
has $ERR 'iscsiadm: discovery login to 127.0.0.1 rejected: initiator failed authorization'
has $ERR 'iscsiadm: Could not perform SendTargets discovery: iSCSI login failed due to authorization failure'
found password aSecret4TheHost
all_hashes() {
	for algorithm in MD5 SHA1 SHA256 SHA3-256; do
		expect 0 iscsiadm -m discoverydb -t st -p 127.0.0.1 -o update \
			-n node.session.auth.chap_algs -v $algorithm
		expect 0 discover
	done
}
all_hashes
found username_in disk password_in tSecret4TheDisk
all_hashes
has $OUT "127.0.0.1:3260,1 $NAME:disk"
found password_in tSecretOfAnother
expect 24 discover
grep -qx 'iscsiadm: Login failed to authenticate with target ' $ERR || fail 'not told'

# sessions: without (it hangs up, which might be better later), with the wrong password, and all
# that works
expect 0 iscsiadm -m node -T $NAME:disk -o update \
	-n 'node.conn[0].timeo.login_timeout' -v 1 -n node.session.initial_login_retry_max -v 1
expect 8 iscsiadm -m node -T $NAME:disk -l
has $ISCSID_LOG "a target that requires CHAP may do that: the record's authmethod is None"
expect 0 iscsiadm -m node -T $NAME:disk -o update -n 'node.conn[0].timeo.login_timeout' -v 15
node authmethod CHAP username host password wrongSecretHere
expect 24 iscsiadm -m node -T $NAME:disk -l
has $ERR "Could not login to [iface: default, target: $NAME:disk, portal: 127.0.0.1,3260]."
has $ERR 'initiator reported error (24 - iSCSI login failed due to authorization failure)'
has $ISCSID_LOG 'login rejected: initiator failed authorization with target'
node password aSecret4TheHost
for algorithm in MD5 SHA1 SHA256 SHA3-256; do
	node chap_algs $algorithm
	expect 0 iscsiadm -m node -T $NAME:disk -l
	expect 0 iscsiadm -m node -T $NAME:disk -u
done
node username_in disk password_in tSecret4TheDisk
for algorithm in SHA3-256,MD5 SHA256 SHA1 MD5; do
	node chap_algs $algorithm
	expect 0 iscsiadm -m node -T $NAME:disk -l
	expect 0 iscsiadm -m node -T $NAME:disk -u
done
node password_in tSecretOfAnother
expect 24 iscsiadm -m node -T $NAME:disk -l
has $ISCSID_LOG "Login failed to authenticate with target $NAME:disk"
[ "$(sessions)" = 0 ] || fail 'a session is left'
# nobody ever wrote a secret down
has_not $ISCSID_LOG ecret4
