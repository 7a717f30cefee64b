# SPDX-License-Identifier: GPL-2.0-or-later
# Targets that send what no target should: each login to one fails with an error that names it,
# nothing is left of it, and the daemon and other logins go on.
. "$VM_LIB"

bad=127.0.0.1:3262
mkdir -p /etc/iscsi
cat >/etc/iscsi/iscsid.conf <<END
node.session.initial_login_retry_max = 1
node.conn[0].timeo.login_timeout = 2
discovery.sendtargets.reopen_max = 0
discovery.sendtargets.timeo.login_timeout = 2
END
target_start --portal 127.0.0.1 --target $NAME:good --lun 0,size=8M
iscsid_start
expect 0 iscsiadm -m node -T $NAME:good -p 127.0.0.1:3260,1 -o new
expect 0 iscsiadm -m node -T $NAME:bad -p $bad,1 -o new

# meet FAULT: discovery fails, a login fails beside one that works
meet() {
	echo "fault: $1"
	$TARGET --portal $bad --target $NAME:bad --lun 0,size=8M --fault "$1" >/dev/null 2>&1 &
	pid=$!
	wait_for listening 3262
	status=0
	iscsiadm -m discovery -t st -p $bad >$OUT 2>$ERR || status=$?
	[ $status -gt 0 ] && [ $status -lt 128 ] || fail "discovery: exit status $status"
	has $ERR 127.0.0.1
	[ ! -s $OUT ] || fail "discovered $(cat $OUT)"
	status=0
	iscsiadm -m node -l >$OUT 2>$ERR || status=$?
	[ $status -gt 0 ] && [ $status -lt 128 ] || fail "login: exit status $status"
	has $OUT "Login to [iface: default, target: $NAME:good, portal: 127.0.0.1,3260] successful."
	has $ERR "Could not login to [iface: default, target: $NAME:bad, portal: 127.0.0.1,3262]."
	[ "$(sessions)" = 1 ] || fail "$(sessions) sessions"
	expect 0 iscsiadm -m node -T $NAME:good -u
	stop $pid
}

while read -r fault <&3; do
	meet "$fault"
done 3<<'END'
login-response do raw "HTTP/1.1 400 Bad Request\n\n<p>this is a web server, not a target</p>"
login-response do truncate then close
login-response do set opcode 0x20
login-response do set opcode 0x2f
login-response do set itt +1
login-response do key HeaderDigest
login-response do set length 0xffffff
byte=0 do close
byte=1 do close
byte=47 do close
byte=48 do close
byte=60 do reset
END
kill -0 "$iscsid_pid" || fail 'the daemon ended'
