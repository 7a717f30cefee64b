# SPDX-License-Identifier: GPL-2.0-or-later
# Logins that a target makes hard: slow, in small pieces, cut off once in each stage.  What can be
# saved is saved; what cannot ends in time with an error that names it.
. "$VM_LIB"

control=/run/target.control
ctl() {
	targetctl --control $control "$@" >$OUT || fail "targetctl $*"
}

mkdir -p /etc/iscsi
cat >/etc/iscsi/iscsid.conf <<END
node.session.initial_login_retry_max = 2
node.conn[0].timeo.login_timeout = 2
END
target_start --portal 127.0.0.1 --target $NAME:disk --lun 0,size=8M --control $control
iscsid_start
expect 0 iscsiadm -m node -T $NAME:disk -p 127.0.0.1:3260,1 -o new

# under FAULT COMMAND...: run it while the target has that fault
under() {
	echo "fault: $1"
	ctl add-fault line="$1"
	ctl reset-counters
	shift
	"$@"
	ctl remove-fault fault=all
	ctl release
}

gets_in() {
	expect 0 iscsiadm -m node -T $NAME:disk -l
	[ "$(sessions)" = 1 ] || fail "$(sessions) sessions"
	ctl counters
	has $OUT 'sessions=1'
	wait_disk $NAME:disk >/dev/null
	expect 0 iscsiadm -m node -T $NAME:disk -u
}

stays_out() {
	status=0
	iscsiadm -m node -T $NAME:disk -l >$OUT 2>$ERR || status=$?
	[ $status -gt 0 ] && [ $status -lt 128 ] || fail "exit status $status"
	has $ERR "Could not login to [iface: default, target: $NAME:disk, portal: 127.0.0.1,3260]."
	[ "$(sessions)" = 0 ] || fail "$(sessions) sessions"
}

under 'login-response do delay 200' gets_in
under 'login-request do delay 200' gets_in
under 'login-request do split 20' gets_in
under 'login-response stage=security times=1 do drop then close' gets_in
under 'login-response stage=operational times=1 do drop then close' gets_in
under 'login-response times=1 do status 3/1' gets_in
under 'login-response do set stat-sn +5 then key X-org.example.odd=1' gets_in

# what matters has come by then
discovers() {
	expect 0 iscsiadm -m discovery -t st -p 127.0.0.1
	has $OUT "127.0.0.1:3260,1 $NAME:disk"
	[ ! -s $ERR ] || fail "$(cat $ERR)"
}
under 'in logout-request do ignore' discovers
under 'logout-response do drop then close' discovers

# one attempt each
for setting in node.session.initial_login_retry_max node.conn[0].timeo.login_timeout; do
	expect 0 iscsiadm -m node -T $NAME:disk -o update -n $setting -v 1
done
under 'login-response do hold' stays_out
under 'login-request do ignore' stays_out
under 'login-request do endless' stays_out
under 'login-response do drop then close' stays_out
under 'login-response stage=operational do status 2/3' stays_out
under 'login-response do redirect 127.0.0.1:3260' stays_out

# and all is well without
gets_in
kill -0 "$iscsid_pid" || fail 'the daemon ended'
