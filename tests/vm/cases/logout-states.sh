# SPDX-License-Identifier: GPL-2.0-or-later
# A logout on a real kernel from the states that a user can meet: each succeeds, soon, and leaves
# neither session nor SCSI host.
. "$VM_LIB"

control=/run/target.control
ctl() {
	targetctl --control $control "$@" >$OUT || fail "targetctl $*"
}
hosts() {
	set -- /sys/class/iscsi_host/host*
	if [ -e "$1" ]; then echo $#; else echo 0; fi
}
logged() {
	grep -qF -- "$1" "$ISCSID_LOG"
}
state_is() {
	[ "$(cat /sys/class/iscsi_session/session*/state)" = "$1" ]
}
log_out() {
	begin=$(msec)
	expect 0 iscsiadm -m node -T $NAME:disk -u
	echo "logout $1 took $(($(msec) - begin)) ms"
	[ $(($(msec) - begin)) -lt 8000 ] || fail 'too long'
	[ "$(sessions)" = 0 ] || fail 'still a session'
	[ "$(hosts)" = 0 ] || fail 'still a host'
}
log_in_later() {
	expect 0 iscsiadm -m node -T $NAME:disk -p "$1" -l -W
}
serve() {
	target_start --portal 127.0.0.1 --target $NAME:disk --lun 0,size=8M --control $control
}

serve
link_start h1 10.9.1.1/24 10.9.1.2/24
iscsid_start
expect 0 iscsiadm -m discovery -t st -p 127.0.0.1
for setting in noop_out_interval noop_out_timeout; do
	expect 0 iscsiadm -m node -T $NAME:disk -o update \
		-n "node.conn[0].timeo.$setting" -v 1
done

# nobody has that address
expect 0 iscsiadm -m node -T $NAME:disk -p 10.9.1.99:3260,1 -o new
log_in_later 10.9.1.99
log_out 'while it connects'
expect 0 iscsiadm -m node -T $NAME:disk -p 10.9.1.99 -o delete

# nobody listens there
expect 0 iscsiadm -m node -T $NAME:disk -p 10.9.1.2:3260,1 -o new
log_in_later 10.9.1.2
wait_for logged 'connect to 10.9.1.2:3260 failed'
log_out 'between two attempts'
expect 0 iscsiadm -m node -T $NAME:disk -p 10.9.1.2 -o delete

ctl add-fault line='login-response do hold'
ctl reset-counters
log_in_later 127.0.0.1
asked() {
	ctl counters
	grep -q '^login-request=' $OUT
}
wait_for asked
log_out 'during the login'
ctl remove-fault fault=all
ctl release

ctl add-fault line='scsi-command do hold'
ctl reset-counters
log_in_later 127.0.0.1
scanning() {
	ctl counters
	grep -q '^scsi-command=' $OUT
}
wait_for scanning
log_out 'during the scan'
ctl remove-fault fault=all
ctl release

expect 0 iscsiadm -m node -T $NAME:disk -l
kill -9 "$iscsid_pid"
wait "$iscsid_pid" || :
iscsid_start
log_out 'of an adopted session'

expect 0 iscsiadm -m node -T $NAME:disk -l
kill -9 "$target_pid"
wait "$target_pid" || :
wait_for state_is FAILED
kill -9 "$iscsid_pid"
wait "$iscsid_pid" || :
iscsid_start
log_out 'of an adopted session whose target is gone'
