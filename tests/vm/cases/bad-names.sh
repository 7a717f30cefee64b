# SPDX-License-Identifier: GPL-2.0-or-later
# Hostile names in a SendTargets answer: refused one by one with a message, never part of a path
# or a record; the other targets of the same answer are used.
. "$VM_LIB"

# names that must never become part of a path or record, between two that are in order
iqn=iqn.2001-04.com.example
rm -rf /tmp/x # the host may have one
names= address='TargetAddress=127.0.0.1:3260,1\0'
for name in $iqn:first ../../../../tmp/x $iqn:a/b "$iqn:a\\nb = c" "$iqn:a b" '' . .. $iqn:.. \
	"iqn.$(printf %0296d 0 | tr 0 a)"; do
	names="${names}TargetName=$name\\0$address"
done
names="${names}TargetName=$iqn:last\\0TargetAddress=../../x:3260,1\\0$address"
target_start --portal 127.0.0.1 --target $NAME:disk --lun 0,size=8M \
	--fault "text-response do text \"$names\""
iscsid_start
status=0
iscsiadm -m discovery -t st -p 127.0.0.1 >$OUT 2>$ERR || status=$?
[ $status = 0 ] || fail "exit status $status"
has $OUT '127.0.0.1:3260,1 iqn.2001-04.com.example:first'
has $OUT '127.0.0.1:3260,1 iqn.2001-04.com.example:last'
[ "$(wc -l <$OUT)" = 2 ] || fail "more than the two good ones: $(cat $OUT)"
[ -s $ERR ] || fail 'no word about the others'
# the target must not fill the log
has $ISCSID_LOG 'more was refused, iscsiadm shows it'
[ "$(grep -c 'target name "' $ISCSID_LOG)" = 4 ] || fail "the log: $(cat $ISCSID_LOG)"
[ ! -e /tmp/x ] || fail 'a file outside of the database'
[ "$(ls $RECORDS/nodes)" = 'iqn.2001-04.com.example:first
iqn.2001-04.com.example:last' ] || fail "records: $(ls $RECORDS/nodes)"
expect 0 iscsiadm -m node -o delete
