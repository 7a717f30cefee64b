# SPDX-License-Identifier: GPL-2.0-or-later
# A target that says no: its reason becomes the exit status, at once, and other logins go on.
. "$VM_LIB"

lio_start
lio_target $NAME:good 16
lio_target $NAME:closed 16
echo 0 >$LIO/iscsi/$NAME:closed/tpgt_1/attrib/generate_node_acls
iscsid_start
expect 0 iscsiadm -m discovery -t st -p 127.0.0.1

# not for this initiator: status 02/02
expect 0 iscsiadm -m node -T $NAME:closed -p 127.0.0.1:3260,1 -o new
expect 24 iscsiadm -m node -T $NAME:closed -l
has $ERR "Could not login to [iface: default, target: $NAME:closed, portal: 127.0.0.1,3260]."
has $ERR 'initiator reported error (24 - iSCSI login failed due to authorization failure)'

# no such target: status 02/03 from tgt
tgt_start
expect 0 iscsiadm -m node -T $NAME:absent -p 127.0.0.1:3261,1 -o new
expect 19 iscsiadm -m node -T $NAME:absent -l
has $ERR 'initiator reported error (19 - encountered non-retryable iSCSI login failure)'

# all three at once: the good one is up, the first failure is the exit status
status=0
iscsiadm -m node -l >$OUT 2>$ERR || status=$?
[ $status = 19 ] || [ $status = 24 ] || fail "exit status $status"
has $OUT "Login to [iface: default, target: $NAME:good, portal: 127.0.0.1,3260] successful."
[ "$(sessions)" = 1 ] || fail 'not just one session'
expect 0 iscsiadm -m node -T $NAME:good -u
