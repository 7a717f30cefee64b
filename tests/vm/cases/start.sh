# SPDX-License-Identifier: GPL-2.0-or-later
# iscsistart logs in without a daemon and leaves nothing but the session, which the daemon that
# starts afterwards takes over as it is.
. "$VM_LIB"
START=$BUILD/sbin/iscsistart
[ -z "${REFERENCE:-}" ] || START=/usr/sbin/iscsistart
ME=iqn.2026-01.org.example:boot

# our end of the connection, in /proc/net/tcp's words
flow() {
	awk '$3 == "0100007F:0CBC" && $4 == "01" { print $2 }' /proc/net/tcp
}

iscsid_serves() {
	[ -n "$(ss -xlH src '*/run/iscsid/control')" ]
}

modprobe sd_mod
target_start --portal 127.0.0.1 --target $NAME:root --lun 0,size=8M \
	--target $NAME:chap --lun 0,size=8M --account me/secretsecret1
expect 0 "$START" -i $ME -t $NAME:root -g 1 -a 127.0.0.1
has $OUT "iscsistart: Logging into $NAME:root 127.0.0.1:3260,1"
has $ERR 'iscsistart: version '
sid=$(echo /sys/class/iscsi_session/session*)
sid=${sid##*session}
has $ERR "iscsistart: Connection$sid:0 to [target: $NAME:root, portal: 127.0.0.1,3260] through [iface: default] is operational now"
disk=$(wait_disk $NAME:root)
mkfs.ext4 -q "$disk"
[ "$(cat "/sys/class/iscsi_session/session$sid/initiatorname")" = $ME ] || fail 'another name than -i says'
[ "$(cat "/sys/class/iscsi_connection/connection$sid:0/ping_tmo")" = 0 ] ||
	fail 'a root disk is asked for signs of life'
not iscsid_serves || fail 'a daemon is left behind'

# the same again, and what cannot be
expect 1 "$START" -i $ME -t $NAME:root -g 1 -a 127.0.0.1
has $ERR 'iscsistart: initiator reported error (15 - session exists)'
expect 1 "$START" -i $ME -t $NAME:none -g 1 -a 127.0.0.1
has $ERR 'iscsistart: initiator reported error (19 - encountered non-retryable iSCSI login failure)'
expect 1 "$START" -i $ME -t $NAME:root -g 1 -a 127.0.0.1 -p 3999 \
	-P node.session.initial_login_retry_max=1 -P 'node.conn[0].timeo.login_timeout=1'
has $ERR 'iscsistart: initiator reported error (8 - connection timed out)'
expect 1 "$START" -i $ME -t $NAME:chap -g 1 -a '[127.0.0.1]' -u me -w wrongwrongwr0ng
has $ERR 'iscsistart: initiator reported error (24 - iSCSI login failed due to authorization failure)'
expect 7 "$START" -i $ME -t $NAME:chap -g 1 -a 127.0.0.1 -P node.bogus=1
has $ERR 'iscsistart: Unknown parameter node.bogus.'
expect 7 "$START" -i $ME -t $NAME:chap -g 1 -a 127.0.0.1 -P node.startup=bogus
has $ERR "iscsistart: unknown value format 'bogus' for parameter name 'node.startup'"
[ "$(sessions)" = 1 ] || fail 'a failed login left a session'

# two at the same time share one daemon; CHAP by the command line
"$START" -i $ME -t $NAME:chap -g 1 -a 127.0.0.1 -u me -w secretsecret1 >/run/one 2>&1 &
one=$!
"$START" -i $ME:2 -t $NAME:root -g 1 -a 127.0.0.1 -P node.session.nr_sessions=2 >/run/two 2>&1 &
two=$!
wait $one || fail "$(cat /run/one)"
wait $two || fail "$(cat /run/two)"
[ "$(sessions)" = 3 ] || fail 'not three sessions'

# the system's daemon
before=$(flow)
iscsid_start
expect 0 iscsiadm -m session
[ "$(wc -l <$OUT)" = 3 ] || fail 'not adopted'
[ "$(flow)" = "$before" ] || fail 'the connections are others now'
expect 0 dd if="$disk" of=/dev/null bs=64k count=16 iflag=direct
# which iscsistart asks when it is there
expect 1 "$START" -i $ME -t $NAME:chap -g 1 -a 127.0.0.1 -u me -w secretsecret1
has $ERR 'iscsistart: initiator reported error (15 - session exists)'
expect 0 iscsiadm -m session -u
