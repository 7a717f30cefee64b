# SPDX-License-Identifier: GPL-2.0-or-later
# A discovery record of open-iscsi's with use_discoveryd = Yes: the daemon repeats the discovery.
# What it finds gets a record and a session; what it finds no more is logged out if the daemon has
# logged it in and nobody uses it; a server that fails, or breaks off, changes nothing.
. "$VM_LIB"

key=discovery.sendtargets
source=send_targets/127.0.0.1,3260
ctl() {
	expect 0 targetctl --control /run/target.control "$@"
}
# the target tells of these alone
tell() {
	list=
	for target; do list="${list}TargetName=$NAME:$target\\0TargetAddress=127.0.0.1:3260,1\\0"; done
	ctl add-fault line="text-response do text \"$list\""
}
tell_all() {
	ctl remove-fault fault=all
}
is_in() {
	[ -n "$(sid_of "$NAME:$1")" ]
}
discoveries() {
	targetctl --control /run/target.control counters | sed -n 's/^text-request=//p'
}
asked() {
	[ "$(discoveries)" -ge "$until" ]
}
# polls N: so many more discoveries are made; the last one may be under way
polls() {
	until=$(($(discoveries) + $1))
	wait_for -t 30 asked
}
said() { # N TEXT
	[ "$(grep -cF -- "$2" $ISCSID_LOG)" = "$1" ]
}
once() {
	said 1 "$1" || fail "not once in the log: $1"
}
gone() {
	echo "$NAME:$1: logged out, as discovery $source does not find it any more"
}

target_start --portal 127.0.0.1 --control /run/target.control \
	--target $NAME:used --lun 0,size=8M --target $NAME:idle --lun 0,size=8M
iscsid_start
expect 0 iscsiadm -m discoverydb -t st -p 127.0.0.1 -o new
expect 0 iscsiadm -m discoverydb -t st -p 127.0.0.1 -o update \
	-n $key.use_discoveryd -v Yes -n $key.discoveryd_poll_inval -v 1
# the daemon has read the records: of one that changes after that it hears when it starts
expect 0 iscsiadm -m node -T $NAME:own -p 127.0.0.1:3260,1 -o new
ctl add-target target=$NAME:own
expect 0 iscsiadm -m node -T $NAME:own -l
iscsid_stop
has_not $ISCSID_LOG 'is repeated'

# what is new gets a record, and is logged in to
iscsid_start
wait_for is_in used
wait_for is_in idle
[ -e "$RECORDS/nodes/$NAME:idle/127.0.0.1,3260,1/default" ] || fail 'no record'
expect 0 iscsiadm -m discoverydb -P 1
has $OUT "Target: $NAME:idle"

# by the record that is there, which stays as it is
expect 0 iscsiadm -m node -T $NAME:late -p 127.0.0.1:3260,1 -o new
expect 0 iscsiadm -m node -T $NAME:late -o update -n node.session.timeo.replacement_timeout -v 77
cp "$RECORDS/nodes/$NAME:late/127.0.0.1,3260,1/default" /run/before
ctl add-target target=$NAME:late
wait_for is_in late
[ "$(cat /sys/class/iscsi_session/session"$(sid_of $NAME:late)"/recovery_tmo)" = 77 ] ||
	fail 'not by its record'
cmp /run/before "$RECORDS/nodes/$NAME:late/127.0.0.1,3260,1/default"

# what the daemon has logged in goes, and its record stays; not what is in use, which is said once
disk=$(wait_disk $NAME:used)
mkfs.ext4 -q "$disk"
mkdir -p /run/mnt
mount "$disk" /run/mnt
tell late denied
wait_gone is_in idle
wait_for said 1 "$(gone idle)"
wait_for said 1 "$NAME:used: discovery $source does not find it any more; it stays logged in: in use: ${disk#/dev/} -> /run/mnt"
polls 5
once "$NAME:used: discovery"
is_in used || fail 'in use, and logged out'
is_in own || fail 'logged out, though an administrator has logged it in'
is_in late || fail 'logged out, though it was found'
[ -e "$RECORDS/nodes/$NAME:idle/127.0.0.1,3260,1/default" ] || fail 'its record went, too'
# nor is a target that never lets us in news each time
once "login to $NAME:denied at 127.0.0.1:3260 given up"
once 'login rejected: initiator error (02/03)'

# it comes again; the same after a restart of the daemon
tell_all
wait_for is_in idle
umount /run/mnt
iscsid_stop
: >$ISCSID_LOG
iscsid_start
polls 3
is_in used || fail 'logged out, though it was found'
tell used late
wait_gone is_in idle
wait_for said 1 "$(gone idle)"
is_in own || fail 'logged out, though an administrator has logged it in'
tell_all
wait_for is_in idle

# what was left out of an answer may be what is missed
tell 'no name'
wait_for said 1 'may stand in an iSCSI name (not said again while it stays so)'
polls 4
tell_all
wait_for said 1 "repeated discovery $source: all is well again"

# only a whole answer counts; that there is none is said once, and that there is one again
ctl add-fault line='text-response do truncate 100 then close'
wait_for said 3 "repeated discovery $source: "
polls 4
said 3 "repeated discovery $source: " || fail "said again"
tell_all
wait_for said 2 "repeated discovery $source: all is well again"
target_stop
wait_for said 1 "repeated discovery $source: cannot connect to 127.0.0.1:3260: Connection refused"
target_start --portal 127.0.0.1 --control /run/target.control \
	--target $NAME:used --lun 0,size=8M --target $NAME:idle --lun 0,size=8M \
	--target $NAME:own --target $NAME:late
wait_for said 3 "repeated discovery $source: all is well again"
[ "$(sessions)" = 4 ] || fail "$(sessions) sessions"
once 'logged out, as discovery'

# the record says so no more; sessions stay
expect 0 iscsiadm -m discoverydb -t st -p 127.0.0.1 -o update -n $key.use_discoveryd -v No
wait_for said 1 "discovery $source is not repeated any more"
expect 0 iscsiadm -m node -T $NAME:idle -u
expect 0 iscsiadm -m node -u
