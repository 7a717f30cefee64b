# SPDX-License-Identifier: GPL-2.0-or-later
# LIO lets in only initiators that it knows: the login fails at once, by its reason.
. "$VM_LIB"

lio_start
lio_target $NAME:closed 8
echo 0 >$LIO/iscsi/$NAME:closed/tpgt_1/attrib/generate_node_acls
iscsid_start
expect 0 iscsiadm -m node -T $NAME:closed -p 127.0.0.1:3260,1 -o new
expect 24 iscsiadm -m node -T $NAME:closed -l
has $ERR 'initiator reported error (24 - iSCSI login failed due to authorization failure)'
[ "$(sessions)" = 0 ] || fail 'a session is left'
