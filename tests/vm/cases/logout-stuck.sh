# SPDX-License-Identifier: GPL-2.0-or-later
# A removal that the kernel cannot finish, since the target keeps the flush of a disk's cache to
# itself and no time-out of the session ends that: the logout ends within its bound, and till then the
# daemon serves all others, and brings back a session that breaks.
. "$VM_LIB"

control=/run/target.control
ctl() {
	targetctl --control $control "$@" >$OUT || fail "targetctl $*"
}
flushing() {
	ctl list-faults
	grep -q 'fault=1 .*hits=[1-9]' $OUT
}
soon() { # COMMAND...
	begin=$(msec)
	expect 0 "$@"
	[ $(($(msec) - begin)) -lt 3000 ] || fail "$(($(msec) - begin)) ms: $*"
}
stuck() {
	kill -0 $logout 2>/dev/null
}
recovered() {
	grep -F 'is operational after recovery' "$ISCSID_LOG"
}

target_start --portal 127.0.0.1 --target $NAME:stuck --lun 0,size=8M \
	--target $NAME:other --lun 0,size=8M --control $control
iscsid_start
expect 0 iscsiadm -m discovery -t st -p 127.0.0.1
for setting in noop_out_interval noop_out_timeout; do
	expect 0 iscsiadm -m node -T $NAME:stuck -o update -n "node.conn[0].timeo.$setting" -v 0
done
expect 0 iscsiadm -m node -T $NAME:stuck -o update \
	-n node.session.timeo.replacement_timeout -v -1
expect 0 iscsiadm -m node -l
expect 0 dd if=/dev/urandom of="$(wait_disk $NAME:stuck)" bs=64k count=16
other=$(wait_disk $NAME:other)

ctl add-fault line="scsi-command cdb=0x35 target=$NAME:stuck do hold"
since=$(msec)
iscsiadm -m node -T $NAME:stuck -u &
logout=$!
wait_for flushing

soon iscsiadm -m session -P 3
soon iscsiadm -m discovery -t st -p 127.0.0.1
soon iscsiadm -m session -r "$(sid_of $NAME:other)" -R
soon iscsiadm -m node -T $NAME:other -u
soon iscsiadm -m node -T $NAME:other -l
other=$(wait_disk $NAME:other)
ctl list-sessions
other_session=$(sed -n "s/.*session=\([0-9]*\).*target=$NAME:other.*/\1/p" $OUT)
ctl drop session="$other_session" how=reset
wait_for recovered
soon dd if="$other" of=/dev/null bs=64k count=4 iflag=direct
stuck || fail 'the logout did not wait for the flush'

# 60 s, and what the kernel then takes for the removal
while stuck; do
	[ $(($(msec) - since)) -lt 80000 ] || fail 'the logout has no bound'
	soon iscsiadm -m session
	sleep 1
done
wait $logout || fail 'the logout failed'
echo "logout from a target that keeps the flush took $(($(msec) - since)) ms"
[ "$(sessions)" = 1 ] || fail "$(sessions) sessions"
has "$ISCSID_LOG" 'its LUNs do not go within 60 s; their I/O is made to fail'
ctl remove-fault fault=all
ctl release
expect 0 iscsiadm -m node -u
