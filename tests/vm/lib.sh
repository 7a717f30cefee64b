# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# What the cases use: . "$VM_LIB" first.  A case is a plain sh script that ends by the first
# command that fails; what it started here is stopped at its end, what it did not log out is an
# error (init.c looks).
#
#   fail TEXT                     end the case
#   wait_for [-t S] COMMAND...    poll until it succeeds (10 s); wait_gone: until it fails
#   expect STATUS COMMAND...      run, stdout in $OUT, stderr in $ERR (files), check the status
#   has FILE TEXT / has_not       a fixed text is in a file, or is not
#   msec                          milliseconds since boot
#   iscsid_start [ARG...]         the daemon, its log in $ISCSID_LOG; iscsid_stop
#   killed_at STEP COMMAND...     run it; the daemon is killed at that step of it, counted by the
#                                 system calls that change something (STEPS=all: by all of them);
#                                 false: it came to its end before, and the daemon lives
#   nothing_left                  of any session: in the kernel, or below /run
#   target_start ARG...           the companion target, its log in $TARGET_LOG; target_stop
#   link_start NAME ADDR PEER...  a namespace NAME behind a link: NAME0 here with ADDR, eth0 there
#   target_start_in NAME ARG...   the companion target in that namespace
#   lio_start, lio_target IQN SIZE [ADDR:PORT...]       the kernel's target, ramdisks
#   tgt_start, tgt_target TID IQN FILE                  tgtd on port 3261
#   isns_start [0]                isnsd on port 3205, its log in $ISNS_LOG; 0: without a discovery
#                                 domain for those who have none; isns_stop
#   isns_register ENTITY WHAT...  target=IQN portal=ADDR:PORT ..., as isnsadm(8) has it
#   isns_forget ENTITY            all of it
#   say_start PORT FILE ARG...    a server that says what is in a file (tool/say.c); say_stop
#   disk_of IQN [LUN]             prints /dev/sdX of a session; wait_disk waits for it
#   sessions                      number of sessions in the kernel
#   sid_of IQN                    the numbers of the sessions to a target, one a line
#   round_trip IQN ADDR:PORT LUN  the main job: discovery to a file system that is still right
#
# REFERENCE=1 in the environment runs the same against Debian's open-iscsi.
set -eu

ISCSID=$BUILD/sbin/iscsid
TARGET=$BUILD/sbin/iscsi-testtarget
RECORDS=/var/lib/iscsi
if [ -n "${REFERENCE:-}" ]; then
	PATH=/usr/sbin:/usr/bin:/sbin:/bin
	ISCSID=/usr/sbin/iscsid
	RECORDS=/etc/iscsi
fi
INITIATOR_NAME=iqn.2026-01.org.example:initiator
NAME=iqn.2026-01.org.example
OUT=/run/out ERR=/run/err
ISCSID_LOG=/run/iscsid.log TARGET_LOG=/run/target.log ISNS_LOG=/run/isnsd.log
iscsid_pid='' target_pid='' tgt_pid='' isns_pid='' say_pid='' lio='' links='' targets_in=''

fail() {
	echo "FAILED: $*" >&2
	exit 1
}

msec() {
	read -r up _ </proc/uptime
	echo "${up%.*}${up#*.}0"
}

wait_for() {
	_limit=10
	if [ "$1" = -t ]; then
		_limit=$2
		shift 2
	fi
	_end=$(($(msec) + _limit * 1000))
	until "$@" >/dev/null 2>&1; do
		[ "$(msec)" -lt $_end ] || fail "not within $_limit s: $*"
		sleep 0.03
	done
}

not() {
	! "$@"
}

wait_gone() {
	if [ "$1" = -t ]; then
		_t=$2
		shift 2
		wait_for -t "$_t" not "$@"
	else
		wait_for not "$@"
	fi
}

expect() {
	_want=$1
	shift
	_got=0
	"$@" >$OUT 2>$ERR || _got=$?
	[ $_got = "$_want" ] && return
	echo "exit status $_got, expected $_want: $*" >&2
	sed 's/^/  stdout: /' $OUT >&2
	sed 's/^/  stderr: /' $ERR >&2
	exit 1
}

has() {
	grep -qF -- "$2" "$1" && return
	echo "not in $1: $2" >&2
	sed "s/^/  /" "$1" >&2
	exit 1
}

has_not() {
	grep -qF -- "$2" "$1" || return 0
	fail "in $1: $2"
}

# end a child of ours and wait until it is gone
stop() {
	kill "$1" 2>/dev/null || :
	wait "$1" 2>/dev/null || :
}

# ---- the initiator ---------------------------------------------------------------------------

iscsid_ready() {
	grep -q -e '/run/iscsid/control$' -e '@ISCSIADM_ABSTRACT_NAMESPACE$' /proc/net/unix
}

iscsid_start() {
	[ -e /etc/iscsi/initiatorname.iscsi ] ||
		echo "InitiatorName=$INITIATOR_NAME" >/etc/iscsi/initiatorname.iscsi
	[ -e /etc/iscsi/iscsid.conf ] || : >/etc/iscsi/iscsid.conf
	modprobe sd_mod # what udev does where there is one
	# a session of its own: Debian's sends signals to its whole process group
	setsid "$ISCSID" -f "$@" >>$ISCSID_LOG 2>&1 &
	iscsid_pid=$!
	wait_for iscsid_ready
}

iscsid_stop() {
	[ -z "$iscsid_pid" ] || stop "$iscsid_pid"
	iscsid_pid=
}

killed_at() {
	_step=$1
	shift
	: >/run/kill-at # that of the step before has the same words
	"$BUILD/tests/vm/tool/kill-at" "$iscsid_pid" "$_step" ${STEPS:-} >/run/kill-at 2>&1 &
	_tracer=$!
	wait_for grep -q ready /run/kill-at
	"$@" || :
	kill "$_tracer" 2>/dev/null || :
	_status=0
	wait "$_tracer" || _status=$?
	case $_status in
	0)
		wait "$iscsid_pid" || :
		iscsid_pid=
		;;
	3) return 1 ;;
	*) fail "step $_step: $(cat /run/kill-at)" ;;
	esac
}

nothing_left() {
	for _left in /sys/class/iscsi_session/* /sys/class/iscsi_connection/* \
		/sys/class/iscsi_host/* /run/iscsid/session/*; do
		[ ! -e "$_left" ] || return 1
	done
}

sessions() {
	set -- /sys/class/iscsi_session/session*
	if [ -e "$1" ]; then echo $#; else echo 0; fi
}

sid_of() {
	for _s in /sys/class/iscsi_session/session*; do
		[ "$(cat "$_s/targetname" 2>/dev/null)" != "$1" ] || echo "${_s##*/session}"
	done | sort -n
}

disk_of() {
	for _s in /sys/class/iscsi_session/session*; do
		[ "$(cat "$_s/targetname" 2>/dev/null)" = "$1" ] || continue
		for _d in "$_s"/device/target*/*:"${2:-0}"/block/*; do
			[ -e "$_d" ] || continue
			echo "/dev/${_d##*/}"
			return
		done
	done
	return 1
}

wait_disk() {
	wait_for disk_of "$@"
	disk_of "$@"
}

round_trip() {
	_where="[iface: default, target: $1, portal: ${2%:*},${2##*:}]"

	expect 0 iscsiadm -m discovery -t st -p "$2"
	has $OUT "$2,1 $1"
	[ -f "$RECORDS/nodes/$1/${2%:*},${2##*:},1/default" ] || fail "no record of $1"
	expect 0 iscsiadm -m node
	has $OUT "$2,1 $1"

	expect 0 iscsiadm -m node -T "$1" -p "$2" -l
	has $OUT "Logging in to $_where"
	has $OUT "Login to $_where successful."
	expect 0 iscsiadm -m session
	has $OUT "] $2,1 $1 (non-flash)"
	_disk=$(wait_disk "$1" "$3")
	mkfs.ext4 -q "$_disk"
	mkdir -p /run/mnt
	mount "$_disk" /run/mnt
	head -c 4M /dev/urandom >/run/mnt/data
	_sum=$(sha256sum </run/mnt/data)
	umount /run/mnt
	expect 0 iscsiadm -m node -T "$1" -p "$2" -u
	has $OUT "target: $1, portal: ${2%:*},${2##*:}] successful."
	[ "$(sessions)" = 0 ] || fail 'still a session'

	expect 0 iscsiadm -m node -T "$1" -p "$2" -l
	_disk=$(wait_disk "$1" "$3")
	mount -o ro "$_disk" /run/mnt
	[ "$(sha256sum </run/mnt/data)" = "$_sum" ] || fail 'the data are not what was written'
	umount /run/mnt
	expect 0 iscsiadm -m session -P 3
	has $OUT "Target: $1 (non-flash)"
	has $OUT "Attached scsi disk ${_disk#/dev/}"
	expect 0 iscsiadm -m node -T "$1" -p "$2" -u
	expect 21 iscsiadm -m session
	has $ERR 'iscsiadm: No active sessions.'
}

# ---- targets ---------------------------------------------------------------------------------

listening() {
	_port=$(printf %04X "$1")
	grep -q ":$_port 0*:0000 0A " /proc/net/tcp /proc/net/tcp6
}

target_start() {
	"$TARGET" "$@" >>$TARGET_LOG 2>&1 &
	target_pid=$!
	wait_for listening 3260
}

# addresses with their prefix lengths; there may be several PEERs
link_start() {
	_ns=$1
	modprobe -a veth ipv6
	ip netns add "$_ns"
	links="$links $_ns"
	ip link add "${_ns}0" type veth peer name eth0 netns "$_ns"
	_nodad=''
	case $2 in *:*) _nodad=nodad ;; esac
	ip addr add "$2" dev "${_ns}0" $_nodad
	ip link set "${_ns}0" up
	shift 2
	for _a; do
		_nodad=''
		case $_a in *:*) _nodad=nodad ;; esac
		ip -n "$_ns" addr add "$_a" dev eth0 $_nodad
	done
	ip -n "$_ns" link set lo up
	ip -n "$_ns" link set eth0 up
}

target_start_in() {
	_ns=$1
	shift
	nsenter --net="/run/netns/$_ns" "$TARGET" "$@" >>$TARGET_LOG 2>&1 &
	targets_in="$targets_in $!"
	wait_for grep -q ':0CBC .* 0A ' "/proc/$!/net/tcp" "/proc/$!/net/tcp6"
}

links_stop() {
	for _p in $targets_in; do stop "$_p"; done
	for _ns in $links; do
		ip link del "${_ns}0"
		ip netns del "$_ns"
	done
	[ -z "$links" ] || umount /run/netns
	targets_in='' links=''
}

target_stop() {
	[ -z "$target_pid" ] || stop "$target_pid"
	target_pid=
}

LIO=/sys/kernel/config/target
lio_start() {
	modprobe -a target_core_mod iscsi_target_mod
	mountpoint -q /sys/kernel/config || mount -t configfs configfs /sys/kernel/config
	mkdir -p $LIO/iscsi /var/target/pr /var/target/alua
	lio=1
}

lio_target() {
	_iqn=$1 _lun=$LIO/core/rd_mcp_0/disk_${1##*:} _tpg=$LIO/iscsi/$1/tpgt_1
	mkdir -p "$_lun"
	echo "rd_pages=$(($2 * 256))" >"$_lun/control" # SIZE in MiB
	echo "serial-${1##*:}" >"$_lun/wwn/vpd_unit_serial"
	echo 1 >"$_lun/enable"
	mkdir -p "$_tpg/lun/lun_0"
	ln -s "$_lun" "$_tpg/lun/lun_0/disk"
	shift 2
	[ $# -gt 0 ] || set -- 127.0.0.1:3260
	for _portal; do mkdir "$_tpg/np/$_portal"; done
	# any initiator may log in and write
	echo 0 >"$_tpg/attrib/authentication"
	echo 1 >"$_tpg/attrib/generate_node_acls"
	echo 1 >"$_tpg/attrib/cache_dynamic_acls"
	echo 0 >"$_tpg/attrib/demo_mode_write_protect"
	echo 1 >"$_tpg/enable"
}

lio_stop() {
	[ -n "$lio" ] || return 0
	echo 0 >$LIO/iscsi/discovery_auth/enforce_discovery_auth
	for _t in $LIO/iscsi/iqn.*; do
		[ -d "$_t" ] || continue
		for _tpg in "$_t"/tpgt_*; do
			echo 0 >"$_tpg/enable"
			rm "$_tpg/lun/lun_0/disk"
			rmdir "$_tpg/lun/lun_0" "$_tpg"/np/* "$_tpg"
		done
		rmdir "$_t"
	done
	for _t in $LIO/core/rd_mcp_0/disk_*; do
		[ -d "$_t" ] && rmdir "$_t"
	done
	# it belongs to no target, and the next case may want to discover without a secret
	echo 0 >$LIO/iscsi/discovery_auth/enforce_discovery_auth
	lio=
}

tgt_start() {
	mkdir -p /run/tgtd
	tgtd -f --iscsi portal=127.0.0.1:3261 >/run/tgtd.log 2>&1 &
	tgt_pid=$!
	wait_for tgtadm --lld iscsi --op show --mode target
}

tgt_target() {
	tgtadm --lld iscsi --op new --mode target --tid "$1" -T "$2"
	tgtadm --lld iscsi --op bind --mode target --tid "$1" -I ALL
	tgtadm --lld iscsi --op new --mode logicalunit --tid "$1" --lun 1 -b "$3"
}

tgt_stop() {
	[ -n "$tgt_pid" ] || return 0
	kill -KILL "$tgt_pid" # it does not end by SIGTERM while it has targets
	wait "$tgt_pid" 2>/dev/null || :
	tgt_pid=
}

isns_start() {
	mkdir -p /run/isns
	cat >/run/isns/isnsd.conf <<-E
		SourceName = $NAME:isns
		Database = /run/isns/database
		DefaultDiscoveryDomain = ${1:-1}
		Security = 0
		SLPRegister = 0
		PIDFile = /run/isns/isnsd.pid
	E
	isnsd -f -c /run/isns/isnsd.conf >>$ISNS_LOG 2>&1 &
	isns_pid=$!
	wait_for listening 3205
}

isns_stop() {
	[ -z "$isns_pid" ] || stop "$isns_pid"
	isns_pid=''
	rm -rf /run/isns
}

# the entity, whose node has its name, acts for itself
isns_as() {
	printf 'SourceName = %s\nServerAddress = 127.0.0.1\nSecurity = 0\n' "$NAME:$1" \
		>/run/isns/isnsadm.conf
	shift
	isnsadm -c /run/isns/isnsadm.conf "$@" >>$ISNS_LOG 2>&1
}

isns_register() {
	_entity=$1
	shift
	isns_as "$_entity" --register "entity=$_entity" "$@"
}

isns_forget() {
	isns_as "$1" --deregister "eid=$1"
}

say_start() {
	"$BUILD/tests/vm/tool/say" "$@" >/run/say &
	say_pid=$!
	wait_for grep -q ready /run/say
}

say_stop() {
	[ -z "$say_pid" ] || stop "$say_pid"
	say_pid=
}

# ---- the end ---------------------------------------------------------------------------------

at_end() {
	_status=$?
	set +e
	if [ $_status != 0 ]; then
		for _log in $ISCSID_LOG $TARGET_LOG $ISNS_LOG; do
			[ -s $_log ] && sed "s|^|  ${_log##*/}: |" $_log | tail -n 40
		done
	fi
	iscsid_stop
	say_stop
	isns_stop
	lio_stop
	target_stop
	tgt_stop
	links_stop
	exit $_status
}
trap at_end EXIT
