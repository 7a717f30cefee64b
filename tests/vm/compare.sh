# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# For cases that run commands by Debian's open-iscsi and by ours: stdout, stderr, exit status, and
# every file of the database after every command must be the same.
#
#   same <<'ROWS'          the rows are those of tool/transcript.c, in an empty database; what differs
#                          on purpose is written down below the row, as judge says, and has a name
#                          in the table mended
#   same_at_work <<'ROWS'  the same with the targets at work, each tool with its own daemon
#
# and their parts, for cases that do something in between:
#
#   begin_work WHO         (theirs, ours) its daemon, numbers of the kernel from 1, an empty database
#   transcript WHO ROWS    run the file ROWS, go on with /run/WHO
#   judge ROWS             compare /run/theirs and /run/ours
#
# $DB is the database of either: /etc/iscsi, or what the kernel says is the same.  $A and $B are
# targets.  ! eval "$FRESH" is a row that empties the database.
. "$VM_LIB"

THEIRS=/usr/sbin/iscsiadm
OURS=$BUILD/sbin/iscsiadm
DB=/etc/iscsi
ISCSID=/usr/sbin/iscsid # tells where its iscsid.conf is
A=iqn.2001-04.com.example:a
B=iqn.2001-04.com.example:b
FRESH="cd $DB && rm -rf nodes send_targets static ifaces isns fw && mkdir -m 700 ifaces"
# shellcheck disable=SC2034 # used by the cases
MENDED=${VM_LIB%/*}/mended
export A B DB FRESH

fresh() {
	(eval "$FRESH")
}

# numbers of versions and of attempts do not count, and the database has the one name
transcript() { # WHO ROWS
	case $1 in
	theirs) program=$THEIRS ;;
	ours) program=$OURS ;;
	esac
	"$BUILD/tests/vm/tool/transcript" $DB/ "$program" <"$2" >/run/transcript ||
		fail "$1: the rows cannot be run"
	sed 's/RECORD 2\.1\.8/RECORD/; s/RECORD 3\.0\.0/RECORD/; s/^\(out: [a-z ]*version\) .*/\1/
		s/octets: .*/octets: N/; s/_pdus: .*/_pdus: N/; s/(attempt [^)]*)/(attempt N)/
		s#/var/lib/iscsi/#/etc/iscsi/#g' /run/transcript >>"/run/$1"
}

judge() { # ROWS
	"${VM_LIB%/*}/judge" "$MENDED" /run/theirs /run/ours "$1" >/run/difference && return
	cat /run/difference
	fail 'not the same (< open-iscsi, > ours)'
}

same() {
	cat >/run/rows
	for who in theirs ours; do
		fresh
		transcript $who /run/rows
	done
	judge /run/rows
	rm /run/theirs /run/ours
}

begin_work() {
	iscsid_stop
	modprobe -qr iscsi_tcp libiscsi scsi_transport_iscsi || fail "modules stay: $(lsmod)"
	rm -rf /run/iscsid
	[ "$1" = theirs ] || ISCSID=$BUILD/sbin/iscsid
	iscsid_start
	fresh
}

same_at_work() {
	cat >/run/rows
	for who in theirs ours; do
		begin_work $who
		transcript $who /run/rows
	done
	judge /run/rows
}

mkdir -p $DB /var/lib/iscsi
mount --bind $DB /var/lib/iscsi
iscsid_start
cat >$DB/iscsid.conf <<E
node.startup = automatic
node.conn[0].timeo.login_timeout = 15
node.session.initial_login_retry_max = 8
discovery.sendtargets.iscsi.MaxRecvDataSegmentLength = 65536
E
