# SPDX-License-Identifier: GPL-2.0-or-later
# -r SID -o update: the session that runs takes what the kernel lets it take, over the connection
# that it has; the rest comes with --reconnect.
. "$VM_LIB"

session() {
	cat "/sys/class/iscsi_session/session$sid/$1"
}
conn() {
	cat "/sys/class/iscsi_connection/connection$sid:0/$1"
}
is() { # WHAT GOT WANTED
	[ "$2" = "$3" ] || fail "$1 is $2, not $3"
}
update() {
	expect 0 iscsiadm -m session -r "$sid" -o update "$@"
}

target_start --portal 127.0.0.1 --target $NAME:a --lun 0,size=8M --lun 1,size=8M
iscsid_start
expect 0 iscsiadm -m discovery -t st -p 127.0.0.1
expect 0 iscsiadm -m node -l
sid=$(sid_of $NAME:a)
disk=$(wait_disk $NAME:a 1)
port=$(conn local_port)
update -n node.session.timeo.replacement_timeout -v 33
is recovery_tmo "$(session recovery_tmo)" 33
update -n node.session.timeo.replacement_timeout -v -1
is recovery_tmo "$(session recovery_tmo)" off
# what was written there, as multipathd does, is not for ever
echo 5 >"/sys/class/iscsi_session/session$sid/recovery_tmo"
update -n node.session.timeo.replacement_timeout -v 20
is recovery_tmo "$(session recovery_tmo)" 20
update -n node.session.timeo.replacement_timeout -v -1
is recovery_tmo "$(session recovery_tmo)" off
update -n node.session.err_timeo.abort_timeout -v 11 -n node.session.err_timeo.lu_reset_timeout -v 12 \
	-n node.session.err_timeo.tgt_reset_timeout -v 13 -n node.session.iscsi.FastAbort -v No
is abort_tmo "$(session abort_tmo)" 11
is lu_reset_tmo "$(session lu_reset_tmo)" 12
is tgt_reset_tmo "$(session tgt_reset_tmo)" 13
is fast_abort "$(session fast_abort)" 0
update -n node.conn[0].timeo.noop_out_interval -v 7 -n node.conn[0].timeo.noop_out_timeout -v 8
is recv_tmo "$(conn recv_tmo)" 7
is ping_tmo "$(conn ping_tmo)" 8
[ ! -s $OUT ] || fail "$(cat $OUT)"
update -n node.session.queue_depth -v 9
is queue_depth "$(cat "/sys/block/${disk#/dev/}/device/queue_depth")" 9
# the timer of pings is set when a connection starts
update -n node.conn[0].timeo.noop_out_interval -v 0
update -n node.conn[0].timeo.noop_out_interval -v 5
is output "$(cat $OUT)" 'node.conn[0].timeo.noop_out_interval takes effect with --reconnect.'
update -n node.session.iscsi.MaxBurstLength -v 65536 -n node.session.iscsi.FirstBurstLength -v 65536
has $OUT 'node.session.iscsi.MaxBurstLength takes effect with --reconnect.'
is 'local port' "$(conn local_port)" "$port"
expect 0 iscsiadm -m session -r "$sid" --reconnect
is max_burst_len "$(session max_burst_len)" 65536
is abort_tmo "$(session abort_tmo)" 11
[ "$(conn local_port)" != "$port" ] || fail 'the same connection after --reconnect'

# a daemon that starts anew knows it from the record
kill -9 "$iscsid_pid"
wait "$iscsid_pid" || :
iscsid_start
update -n node.session.timeo.replacement_timeout -v 44
is recovery_tmo "$(session recovery_tmo)" 44
is abort_tmo "$(session abort_tmo)" 11
expect 0 iscsiadm -m session -u
