# SPDX-License-Identifier: GPL-2.0-or-later
# On ext4, a command on many records makes the file system write its journal once, at its end.
. "$VM_LIB"

records=100
# a journal that takes it all as one transaction
truncate -s 256M /run/disk
mkfs.ext4 -q -F -J size=64 /run/disk
mkdir /run/mnt
modprobe -a loop ext4 || :
mount -o loop /run/disk /run/mnt
adm() {
	iscsiadm --db /run/mnt/db "$@"
}
# the transactions that somebody waited for, since the disk was mounted
commits() {
	sed -n 's/.*(\([0-9]*\) requested).*/\1/p' /proc/fs/jbd2/loop*/info
}
# commits_of MOST COMMAND...: it takes one at least, and MOST at most
commits_of() {
	_most=$1 _before=$(commits)
	shift
	expect 0 "$@"
	_n=$(($(commits) - _before))
	echo "$_n commits: $*"
	[ $_n -ge 1 ] && [ $_n -le "$_most" ] || fail "$_n commits, not $_most: $*"
}

targets=$(i=1; while [ $i -le $records ]; do echo "--target $NAME:disk$i"; i=$((i + 1)); done)
# shellcheck disable=SC2086 # words
target_start --portal 127.0.0.1 $targets
iscsid_start
expect 0 adm -m discoverydb -t st -p 127.0.0.1 -o new
commits_of 1 adm -m discoverydb -t st -p 127.0.0.1 -D
[ "$(find /run/mnt/db/nodes -name default | wc -l)" = $records ] || fail 'not a record for each target'
commits_of 1 adm -m node -o update -n node.startup -v automatic
commits_of 1 adm -m node -T $NAME:disk7 -o delete
commits_of 1 adm -m discoverydb -t st -p 127.0.0.1 -o delete
commits_of 1 adm -m node -T $NAME:disk1 -p 127.0.0.1,1 -o new
before=$(commits)
expect 0 adm -m node -T $NAME:disk1 -o show
[ "$(commits)" = "$before" ] || fail 'reading wrote'
umount /run/mnt
