# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# What a case of tests/cli is written with.  A case is a script that starts with
#
#	. "${0%/*}/../lib.sh"
#
# and then sets a scene (a database, sessions, a scripted daemon), runs iscsiadm and says what must
# come out, to the letter.  Expected texts are those of open-iscsi 2.1.8, recorded or written down
# from its description; never our own output.
#
#	node T ADDR,PORT,TPGT IFACE [KEY=VALUE...]	a node record
#	sendtargets ADDR,PORT [KEY=VALUE...]		a discovery record
#	found_by ADDR,PORT T ADDR,PORT,TPGT IFACE	its link to a node record
#	iface NAME [KEY=VALUE...]			an interface record
#	session SID T ADDR PORT TPGT IFACE		a session, as sysfs shows it
#	disk SID CHANNEL:ID:LUN [NAME]			a LUN of it
#	volume NAME DISK				a logical volume, dm-0, on that disk
#	mounted SOURCE TARGET				a mount
#	attribute SID NAME VALUE			what sysfs says of the session or its connection
#	host H TRANSPORT [NAME=VALUE...]		a host of an adapter, as sysfs shows it
#	host_iface H ipvV N NAME=VALUE...		a network interface of an adapter
#	boot TREE/OBJECT NAME=VALUE...			what sysfs says of firmware: ibft/target0 ip-addr=...
#	ibft						a whole table: two targets, the second with CHAP
#	daemon <<SCRIPT					start fake_iscsid
#	err <<TEXT					what the next run prints on stderr (else nothing)
#	run EXIT ARG... <<TEXT				run iscsiadm; TEXT: what it prints on stdout
#	json EXIT ARG... <<TEXT				run iscsiadm --json; TEXT: the document, flat
#	tree <<LIST					what is in the database now, links as "a -> b"
#	has FILE LINE; lacks FILE LINE			whether a file of the database has the line
#
# The case's folder is written TMP in expected texts.
set -u
# a case that reads no text gets none
exec </dev/null
BUILD=${O:-build}
T=$(mktemp -d) || exit 1
DB=$T/db SYS=$T/sys PROC=$T/proc CONTROL=$T/control CONF=$T/iscsid.conf
daemon_pid=
failed=0
trap finish EXIT
mkdir -p "$DB" "$SYS/class" "$PROC/self"
: >"$CONF"
: >"$T/expected-err"
echo '1 0 259:1 / / rw - ext4 /dev/nvme0n1p1 rw' >"$PROC/self/mountinfo"

complain() { echo "FAIL: $*"; failed=1; }

finish() {
	[ $? = 0 ] || complain "the case ends early"
	if [ -n "$daemon_pid" ]; then
		wait "$daemon_pid" || complain "the daemon was not asked as the script says"
	fi
	rm -rf "$T"
	exit $failed
}

# ---- the scene --------------------------------------------------------------------------------

write_record() { # FILE KEY=VALUE...
	local file=$1 pair
	shift
	mkdir -p "${file%/*}"
	{
		echo '# BEGIN RECORD 2.1.8'
		for pair; do echo "${pair%%=*} = ${pair#*=}"; done
		echo '# END RECORD'
	} >"$file"
}

node() {
	local t=$1 portal=$2 i=$3 address tpgt
	shift 3
	address=${portal%,*} tpgt=${portal##*,}
	write_record "$DB/nodes/$t/$portal/$i" "node.name=$t" "node.tpgt=$tpgt" \
		"iface.iscsi_ifacename=$i" iface.transport_name=tcp \
		"node.conn[0].address=${address%,*}" "node.conn[0].port=${address##*,}" "$@"
}

sendtargets() {
	local source=$1
	shift
	write_record "$DB/send_targets/$source/st_config" discovery.type=sendtargets \
		"discovery.sendtargets.address=${source%,*}" \
		"discovery.sendtargets.port=${source##*,}" "$@"
}

found_by() {
	ln -s "$DB/nodes/$2/$3" "$DB/send_targets/$1/$2,$3,$4"
}

iface() {
	local name=$1
	shift
	write_record "$DB/ifaces/$name" "iface.iscsi_ifacename=$name" iface.transport_name=tcp "$@"
}

attributes() { # FOLDER, lines "name value" on stdin
	local name value
	mkdir -p "$1"
	while read -r name value; do echo "$value" >"$1/$name"; done
}

# The folders, links and values of Linux 6.1 after a login to tgt; host N-1 for sid N.
session() {
	local sid=$1 host=$(($1 - 1)) h s c class
	h=$SYS/devices/platform/host$host
	s=$h/session$sid/iscsi_session/session$sid
	c=$h/session$sid/connection$sid:0/iscsi_connection/connection$sid:0
	attributes "$s" <<-E
		targetname $2
		ifacename $6
		initiatorname iqn.1993-08.org.debian:01:test
		tpgt $5
		creator 761
		state LOGGED_IN
		target_state SCANNED
		target_id 0
		recovery_tmo 120
		abort_tmo 15
		lu_reset_tmo 30
		tgt_reset_tmo 30
		username (null)
		password (null)
		username_in (null)
		password_in (null)
		erl 0
		fast_abort 1
		initial_r2t 1
		immediate_data 1
		first_burst_len 65536
		max_burst_len 262144
		max_outstanding_r2t 1
		data_pdu_in_order 1
		data_seq_in_order 1
	E
	attributes "$c" <<-E
		address $3
		port $4
		persistent_address $3
		persistent_port $4
		local_port 60016
		state up
		header_digest 0
		data_digest 0
		max_recv_dlength 262144
		max_xmit_dlength 8192
		exp_statsn 69
		ping_tmo 5
		recv_tmo 5
	E
	attributes "$h/iscsi_host/host$host" <<-E
		netdev (null)
		initiatorname (null)
		hwaddress (null)
		ipaddress 127.0.0.1
	E
	attributes "$h/scsi_host/host$host" <<-E
		state running
		proc_name iscsi_tcp
	E
	for class in iscsi_session iscsi_connection iscsi_host scsi_host iscsi_transport; do
		mkdir -p "$SYS/class/$class"
	done
	ln -sfn ../../../session$sid "$s/device"
	ln -sfn ../../../connection$sid:0 "$c/device"
	ln -sfn "../../devices/platform/host$host/session$sid/iscsi_session/session$sid" \
		"$SYS/class/iscsi_session/session$sid"
	ln -sfn "../../devices/platform/host$host/session$sid/connection$sid:0/iscsi_connection/connection$sid:0" \
		"$SYS/class/iscsi_connection/connection$sid:0"
	ln -sfn "../../devices/platform/host$host/iscsi_host/host$host" "$SYS/class/iscsi_host/host$host"
	ln -sfn "../../devices/platform/host$host/scsi_host/host$host" "$SYS/class/scsi_host/host$host"
	mkdir -p "$SYS/devices/virtual/iscsi_transport/tcp"
	ln -sfn ../../devices/virtual/iscsi_transport/tcp "$SYS/class/iscsi_transport/tcp"
	mkdir -p "$SYS/module/scsi_transport_iscsi"
	echo 2.0-870 >"$SYS/module/scsi_transport_iscsi/version"
}

# ATTRIBUTE=VALUE... into the files of a folder
put_attributes() {
	local folder=$1 pair
	shift
	mkdir -p "$folder"
	for pair; do echo "${pair#*=}" >"$folder/${pair%%=*}"; done
}

host() {
	local h=$SYS/devices/pci/host$1 n=$1 transport=$2
	shift 2
	put_attributes "$h/scsi_host/host$n" state=running proc_name="$transport"
	put_attributes "$h/iscsi_host/host$n" "$@"
	mkdir -p "$SYS/class/iscsi_host" "$SYS/class/scsi_host"
	ln -sfn "../..${h#"$SYS"}/iscsi_host/host$n" "$SYS/class/iscsi_host/host$n"
	ln -sfn "../..${h#"$SYS"}/scsi_host/host$n" "$SYS/class/scsi_host/host$n"
}

host_iface() {
	local n=$1 name=$2-iface-$1-$3
	shift 3
	put_attributes "$SYS/devices/pci/host$n/iscsi_iface/$name" "$@"
	mkdir -p "$SYS/class/iscsi_iface"
	ln -sfn "../../devices/pci/host$n/iscsi_iface/$name" "$SYS/class/iscsi_iface/$name"
}

boot() {
	local folder=$SYS/firmware/$1
	shift
	put_attributes "$folder" "$@"
}

# as the kernel shows it, with addresses of RFC 5737
ibft() {
	local n
	boot ibft/initiator initiator-name=iqn.2007-07.com.example:initiator flags=3 index=0
	boot ibft/ethernet0 mac=02:00:00:00:00:01 ip-addr=192.0.2.10 subnet-mask=255.255.255.0 \
		gateway=192.0.2.1 primary-dns=192.0.2.53 secondary-dns=192.0.2.54 vlan=0 origin=0 \
		flags=3 index=0
	for n in 0 1; do
		boot ibft/target$n target-name=iqn.2001-04.com.example:disk$n ip-addr=10.0.0.$((n + 1)) \
			port=3260 lun=00000000 nic-assoc=0 flags=3 index=$n
	done
	boot ibft/target1 chap-name=cuser chap-secret=csecret12345 \
		rev-chap-name=tuser rev-chap-name-secret=tsecret12345
}

disk() {
	local host=$(($1 - 1)) ci=${2%:*} d
	d=$SYS/devices/platform/host$host/session$1/target$host:$ci/$host:$2
	echo running | { mkdir -p "$d" && cat >"$d/state"; }
	[ $# -gt 2 ] || return 0
	mkdir -p "$d/block/$3" "$SYS/class/block"
	ln -s "../..${d#"$SYS"}/block/$3" "$SYS/class/block/$3"
}

volume() {
	mkdir -p "$SYS/devices/virtual/block/dm-0/dm" "$SYS/class/block/$2/holders/dm-0"
	echo "$1" >"$SYS/devices/virtual/block/dm-0/dm/name"
	echo LVM-x >"$SYS/devices/virtual/block/dm-0/dm/uuid"
	ln -s ../../devices/virtual/block/dm-0 "$SYS/class/block/dm-0"
}

mounted() {
	echo "2 1 0:40 / $2 rw - ext4 $1 rw" >>"$PROC/self/mountinfo"
}

attribute() {
	local base f
	base=$SYS/devices/platform/host$(($1 - 1))
	for f in "$base/session$1/iscsi_session/session$1/$2" \
		"$base/session$1/connection$1:0/iscsi_connection/connection$1:0/$2" \
		"$base/iscsi_host/host$(($1 - 1))/$2"; do
		if [ -e "$f" ]; then
			echo "$3" >"$f"
			return
		fi
	done
	complain "no attribute $2"
}

daemon() {
	cat >"$T/script"
	[ -p "$T/ready" ] || mkfifo "$T/ready"
	"$BUILD/tests/cli/fake_iscsid" "$CONTROL" "$T/script" >"$T/ready" &
	daemon_pid=$!
	read -r _ <"$T/ready" || complain "the daemon does not start"
}

# ---- the run ----------------------------------------------------------------------------------

err() { cat >"$T/expected-err"; }

iscsiadm() {
	"$BUILD/sbin/iscsiadm" --db "$DB" --sysfs "$SYS" --proc "$PROC" --control "$CONTROL" --config "$CONF" "$@"
}

same() { # WHAT EXPECTED GOT; the name of the folder does not count
	sed -i "s#$T#TMP#g" "$2" "$3"
	diff -u "$2" "$3" >"$T/diff" && return
	complain "$1 (- expected, + got)"
	cat "$T/diff"
}

# valid FILE [DEFINITION]: a document that the schema allows, flat into $T/flat
valid() {
	local file=$1
	shift
	"$BUILD/tests/cli/json_check" iscsiadm/iscsiadm-json.schema.json "$@" <"$file" >"$T/flat" 2>"$T/invalid" ||
		complain "$(cat "$T/invalid")"
}

json() {
	local exit=$1 got
	shift
	cat >"$T/expected-out"
	iscsiadm --json "$@" >"$T/out" 2>"$T/err" </dev/null
	got=$?
	[ $got = "$exit" ] || complain "iscsiadm --json $*: exit code $got, not $exit"
	valid "$T/out"
	grep -v -e '^schema = ' -e '^version = ' "$T/flat" >"$T/out"
	same "iscsiadm --json $*: stdout" "$T/expected-out" "$T/out"
	same "iscsiadm --json $*: stderr" "$T/expected-err" "$T/err"
	: >"$T/expected-err"
}

run() {
	local exit=$1 got
	shift
	cat >"$T/expected-out"
	iscsiadm "$@" >"$T/out" 2>"$T/err" </dev/null
	got=$?
	[ $got = "$exit" ] || complain "iscsiadm $*: exit code $got, not $exit"
	same "iscsiadm $*: stdout" "$T/expected-out" "$T/out"
	same "iscsiadm $*: stderr" "$T/expected-err" "$T/err"
	: >"$T/expected-err"
}

tree() {
	cat >"$T/expected-tree"
	(cd "$DB" && find . \( -type f -o -type l \) -printf '%P' \( -type l -printf ' -> %l\n' -o -printf '\n' \)) |
		LC_ALL=C sort >"$T/tree"
	same database "$T/expected-tree" "$T/tree"
}

has() { grep -qxF -- "$2" "$DB/$1" || complain "$1 lacks the line: $2"; }
lacks() { ! grep -qxF -- "$2" "$DB/$1" || complain "$1 has the line: $2"; }
