# SPDX-License-Identifier: GPL-2.0-or-later
# The examples of iscsid(8), iscsid.ipc(7), iscsistart(8), iscsi-iname(8), iscsi-gen-initiatorname(8),
# iscsi-testtarget(8) and targetctl(8); iscsi-db(3) has its own (tests/library/example).
. "${VM_LIB%/*}/examples.sh"
PATH=${VM_LIB%/tests/*}/scripts:$PATH
DISK=iqn.2001-04.com.example:disk1
ip addr add 192.0.2.10/32 dev lo
modprobe sd_mod

page iscsi-iname.8
next_block
run_block
grep -qxE 'InitiatorName=iqn\.2001-04\.com\.example:[0-9a-f]{12}' $EXAMPLES/here/initiatorname.iscsi ||
	fail 'no name in the file'
no_more

page iscsi-gen-initiatorname.8
next_block
run_block
grep -qxE 'InitiatorName=iqn\.2001-04\.com\.example:[0-9a-f]{12}' /etc/iscsi/initiatorname.iscsi ||
	fail 'no name in the file'
no_more

page iscsid.8
next_block # with a configuration of one's own
cd $EXAMPLES/here
: >iscsid.conf
echo "InitiatorName=$INITIATOR_NAME" >initiatorname.iscsi
mkdir -p /run/try
sed -i 's/^# /exec /' $BLOCK
sh $BLOCK >>$ISCSID_LOG 2>&1 &
iscsid_pid=$!
wait_for grep -q /run/try/control /proc/net/unix
expect 0 iscsiadm --control=/run/try/control -m metrics
has $OUT 'iscsid_up 1'
iscsid_stop
cd /
no_more

page iscsistart.8
mkdir -p $EXAMPLES/here
target_start --portal 127.0.0.1 --target iqn.2026-01.org.example:root --lun 0,size=8M
next_block # log in
run_block
[ "$(sessions)" = 1 ] || fail 'not logged in'
iscsid_start
expect 0 iscsiadm -m session -u
iscsid_stop
target_stop
# a card behind which the target of the firmware is
link_start h1 10.9.1.1/24 10.9.1.2/24
ip addr flush dev h10
target_start_in h1 --portal 0.0.0.0 --target iqn.2026-01.org.example:root --lun 0,size=8M
mount -t tmpfs tmpfs /sys/firmware
firmware() { # FOLDER NAME=VALUE...
	folder=/sys/firmware/ibft/$1
	shift
	mkdir -p "$folder"
	for pair; do echo "${pair#*=}" >"$folder/${pair%%=*}"; done
}
firmware initiator initiator-name=$NAME:firmware flags=3
firmware ethernet0 mac="$(cat /sys/class/net/h10/address)" ip-addr=10.9.1.1 \
	subnet-mask=255.255.255.0 flags=3
firmware target0 target-name=iqn.2026-01.org.example:root ip-addr=10.9.1.2 port=3260 nic-assoc=0 flags=3
next_block # the network, and what firmware boots from
run_block
[ "$(sessions)" = 1 ] || fail 'not logged in'
no_more
iscsid_start
expect 0 iscsiadm -m session -u
umount /sys/firmware
links_stop

page iscsid.ipc.7
target_start --portal 192.0.2.10 --target $DISK --lun 0,size=8M
expect 0 iscsiadm -m discovery -t st -p 192.0.2.10
expect 0 iscsiadm -m node -l
next_block # the client
cp $BLOCK $EXAMPLES/client.py
/usr/bin/python3 $EXAMPLES/client.py >$EXAMPLES/printed.1
next_block # what it prints
compare $BLOCK $EXAMPLES/printed.1
# the same client with what else can be asked, up to the first empty line
ask() {
	next_block
	sed '/^$/,$d' $BLOCK >$EXAMPLES/request
	sed "s|s\.send(.*|s.send(open('$EXAMPLES/request', 'rb').read())|" $EXAMPLES/client.py \
		>$EXAMPLES/other.py
	sed '1,/^$/d' $BLOCK >$EXAMPLES/shown.1
	/usr/bin/python3 $EXAMPLES/other.py >$EXAMPLES/printed.1
	compare $EXAMPLES/shown.1 $EXAMPLES/printed.1
}
ask # a discovery
ask # what cannot be done
no_more
expect 0 iscsiadm -m session -u
iscsid_stop
target_stop

page iscsi-testtarget.8
next_block # a disk in one command
sed -i 's/^\$ /exec /' $BLOCK
sh $BLOCK >>$TARGET_LOG 2>&1 &
target_pid=$!
wait_for listening 3260
target_stop
faults() { # OPTION ARGUMENT: the target takes it and serves
	target_start --portal 127.0.0.1 --target $DISK --lun 0,size=8M "$@"
	target_stop
}
fault() {
	next_block
	eval "faults $(cat $BLOCK)"
}
fault # instead of the second login response
next_block # a file
faults --faults $BLOCK
fault # one in a hundred
fault # ask for a logout
no_more

page targetctl.8
target_start --control /run/iscsi-testtarget --portal 127.0.0.1 \
	--target iqn.2026-01.org.example:disk --lun 0,size=64M
next_block # grow
run_block
next_block # nobody has touched it
run_block
next_block # the next command waits
run_block
no_more
target_stop
rm -f /run/iscsi-testtarget
