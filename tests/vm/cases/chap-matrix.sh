# SPDX-License-Identifier: GPL-2.0-or-later
# CHAP in all its forms against the companion target: each hash, one way and both ways, binary values
# in hexadecimal and in base64, in a discovery and in a session.
. "$VM_LIB"

# serve ADDRESS ENCODING
serve() {
	"$TARGET" --portal "$1" --chap-encoding "$2" \
		--discovery-account host/aSecret4TheHost --discovery-mutual disk/tSecret4TheDisk \
		--target $NAME:"$2" --account host/aSecret4TheHost --mutual disk/tSecret4TheDisk \
		--lun 0,size=1M >>$TARGET_LOG 2>&1 &
}
# found FIELD VALUE..., node FIELD VALUE...: settings of the discovery's and the node's record
found() {
	expect 0 iscsiadm -m discoverydb -t st -p $address -o update "$@"
}
node() {
	expect 0 iscsiadm -m node -T $target -o update "$@"
}
# with all four hashes: a discovery and a session
logins() {
	for hash in MD5 SHA1 SHA256 SHA3-256; do
		found -n node.session.auth.chap_algs -v $hash
		node -n node.session.auth.chap_algs -v $hash
		expect 0 iscsiadm -m discoverydb -t st -p $address -D -o nonpersistent
		has $OUT "$address:3260,1 $target"
		expect 0 iscsiadm -m node -T $target -l
		expect 0 iscsiadm -m node -T $target -u
	done
}

serve 127.0.0.1 hex
first=$!
serve 127.0.0.2 base64
second=$!
wait_for grep -q ' 0100007F:0CBC .* 0A ' /proc/net/tcp
wait_for grep -q ' 0200007F:0CBC .* 0A ' /proc/net/tcp
iscsid_start

for at in 127.0.0.1/hex 127.0.0.2/base64; do
	address=${at%/*} target=$NAME:${at#*/}
	d=discovery.sendtargets.auth n=node.session.auth
	expect 0 iscsiadm -m discoverydb -t st -p $address -o new
	expect 0 iscsiadm -m node -T $target -p $address:3260,1 -o new
	node -n node.session.scan -v manual
	found -n $d.authmethod -v CHAP -n $d.username -v host -n $d.password -v aSecret4TheHost
	node -n $n.authmethod -v CHAP -n $n.username -v host -n $n.password -v aSecret4TheHost
	logins
	found -n $d.username_in -v disk -n $d.password_in -v tSecret4TheDisk
	node -n $n.username_in -v disk -n $n.password_in -v tSecret4TheDisk
	logins
	# the other side's proof counts
	found -n $d.password_in -v tSecretOfAnother
	node -n $n.password_in -v tSecretOfAnother
	expect 24 iscsiadm -m discoverydb -t st -p $address -D -o nonpersistent
	expect 24 iscsiadm -m node -T $target -l
done
stop $first
stop $second
