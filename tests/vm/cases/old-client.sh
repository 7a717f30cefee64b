# SPDX-License-Identifier: GPL-2.0-or-later
# open-iscsi's own iscsiadm, as in a container with an older system, hears at once that it does not
# fit; it does not hang, and nor does the daemon.
. "$VM_LIB"

OLD=/usr/sbin/iscsiadm
[ "$(command -v iscsiadm)" != $OLD ] || fail 'iscsiadm is not ours'
target_start --portal 127.0.0.1 --target $NAME:a --lun 0,size=8M
iscsid_start
expect 0 iscsiadm -m discovery -t st -p 127.0.0.1

mkdir -p /etc/iscsi
began=$(msec)
status=0
$OLD -k 0 >$OUT 2>$ERR || status=$?
has $ERR 'initiator reported error (16 - Unknown request)'
$OLD -m node -T $NAME:a -p 127.0.0.1:3260,1 -o new >$OUT 2>$ERR || status=$?
$OLD -m node -T $NAME:a -l >$OUT 2>$ERR || status=$?
has $ERR '(16 - Unknown request)'
[ $(($(msec) - began)) -lt 5000 ] || fail 'it took its time'
[ "$(sessions)" = 0 ] || fail 'it logged in all the same'

expect 0 iscsiadm -m node -T $NAME:a -l
expect 0 iscsiadm -m node -T $NAME:a -u
[ "$(grep -c 'a program of open-iscsi asks' $ISCSID_LOG)" = 1 ] || fail 'not said just once'
