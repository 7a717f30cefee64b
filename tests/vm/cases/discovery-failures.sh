# SPDX-License-Identifier: GPL-2.0-or-later
# Discoveries that fail, to the letter as open-iscsi 2.1.8 says them, with its exit status, and a line
# that says more, which is ours.
. "$VM_LIB"

# fails STATUS ARG...: what iscsiadm must say, without its name, is on standard input
fails() {
	sed 's/^/iscsiadm: /' >/run/expected
	_want=$1
	shift
	expect "$_want" iscsiadm -m discovery -t st "$@"
	[ ! -s $OUT ] || fail "on standard output: $(cat $OUT)"
	sed '/ (attempt [0-9]* of [0-9]*)/d; / no initiator name is configured /d' $ERR >/run/got
	diff -u /run/expected /run/got || fail "iscsiadm -m discovery -t st $*"
}

iscsid_start
fails 11 -p 127.0.0.1 <<E
cannot make connection to 127.0.0.1: Connection refused
cannot make connection to 127.0.0.1: Connection refused
cannot make connection to 127.0.0.1: Connection refused
cannot make connection to 127.0.0.1: Connection refused
cannot make connection to 127.0.0.1: Connection refused
cannot make connection to 127.0.0.1: Connection refused
connection login retries (reopen_max) 5 exceeded
Could not perform SendTargets discovery: iSCSI PDU timed out
E
# it was written before the portal was asked
[ -f $RECORDS/send_targets/127.0.0.1,3260/st_config ] || fail 'no discovery record'
fails 4 -p nowhere.invalid <<E
Cannot resolve host nowhere.invalid. getaddrinfo error: [Name or service not known]
cannot resolve host name nowhere.invalid
Could not perform SendTargets discovery: encountered connection failure
E
expect 0 iscsiadm -m iface -I far -o new
expect 0 iscsiadm -m iface -I far -o update -n iface.hwaddress -v 00:11:22:33:44:55
echo 'discovery.sendtargets.reopen_max = 1' >>/etc/iscsi/iscsid.conf
fails 11 -p 127.0.0.1 -I far <<E
Cannot match 00:11:22:33:44:55 to net/scsi interface.
cannot make connection to 127.0.0.1: Success
Cannot match 00:11:22:33:44:55 to net/scsi interface.
cannot make connection to 127.0.0.1: Success
connection login retries (reopen_max) 1 exceeded
Could not perform SendTargets discovery: iSCSI PDU timed out
E
fails 21 -p 127.0.0.1 -I nope <<E
Could not read iface info for nope. Make sure an iface config with the file name and iface.iscsi_ifacename nope is in $RECORDS/ifaces.
E

target_start --portal 127.0.0.1 --discovery-account someone/secret1234567
fails 24 -p 127.0.0.1 -I default <<E
Login failed to authenticate with target 
discovery login to 127.0.0.1 rejected: initiator failed authorization
Could not perform SendTargets discovery: iSCSI login failed due to authorization failure
E
target_stop
target_start --portal 127.0.0.1
fails 21 -p 127.0.0.1 -I default <<E
No portals found
E
iscsid_stop

: >/etc/iscsi/initiatorname.iscsi
iscsid_start
fails 7 -p 127.0.0.1 -I default <<E
Cannot perform discovery. Invalid Initiatorname.
Could not perform SendTargets discovery: invalid parameter
E
iscsid_stop
rm /etc/iscsi/initiatorname.iscsi
