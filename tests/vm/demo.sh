#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The main job, command by command with its real output: make demo runs this in the test machine,
# make demo NATIVE=1 on this machine's own kernel.  Everything of it lies in a folder of its own;
# daemon and target are our children and end with us.
set -eu

native=${NATIVE:-}
iqn=iqn.2026-01.org.example:demo
port=3260
[ -z "$native" ] || port=23260
portal=127.0.0.1:$port
where="[iface: default, target: $iqn, portal: 127.0.0.1,$port]"
iscsid='' target='' loaded='' mounted=''

say() {
	printf '%s\n' "$*"
}

die() {
	printf 'demo: %s\n' "$*" >&2
	exit 1
}

now() {
	date +%s%N
}

# ---- what is needed, and what is put away at the end ------------------------------------------

check_native() {
	[ "$(id -u)" = 0 ] || die 'NATIVE=1 needs root'
	if [ ! -d /sys/class/iscsi_transport/tcp ]; then
		modprobe -q iscsi_tcp 2>/dev/null ||
			die "this machine's kernel ($(uname -r)) has no iscsi_tcp: use make demo"
		loaded=1
	fi
	if grep -q -e '@ISCSIADM_ABSTRACT_NAMESPACE' -e '/run/iscsid/control' /proc/net/unix; then
		die 'an iSCSI daemon runs here already; two would both answer the kernel'
	fi
}

clean_up() {
	status=$?
	trap - EXIT
	set +e
	[ -z "$mounted" ] || umount "$dir/mnt"
	[ -z "$iscsid" ] || [ ! -d /sys/class/iscsi_session ] ||
		iscsiadm -m node -T "$iqn" -u >/dev/null 2>&1
	for pid in $iscsid $target; do
		kill "$pid"
		wait "$pid" 2>/dev/null
	done
	if [ $status != 0 ] && [ -s "$dir/log" ]; then
		sed 's/^/  log: /' "$dir/log" >&2
	fi
	rm -rf "$dir"
	[ -z "$loaded" ] || modprobe -q -r iscsi_tcp
	[ $status = 0 ] || say 'FAILED'
	exit $status
}

# ---- a step: the prompt, the command, its output, its time --------------------------------------

steps='' total=0

record() { # MILLISECONDS TITLE
	steps="$steps$(printf '%7s.%03d s  %s' "$(($1 / 1000))" "$(($1 % 1000))" "$2")
"
	total=$((total + $1))
}

# step TITLE COMMAND LINE: fails the demo when the command fails; its stdout stays in $dir/out
step() {
	printf '\n# %s\n' "$2"
	begin=$(now)
	rc=0
	eval "$2" >"$dir/out" || rc=$?
	spent=$((($(now) - begin) / 1000000))
	cat "$dir/out"
	[ $rc = 0 ] || die "exit status $rc"
	record $spent "$1"
}

# The output of the last step has this text.
shows() {
	grep -qF -- "$1" "$dir/out" || die "not in the output: $1"
}

wait_until() {
	n=0
	until "$@" >/dev/null 2>&1; do
		n=$((n + 1))
		[ $n -lt 200 ] || die "not within 10 s: $*"
		sleep 0.05
	done
}

disk_of_demo() {
	for s in /sys/class/iscsi_session/session*; do
		[ "$(cat "$s/targetname")" = "$iqn" ] || continue
		for d in "$s"/device/target*/*:0/block/*; do
			[ -e "$d" ] && disk=/dev/${d##*/}
		done
	done
	[ -n "$disk" ]
}

log_in() {
	step 'log in' "iscsiadm -m node -T $iqn -p $portal -l"
	shows "Login to $where successful."
	disk=
	wait_until disk_of_demo
}

log_out() {
	step 'log out' "iscsiadm -m node -T $iqn -p $portal -u"
	shows "target: $iqn, portal: 127.0.0.1,$port] successful."
}

# ---- the demo -----------------------------------------------------------------------------------

[ -z "$native" ] || check_native
dir=$(mktemp -d /run/iscsi-demo.XXXXXX)
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
mkdir "$dir/db" "$dir/mnt"
echo 'InitiatorName=iqn.2026-01.org.example:initiator' >"$dir/initiatorname.iscsi"
: >"$dir/iscsid.conf"
modprobe -q sd_mod || :

if [ -n "$native" ]; then
	# the machine's own records, socket and configuration are not touched
	iscsiadm() {
		command iscsiadm --db "$dir/db" --control "$dir/control" \
			--config "$dir/iscsid.conf" "$@"
	}
	set -- --control "$dir/control" -n
else
	cp "$dir/initiatorname.iscsi" "$dir/iscsid.conf" /etc/iscsi/
	set --
fi

say "Kernel $(uname -r), companion target and iscsid on 127.0.0.1"
begin=$(now)
iscsi-testtarget --portal "$portal" --target "$iqn" --lun 0,size=64M >>"$dir/log" 2>&1 &
target=$!
iscsid -f -c "$dir/iscsid.conf" -i "$dir/initiatorname.iscsi" "$@" >>"$dir/log" 2>&1 &
iscsid=$!
wait_until grep -q "/control$" /proc/net/unix
record $((($(now) - begin) / 1000000)) 'start target and daemon'

step 'discover the targets' "iscsiadm -m discovery -t st -p $portal"
shows "$portal,1 $iqn"
step 'list the node records' 'iscsiadm -m node'
shows "$portal,1 $iqn"
step 'show a node record' "iscsiadm -m node -T $iqn -p $portal | head -n 12"
shows "node.name = $iqn"
log_in
step 'list the disk' "lsblk -o NAME,SIZE,TYPE,VENDOR,MODEL,TRAN $disk"
shows "${disk#/dev/}"
step 'make a file system' "mkfs.ext4 -q $disk"
step 'mount it' "mount $disk $dir/mnt"
mounted=1
step 'write 16 MiB' "head -c 16M /dev/urandom >$dir/mnt/data && sync $dir/mnt/data"
step 'checksum' "sha256sum $dir/mnt/data"
sum=$(cat "$dir/out")
step 'unmount' "umount $dir/mnt"
mounted=
log_out
log_in
step 'mount it again' "mount -o ro $disk $dir/mnt"
mounted=1
step 'checksum' "sha256sum $dir/mnt/data"
shows "$sum"
say 'The same as before.'
step 'show the session' 'iscsiadm -m session -P 3'
shows "Target: $iqn (non-flash)"
shows "Attached scsi disk ${disk#/dev/}"
step 'unmount' "umount $dir/mnt"
mounted=
log_out

printf '\n%s%7s.%03d s  all steps\n' "$steps" $((total / 1000)) $((total % 1000))
say 'All of it was right.'
