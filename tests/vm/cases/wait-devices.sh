# SPDX-License-Identifier: GPL-2.0-or-later
# --wait-devices: the command ends when the disks are in /dev and, with udev, in by-path; what is no
# disk is not waited for, and what does not come in time is named.
. "$VM_LIB"

object() {
	echo "[sid: $(sid_of $NAME:many), target: $NAME:many, portal: 127.0.0.1,3260]"
}
udev_stop() {
	rm -rf /run/udev /dev/disk
}

target_start --portal 127.0.0.1 --target $NAME:many --lun 0,size=8M --lun 1,size=8M --lun 3,size=8M
iscsid_start
expect 0 iscsiadm -m discovery -t st -p 127.0.0.1
expect 0 iscsiadm -m node -l --wait-devices
S=$(object)
for lun in 0 1 3; do
	disk=$(disk_of $NAME:many $lun) || fail "no disk of LUN $lun"
	has $OUT "Device of $S LUN $lun: $disk"
	[ -b "$disk" ] || fail "no $disk"
done
[ "$(grep -c '^Device of' $OUT)" = 3 ] || fail 'another number of devices'

# udev runs, and has made the links of two of the three
mkdir -p /run/udev /dev/disk/by-path
: >/run/udev/control
for lun in 0 1; do
	disk=$(disk_of $NAME:many $lun)
	ln -s "../../${disk#/dev/}" "/dev/disk/by-path/ip-127.0.0.1:3260-iscsi-$NAME:many-lun-$lun"
done
expect 33 iscsiadm -m session -r "$(sid_of $NAME:many)" -R --wait-devices=1
has $OUT "Device of $S LUN 1: "
has_not $OUT "LUN 3: "
has $ERR "iscsiadm: LUN 3 of $S has no block device in time."
# it makes the third while it is waited for
iscsiadm -m session -R --wait-devices >$OUT 2>$ERR &
waiting=$!
wait_for grep -q Rescanning $OUT
[ -d /proc/$waiting ] || fail 'it did not wait'
# it sleeps until something comes
switches=$(sed -n 's/^voluntary_ctxt_switches:[^0-9]*//p' /proc/$waiting/status)
sleep 1
more=$(($(sed -n 's/^voluntary_ctxt_switches:[^0-9]*//p' /proc/$waiting/status) - switches))
[ $more -lt 12 ] || fail "it woke up $more times in a second"
disk=$(disk_of $NAME:many 3)
ln -s "../../${disk#/dev/}" "/dev/disk/by-path/ip-127.0.0.1:3260-iscsi-$NAME:many-lun-3"
wait $waiting
has $OUT "Device of $S LUN 3: $disk"
expect 0 iscsiadm -m node -u
udev_stop

# nothing is scanned, so there is nothing to wait for
expect 0 iscsiadm -m node -o update -n node.session.scan -v manual
expect 0 iscsiadm -m node -l --wait-devices
has $OUT "Session $(object) has no disks."
expect 0 iscsiadm -m session -R --lun 3 --wait-devices
has $OUT "LUN 3: $(disk_of $NAME:many 3)"
expect 0 iscsiadm -m node -u
