# SPDX-License-Identifier: GPL-2.0-or-later
# A long list of targets: 250 with two portals each, all told, all recorded.  (10000: make
# bench-discovery, without a kernel.)
. "$VM_LIB"

targets=$(i=1; while [ $i -le 250 ]; do echo "--target $NAME:disk$i"; i=$((i + 1)); done)
# shellcheck disable=SC2086 # words
target_start --portal 127.0.0.1 --portal 127.0.0.2 $targets
iscsid_start
expect 0 iscsiadm -m discovery -t st -p 127.0.0.1
[ "$(grep -c ",1 $NAME:disk" $OUT)" = 500 ] || fail 'not 500 portals'
[ "$(find $RECORDS/nodes -name default | wc -l)" = 500 ] || fail 'not 500 records'
