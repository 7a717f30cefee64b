# SPDX-License-Identifier: GPL-2.0-or-later
# A target that says no: its reason becomes the exit status, at once, and other logins go on.
. "$VM_LIB"

target_start --portal 127.0.0.1 --target $NAME:good --lun 0,size=8M \
	--target $NAME:forbidden --refuse 2/2 --target $NAME:gone --refuse 2/4
iscsid_start
expect 0 iscsiadm -m discovery -t st -p 127.0.0.1

expect 24 iscsiadm -m node -T $NAME:forbidden -l
has $ERR "Could not login to [iface: default, target: $NAME:forbidden, portal: 127.0.0.1,3260]."
has $ERR 'initiator reported error (24 - iSCSI login failed due to authorization failure)'
has $ERR 'Could not log into all portals'

expect 19 iscsiadm -m node -T $NAME:gone -l
has $ERR 'initiator reported error (19 - encountered non-retryable iSCSI login failure)'

expect 0 iscsiadm -m node -T $NAME:absent -p 127.0.0.1:3260,1 -o new
expect 19 iscsiadm -m node -T $NAME:absent -l

# all four at once: the good one is up
status=0
iscsiadm -m node -l >$OUT 2>$ERR || status=$?
[ $status = 19 ] || [ $status = 24 ] || fail "exit status $status"
has $OUT "Login to [iface: default, target: $NAME:good, portal: 127.0.0.1,3260] successful."
[ "$(sessions)" = 1 ] || fail 'not just one session'
expect 0 iscsiadm -m node -T $NAME:good -u
