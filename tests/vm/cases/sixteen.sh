# SPDX-License-Identifier: GPL-2.0-or-later
# Sixteen sessions with one command: all of them, each reported, each with its disk; then none.
. "$VM_LIB"

set --
i=0
while [ $i -lt 16 ]; do
	i=$((i + 1))
	set -- "$@" --target $NAME:disk$i --lun 0,size=8M
done
target_start --portal 127.0.0.1 "$@"
iscsid_start
expect 0 iscsiadm -m discovery -t st -p 127.0.0.1
[ "$(wc -l <$OUT)" = 16 ] || fail 'not 16 targets discovered'

expect 0 iscsiadm -m node -l
[ "$(grep -c '^Login to .* successful\.$' $OUT)" = 16 ] || fail 'not 16 reports'
[ ! -s $ERR ] || fail "stderr: $(cat $ERR)"
[ "$(sessions)" = 16 ] || fail 'not 16 sessions'
for i in 1 9 16; do
	wait_disk $NAME:disk$i
done
expect 0 iscsiadm -m session
[ "$(wc -l <$OUT)" = 16 ] || fail 'not 16 sessions listed'

# all are there: nothing to do
expect 15 iscsiadm -m node -l
[ "$(sessions)" = 16 ] || fail 'more sessions than before'

expect 0 iscsiadm -m node -u
[ "$(grep -c '^Logout of .* successful\.$' $OUT)" = 16 ] || fail 'not 16 reports'
[ "$(sessions)" = 0 ] || fail 'sessions are left'
