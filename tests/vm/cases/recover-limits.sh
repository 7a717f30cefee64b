# SPDX-License-Identifier: GPL-2.0-or-later
# How long I/O waits for a target that is away is the record's to say: not at all, so many seconds,
# for ever.  When the target is back all disks work again, whatever they were told.  Until then the
# log has the change and reminders that become rarer.
. "$VM_LIB"

serve() {
	target_start --portal 127.0.0.1 --set DefaultTime2Wait=0 \
		--target $NAME:never --lun 0,file=/run/disk.img \
		--target $NAME:some --lun 0,file=/run/disk.img \
		--target $NAME:ever --lun 0,file=/run/disk.img
}
disk_is() {
	[ "$(cat "/sys/block/${1#/dev/}/device/state")" = "$2" ]
}
all_are() {
	[ "$(cat /sys/class/iscsi_session/session*/state | grep -c "$1")" = 3 ]
}
limit() {
	expect 0 iscsiadm -m node -T "$NAME:$1" -o update \
		-n node.session.timeo.replacement_timeout -v "$2"
}
reads() {
	dd if="$1" of=/dev/null bs=64k count=1 iflag=direct 2>/dev/null
}

mkdir -p /etc/iscsi
echo 'node.session.iscsi.DefaultTime2Wait = 0' >/etc/iscsi/iscsid.conf
truncate -s 8M /run/disk.img
serve
iscsid_start
expect 0 iscsiadm -m discovery -t st -p 127.0.0.1
limit never 0
limit some 3
limit ever -1
expect 0 iscsiadm -m node -l
never=$(wait_disk $NAME:never) some=$(wait_disk $NAME:some) ever=$(wait_disk $NAME:ever)

kill -9 "$target_pid"
wait "$target_pid" || :
began=$(msec)
wait_for disk_is "$never" transport-offline
gone=$(($(msec) - began))
reads "$never" && fail 'what was not to wait reads'
reads "$some" && fail 'what was to wait some time reads'
took=$(($(msec) - began))
echo "I/O failed after $gone and $took ms"
[ $gone -lt 2500 ] || fail 'that is waiting'
[ $took -ge 2900 ] && [ $took -lt 6000 ] || fail 'those are not 3 s'
reads "$ever" &
reader=$!
sleep 3
kill -0 $reader || fail 'what was to wait for ever did not'
attempts=0
for line in 1 2 4 8 16 32; do
	n=$(grep -c "(attempt $line to recover it)" "$ISCSID_LOG") || :
	[ "$n" -le 3 ] || fail 'more than a line for a session'
	attempts=$((attempts + n))
done
[ "$(grep -c 'to recover it)' "$ISCSID_LOG")" = $attempts ] || fail 'not doubling'
[ $attempts -ge 12 ] || fail "only $attempts reminders"
has_not "$ISCSID_LOG" 'attempt 3 to'

serve
wait_for all_are LOGGED_IN
wait $reader || fail 'what waited for ever failed'
for disk in $never $some $ever; do
	wait_for reads "$disk"
done
expect 0 iscsiadm -m node -u
