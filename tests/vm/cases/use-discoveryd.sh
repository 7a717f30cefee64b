# SPDX-License-Identifier: GPL-2.0-or-later
# A discovery record of open-iscsi's with use_discoveryd = Yes: the daemon says at its start that it
# does not repeat the discovery, once, and serves as ever; the doctor names the record.
. "$VM_LIB"

key=discovery.sendtargets.use_discoveryd
says="discovery record send_targets/127.0.0.1,3260 says use_discoveryd = Yes"

target_start --portal 127.0.0.1 --target $NAME:disk --lun 0,size=8M
expect 0 iscsiadm -m discoverydb -t st -p 127.0.0.1 -o new
iscsid_start
# by then it has read the records: nothing is said of this one
expect 0 iscsiadm -m discoverydb -t st -p 127.0.0.1 -D
expect 0 iscsiadm -m discoverydb -t st -p 127.0.0.1 -o update -n $key -v Yes
iscsid_stop
has_not $ISCSID_LOG use_discoveryd

iscsid_start
wait_for has $ISCSID_LOG "$says"
expect 1 iscsiadm -m doctor
has $OUT 'problem records: send_targets/127.0.0.1,3260 says use_discoveryd = Yes'
[ "$(grep -c use_discoveryd $ISCSID_LOG)" = 1 ] || fail "the log: $(cat $ISCSID_LOG)"

# what the message says to do
expect 0 iscsiadm -m discoverydb -t st -p 127.0.0.1 -D -l
[ "$(sessions)" = 1 ] || fail 'not logged in'
expect 0 iscsiadm -m discoverydb -t st -p 127.0.0.1 -o update -n $key -v No
expect 0 iscsiadm -m node -u
iscsiadm -m doctor >$OUT 2>$ERR || :
has_not $OUT use_discoveryd
