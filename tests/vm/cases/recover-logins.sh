# SPDX-License-Identifier: GPL-2.0-or-later
# Logins of a recovery that a target makes hard: it redirects, takes its time, does not answer,
# closes the connection in each stage, refuses once.  The session comes back each time, and is one
# session for the target.
. "$VM_LIB"

control=/run/target.control
ctl() {
	targetctl --control $control "$@" >$OUT || fail "targetctl $*"
}
recoveries() {
	grep -c 'is operational after recovery' "$ISCSID_LOG" || :
}
recovered() {
	[ "$(recoveries)" -gt "$before" ]
}
lose() {
	before=$(recoveries) began=$(msec)
	ctl drop
	wait_for -t 15 recovered
	echo "$1: recovered after $(($(msec) - began)) ms"
	expect 0 dd if="$disk" of=/dev/null bs=64k count=1 iflag=direct
}
under() {
	ctl add-fault line="$1"
	lose "$1"
	ctl remove-fault fault=all
	ctl release
	ctl list-sessions
	[ "$(wc -l <$OUT)" = 1 ] || fail "not one session: $(cat $OUT)"
}

mkdir -p /etc/iscsi
cat >/etc/iscsi/iscsid.conf <<END
node.session.iscsi.DefaultTime2Wait = 0
node.conn[0].timeo.login_timeout = 2
END
target_start --portal 127.0.0.1 --portal 127.0.0.2 --set DefaultTime2Wait=0 \
	--target $NAME:disk --lun 0,size=8M --control $control
iscsid_start
expect 0 iscsiadm -m node -T $NAME:disk -p 127.0.0.1:3260,1 -o new
expect 0 iscsiadm -m node -l
disk=$(wait_disk $NAME:disk)

under 'login-response times=1 do redirect 127.0.0.2:3260'
[ "$(cat /sys/class/iscsi_connection/connection*/address)" = 127.0.0.2 ] || fail 'not redirected'
under 'login-response do delay 300'
[ "$(cat /sys/class/iscsi_connection/connection*/address)" = 127.0.0.1 ] || fail 'not at home'
under 'in login-request times=1 do ignore'
under 'login-response stage=security times=1 do drop then close'
under 'login-response stage=operational times=1 do drop then close'
under 'login-response stage=operational times=1 do drop then reset'
under 'login-response times=1 do status 3/1'
under 'login-response times=1 do status 2/3'
expect 0 iscsiadm -m node -u
