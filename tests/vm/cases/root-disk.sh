# SPDX-License-Identifier: GPL-2.0-or-later
# The daemon's own programs and libraries lie on a disk that it has to bring back: while the disk
# hangs, nothing of them is in the cache, its peer dies, and the nursery of peers with it.
. "$VM_LIB"
root=/run/root

state_is() {
	[ "$(cat /sys/class/iscsi_session/session*/state)" = "$1" ]
}
blocked_or_back() { # the process $1 waits for a disk, or does not exist any more
	! grep -q '^State:.[RS]' "/proc/$1/status" 2>/dev/null
}
# the processes of the daemon with that name
named() {
	for pid in /proc/[0-9]*; do
		{ read -r comm <"$pid/comm"; } 2>/dev/null || continue
		[ "$comm" = "$1" ] && echo "${pid#/proc/}"
	done
	return 0
}
count_is() {
	[ "$(named "$1" | wc -l)" = "$2" ]
}
other_than() { # a process named $1 that is not $2
	[ -n "$(named "$1")" ] && [ "$(named "$1")" != "$2" ]
}
# PF_MEMALLOC_NOIO of the kernel, what PR_SET_IO_FLUSHER sets
NOIO=$((0x80000))
protected() {
	read -r score <"/proc/$1/oom_score_adj"
	[ "$score" = -1000 ] || fail "$1 may be killed for its memory: $score"
	read -r stat <"/proc/$1/stat"
	set -- "$1" $stat
	[ $((${10} & NOIO)) != 0 ] || fail "$1 may wait for a disk when it wants memory"
}
# all code of the program is in memory
loaded() {
	awk '/ r-xp .*\/sbin\/iscsid$/ { on = 1 } on && /^Size:/ { size = $2 }
		on && /^Rss:/ { all = $2 == size; on = 0 }
		END { exit !all }' "/proc/$1/smaps" || fail 'not all of it is in memory'
}

link_start h1 10.9.1.1/24 10.9.1.2/24
target_start_in h1 --portal 10.9.1.2 --target $NAME:root --lun 0,size=64M
iscsid_start
expect 0 iscsiadm -m discovery -t st -p 10.9.1.2
for key in noop_out_interval noop_out_timeout; do
	expect 0 iscsiadm -m node -o update -n "node.conn[0].timeo.$key" -v 1
done
expect 0 iscsiadm -m node -l
disk=$(wait_disk $NAME:root)
mkfs.ext4 -q "$disk"
mkdir -p $root
mount "$disk" $root
mkdir -p $root/proc $root/sys $root/dev $root/run $root/sbin
cp "$ISCSID" $root/sbin/iscsid
# shellcheck disable=SC2046
cp -L --parents $(ldd "$ISCSID" "$BUILD/iscsid/peer/iscsid-peer" | grep -o '/[^ ]*[.]so[^ ]*' |
	sort -u) /etc/passwd /etc/group /etc/iscsi/iscsid.conf /etc/iscsi/initiatorname.iscsi $root
mkdir -p $root/var/lib
cp -r /var/lib/iscsi $root/var/lib/iscsi
head -c 1M /dev/urandom >$root/data
sum=$(sha256sum <$root/data)
iscsid_stop

for d in proc sys dev run; do mount --bind /$d $root/$d; done
setsid chroot $root /sbin/iscsid -f >>$ISCSID_LOG 2>&1 &
iscsid_pid=$!
wait_for iscsid_ready
wait_for count_is iscsid-peer 1
wait_for count_is iscsid-nursery 2
has $ISCSID_LOG "$NAME:root: adopted"
# of what it has not locked nothing stays
sync
echo 3 >/proc/sys/vm/drop_caches
for pid in "$iscsid_pid" $(named iscsid-nursery) $(named iscsid-peer); do
	protected "$pid"
done
loaded "$iscsid_pid"

ip link set h10 down
wait_for -t 20 state_is FAILED
cat $root/data >/run/data &
reader=$!
wait_for blocked_or_back $reader
peer=$(named iscsid-peer)
kill -9 "$peer"
wait_for other_than iscsid-peer "$peer"
# the elder nursery is its parent
peer=$(named iscsid-peer)
kill -9 "$(awk '/^PPid:/ { print $2 }' "/proc/$peer/status")"
wait_for other_than iscsid-peer "$peer"
state_is FAILED || fail 'the session is back though the link is cut'
[ -e /proc/$reader ] || fail 'the disk answers though the link is cut'

ip link set h10 up
wait_for state_is LOGGED_IN
wait $reader || fail 'the disk did not answer'
[ "$(sha256sum </run/data)" = "$sum" ] || fail 'not the data that were written'
# and the next time: there is a spare one again
wait_for count_is iscsid-nursery 2

iscsid_stop
umount -R $root
iscsid_start
expect 0 iscsiadm -m node -u
