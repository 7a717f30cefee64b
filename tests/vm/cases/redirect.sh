# SPDX-License-Identifier: GPL-2.0-or-later
# A target that sends logins elsewhere: followed, from record to session; in a circle it ends.
. "$VM_LIB"

first_start() {
	target_start --portal 127.0.0.1 --portal 127.0.0.1:3261 \
		--target $NAME:moved --redirect 127.0.0.2:3260 \
		--target $NAME:left --redirect 127.0.0.2:3260,permanent \
		--target $NAME:round --redirect 127.0.0.1:3261
}
second_start() {
	"$TARGET" --portal 127.0.0.2 --target $NAME:moved --lun 0,size=8M \
		--target $NAME:left --lun 0,size=8M >>$TARGET_LOG 2>&1 &
	second=$!
}
first_start
second_start
iscsid_start
expect 0 iscsiadm -m node -T $NAME:moved -p 127.0.0.1:3260,1 -o new
expect 0 iscsiadm -m node -T $NAME:round -p 127.0.0.1:3260,1 -o new

expect 0 iscsiadm -m node -T $NAME:moved -l
wait_disk $NAME:moved 0 >/dev/null
expect 0 iscsiadm -m session -P 1
has $OUT 'Current Portal: 127.0.0.2:3260'
has $OUT 'Persistent Portal: 127.0.0.1:3260'
expect 0 iscsiadm -m node -T $NAME:moved -u

# for good: from then on the session is at home there, whoever recovers it, and the record as it was
expect 0 iscsiadm -m node -T $NAME:left -p 127.0.0.1:3260,1 -o new
expect 0 iscsiadm -m node -T $NAME:left -o update -n node.session.iscsi.DefaultTime2Wait -v 0
expect 0 iscsiadm -m node -T $NAME:left -l
has $ISCSID_LOG "target $NAME:left has moved from 127.0.0.1:3260 to 127.0.0.2:3260 for good"
stop $second
iscsid_stop
target_stop
second_start
iscsid_start
is_up() {
	[ "$(cat /sys/class/iscsi_session/session*/state)" = LOGGED_IN ]
}
wait_for is_up
expect 0 iscsiadm -m node -T $NAME:left -S
has $OUT 'node.conn[0].address = 127.0.0.1'
expect 0 iscsiadm -m node -T $NAME:left -u

first_start
expect 5 iscsiadm -m node -T $NAME:round -l
has $ERR 'redirects once more after 8 redirects in a row, in a circle'
stop $second
