# SPDX-License-Identifier: GPL-2.0-or-later
# A target that sends logins elsewhere: followed, from record to session; in a circle it ends.
. "$VM_LIB"

target_start --portal 127.0.0.1 --portal 127.0.0.1:3261 \
	--target $NAME:moved --redirect 127.0.0.2:3260 --target $NAME:round --redirect 127.0.0.1:3261
"$TARGET" --portal 127.0.0.2 --target $NAME:moved --lun 0,size=8M >>$TARGET_LOG 2>&1 &
second=$!
iscsid_start
expect 0 iscsiadm -m node -T $NAME:moved -p 127.0.0.1:3260,1 -o new
expect 0 iscsiadm -m node -T $NAME:round -p 127.0.0.1:3260,1 -o new

expect 0 iscsiadm -m node -T $NAME:moved -l
wait_disk $NAME:moved 0 >/dev/null
expect 0 iscsiadm -m session -P 1
has $OUT 'Current Portal: 127.0.0.2:3260'
has $OUT 'Persistent Portal: 127.0.0.1:3260'
expect 0 iscsiadm -m node -T $NAME:moved -u

expect 5 iscsiadm -m node -T $NAME:round -l
has $ERR 'redirects once more after 8 redirects in a row, in a circle'
stop $second
