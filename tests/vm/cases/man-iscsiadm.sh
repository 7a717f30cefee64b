# SPDX-License-Identifier: GPL-2.0-or-later
# The examples of iscsiadm(8), iscsiadm-json(5), iscsi-records(5), iscsid.conf(5), iscsi_discovery(8)
# and iscsi_fw_login(8).
. "${VM_LIB%/*}/examples.sh"
PATH=${VM_LIB%/tests/*}/scripts:$PATH
DISK=iqn.2001-04.com.example:disk1
DISK0=iqn.2001-04.com.example:disk0

disk1() {
	target_start --portal 192.0.2.10 --target $DISK --lun 0,size=8M "$@"
}

firmware() {
	mountpoint -q /sys/firmware || mount -t tmpfs tmpfs /sys/firmware
	mkdir -p /sys/firmware/ibft/target0
	cd /sys/firmware/ibft/target0
	echo $DISK0 >target-name
	echo 127.0.0.1 >ip-addr
	echo 3260 >port
	echo 3 >flags
	cd /
}

no_sessions() {
	[ "$(sessions)" = 0 ] || expect 0 iscsiadm -m session -u --force
}

forget() {
	no_sessions
	rm -rf $RECORDS/*
}

ip addr add 192.0.2.10/32 dev lo
iscsid_start

page iscsiadm.8
echo secretsecret1 >/root/secret
disk1
next_block # find and log in
run_block
[ "$(sessions)" = 1 ] || fail 'not logged in'
ip addr add 192.0.2.5/32 dev lo
isns_start
isns_register a target=$DISK portal=192.0.2.10:3260
isns_register b target=iqn.2001-04.com.example:disk2 portal=192.0.2.11:3260
next_block # an iSNS server
run_block
next_block # at each start
run_block
next_block # a user name and a secret
run_block
expect 0 iscsiadm -m node -T $DISK -S
has $OUT 'node.startup = automatic'
has $OUT 'node.session.auth.password = secretsecret1'
no_sessions
target_stop
disk1 --discovery-account user/secretsecret1
next_block # a portal that wants CHAP
run_block
has $RECORDS/nodes/$DISK/192.0.2.10,3260,1/default 'node.startup = automatic'
mkdir -p /etc/iscsi/nodes
cp -r $RECORDS/nodes/$DISK /etc/iscsi/nodes
forget
next_block # the records of open-iscsi
run_block
[ -e $RECORDS/nodes/$DISK/192.0.2.10,3260,1/default ] || fail 'no record was taken over'
rm -r /etc/iscsi/nodes
target_stop
target_start --portal 127.0.0.1 --target $DISK0 --lun 0,size=8M
firmware
next_block # what the machine boots from
run_block
[ "$(sessions)" = 1 ] || fail 'not logged in'
next_block # disks of sessions, and the end of one
sed -i "s/ -r 1 / -r $(sid_of $DISK0) /" $BLOCK
run_block
has_printed 'Attached scsi disk'
[ "$(sessions)" = 0 ] || fail 'not logged out'
target_stop
disk1
next_block # what happens, and numbers
sed 1q $BLOCK | grep -qx '# iscsiadm -m monitor' || fail 'the page shows something else'
iscsiadm -m monitor >$EXAMPLES/printed.1 &
monitor=$!
wait_for sh -c "tr '\0' ' ' </proc/$monitor/cmdline | grep -q monitor"
expect 0 iscsiadm -m discovery -t st -p 192.0.2.10
# the monitor may be served a moment after it has started
until [ -s $EXAMPLES/printed.1 ]; do
	no_sessions
	: >$EXAMPLES/printed.1
	expect 0 iscsiadm -m node -T $DISK -l
	sleep 0.1
done
wait_for grep -q disk-added $EXAMPLES/printed.1
wait_for grep -q ' up ' $EXAMPLES/printed.1
stop $monitor
sed -n 2,3p $BLOCK >$EXAMPLES/shown.1
: >$EXAMPLES/shown.1.sort
compare $EXAMPLES/shown.1 $EXAMPLES/printed.1
mkdir -p /var/lib/prometheus/node-exporter
sed -i 1,3d $BLOCK
run_block
has /var/lib/prometheus/node-exporter/iscsi.prom '# EOF'
no_more

page iscsiadm-json.5
next_block # the disks of each session
run_block
has_printed "$DISK sd"
next_block # why logins failed
forget
expect 0 iscsiadm -m discovery -t st -p 192.0.2.10
target_stop
disk1 --refuse 2/2
run_block
has_printed "$DISK: "
no_more

page iscsi-records.5
forget
target_stop
disk1
next_block # what a discovery leaves behind
run_block
next_block # on another machine
run_block
no_more

page iscsid.conf.5
forget
next_block # how new records start
cp $BLOCK /etc/iscsi/iscsid.conf
expect 0 iscsiadm -m discovery -t st -p 192.0.2.10
while read -r line; do has $RECORDS/nodes/$DISK/192.0.2.10,3260,1/default "$line"; done <$BLOCK
: >/etc/iscsi/iscsid.conf
no_more

page iscsi_discovery.8
forget
next_block
run_block
no_more

page iscsi_fw_login.8
target_stop
target_start --portal 127.0.0.1 --target $DISK0 --lun 0,size=8M
next_block
run_block
[ "$(sessions)" = 1 ] || fail 'not logged in'
no_more
no_sessions
umount /sys/firmware
