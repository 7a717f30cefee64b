# SPDX-License-Identifier: GPL-2.0-or-later
# The disk's cache is flushed while the session can still carry it: SYNCHRONIZE CACHE comes before
# the logout request, and a target that does not answer it does not hold up the logout for long.
. "$VM_LIB"

control=/run/target.control
ctl() {
	targetctl --control $control "$@" >$OUT || fail "targetctl $*"
}
# how often the fault of that number has happened
hits() {
	ctl list-faults
	sed -n "s/.*fault=$1 .*hits=\([0-9]*\).*/\1/p" $OUT
}
flushing() {
	[ "$(hits "$1")" -gt 0 ]
}
logouts() {
	ctl counters
	sed -n 's/^logout-request=//p' $OUT
}
log_in_and_write() {
	expect 0 iscsiadm -m node -T $NAME:disk -l
	expect 0 dd if=/dev/urandom of="$(wait_disk $NAME:disk)" bs=64k count=16
	ctl reset-counters
}

target_start --portal 127.0.0.1 --target $NAME:disk --lun 0,size=8M --control $control
iscsid_start
expect 0 iscsiadm -m discovery -t st -p 127.0.0.1

# the flush is held: no logout request comes until it is answered
log_in_and_write
ctl add-fault line='scsi-command cdb=0x35 do hold'
iscsiadm -m node -T $NAME:disk -u &
logout=$!
wait_for flushing 1
[ -z "$(logouts)" ] || fail 'the logout request came before the flush was answered'
kill -0 $logout || fail 'the logout did not wait for the flush'
ctl remove-fault fault=all
ctl release
wait $logout || fail 'the logout failed'
[ "$(logouts)" = 1 ] || fail "$(logouts) logout requests"
[ "$(sessions)" = 0 ] || fail 'still a session'

# a target that hangs: the session's own time-out for that ends the waiting
for setting in noop_out_interval noop_out_timeout; do
	expect 0 iscsiadm -m node -T $NAME:disk -o update \
		-n "node.conn[0].timeo.$setting" -v 1
done
log_in_and_write
ctl add-fault line='scsi-command cdb=0x35 do hold'
begin=$(msec)
expect 0 iscsiadm -m node -T $NAME:disk -u
echo "logout from a target that hangs took $(($(msec) - begin)) ms"
[ $(($(msec) - begin)) -lt 10000 ] || fail 'too long'
[ "$(sessions)" = 0 ] || fail 'still a session'
ctl remove-fault fault=all
ctl release

# the daemon serves others meanwhile
log_in_and_write
ctl add-fault line='scsi-command cdb=0x35 do hold'
iscsiadm -m node -T $NAME:disk -u &
logout=$!
wait_for flushing 3
begin=$(msec)
expect 0 iscsiadm -m session -P 1
[ $(($(msec) - begin)) -lt 1000 ] || fail 'the daemon does not answer'
wait $logout || fail 'the logout failed'
ctl remove-fault fault=all
ctl release
