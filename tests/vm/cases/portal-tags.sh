# SPDX-License-Identifier: GPL-2.0-or-later
# Records that do not know the tag of their portal's group, or know a wrong one: the login learns it,
# and several records of one portal are one session.
. "$VM_LIB"

D=$NAME:disk P=127.0.0.1:3260
target_start --portal $P --target $D
iscsid_start
expect 0 iscsiadm -m node -T $D -p $P -o new
[ -f "$RECORDS/nodes/$D/127.0.0.1,3260" ] || fail 'a record without a tag is not a plain file'
expect 0 iscsiadm -m node -T $D -l
expect 0 iscsiadm -m session
has $OUT "$P,1 $D"
# the record is as it was made: what names it goes on to find it
[ -f "$RECORDS/nodes/$D/127.0.0.1,3260" ] || fail 'the record has moved'
expect 15 iscsiadm -m node -T $D -p $P -l
expect 0 iscsiadm -m node -T $D -p $P -u

expect 0 iscsiadm -m node -T $D -p $P,1 -o new
expect 0 iscsiadm -m node -T $D -p $P,2 -o new
expect 0 iscsiadm -m node
has $OUT "$P,1 $D"
has $OUT "$P,2 $D"
expect 0 iscsiadm -m node -T $D -l
[ "$(sessions)" = 1 ] || fail 'two records of one portal are two sessions'
expect 0 iscsiadm -m session
has $OUT "$P,1 $D"
expect 0 iscsiadm -m node -T $D -u
