# SPDX-License-Identifier: GPL-2.0-or-later
# The records are on a disk that waits for the daemon: it recovers the disk all the same, while what
# reads records for a repeated discovery waits, and repeats the discovery afterwards.
. "$VM_LIB"

ctl() {
	expect 0 targetctl --control /run/target.control "$@"
}
discoveries() {
	targetctl --control /run/target.control counters | sed -n 's/^text-request=//p'
}
asked() {
	[ "$(discoveries)" -ge "$until" ]
}
# polls N: so many more discoveries are made
polls() {
	until=$(($(discoveries) + $1))
	wait_for -t 30 asked
}
# a child of the daemon waits for a disk
waits() {
	for _p in $(cat "/proc/$iscsid_pid/task/$iscsid_pid/children"); do
		grep -q '^State:	D' "/proc/$_p/status" && return
	done
	return 1
}

target_start --portal 127.0.0.1 --control /run/target.control --target $NAME:records --lun 0,size=16M
iscsid_start
expect 0 iscsiadm -m discovery -t st -p 127.0.0.1
expect 0 iscsiadm -m node -o update -n node.session.timeo.replacement_timeout -v -1
expect 0 iscsiadm -m discoverydb -t st -p 127.0.0.1 -o update \
	-n discovery.sendtargets.use_discoveryd -v Yes -n discovery.sendtargets.discoveryd_poll_inval -v 1
expect 0 iscsiadm -m node -l
disk=$(wait_disk $NAME:records)
mkfs.ext4 -q "$disk"
mkdir -p /run/mnt
mount "$disk" /run/mnt
cp -a "$RECORDS/." /run/mnt
umount /run/mnt
mount -o noatime "$disk" "$RECORDS"
iscsid_stop
iscsid_start
polls 2

# no login gets an answer, and nothing of the records is in memory
ctl add-fault line='in login-request do ignore'
ctl drop
wait_for grep -q 'error (1020' $ISCSID_LOG
echo 3 >/proc/sys/vm/drop_caches
wait_for -t 30 waits
expect 0 iscsiadm -m session
has $OUT "$NAME:records"
ctl remove-fault fault=all
wait_for -t 60 cat "$RECORDS/send_targets/127.0.0.1,3260/st_config"
polls 2
umount "$RECORDS"
expect 0 iscsiadm -m node -u
