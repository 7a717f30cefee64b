# SPDX-License-Identifier: GPL-2.0-or-later
# A target that wants to be left alone for two seconds after a connection broke is; one that closes
# every connection soon after its login is asked more and more rarely, and the log says what is
# behind that.
. "$VM_LIB"

control=/run/target.control
ctl() {
	targetctl --control $control "$@" >$OUT || fail "targetctl $*"
}
up() {
	[ "$(cat /sys/class/iscsi_session/session*/state)" = LOGGED_IN ]
}
down() {
	! up
}
logins() {
	ctl counters
	sed -n 's/^sessions=//p' $OUT
}

mkdir -p /etc/iscsi
echo 'node.session.iscsi.DefaultTime2Wait = 0' >/etc/iscsi/iscsid.conf
target_start --portal 127.0.0.1 --set DefaultTime2Wait=2 --target $NAME:disk --lun 0,size=8M \
	--control $control
iscsid_start
expect 0 iscsiadm -m node -T $NAME:disk -p 127.0.0.1:3260,1 -o new
expect 0 iscsiadm -m node -l
wait_disk $NAME:disk >/dev/null
ctl reset-counters
began=$(msec)
ctl drop
wait_for down
wait_for up
took=$(($(msec) - began))
echo "recovered after $took ms"
[ $took -ge 2000 ] && [ $took -lt 4000 ] || fail 'not two seconds'
[ "$(logins)" = 1 ] || fail "$(logins) logins"
expect 0 iscsiadm -m node -u

ctl set option=set value=DefaultTime2Wait=0
ctl add-fault line='time=200 do close'
expect 0 iscsiadm -m node -l
told() {
	grep -q 'another host logs in with our initiator name' "$ISCSID_LOG"
}
wait_for -t 30 told
ctl reset-counters
sleep 5
echo "$(logins) logins in 5 s"
[ "$(logins)" -le 3 ] || fail 'no rest'
ctl remove-fault fault=all
wait_for -t 20 up
expect 0 iscsiadm -m node -u
