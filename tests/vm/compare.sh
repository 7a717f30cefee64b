# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# For cases that run record commands by Debian's open-iscsi and by ours on the same database:
#
#   same COMMANDS      each line the words of a command: stdout, stderr, exit status and, after each
#                      that writes, every file and link must be the same
#   fresh              an empty database
#
# $THEIRS and $OURS are the programs, $DB is their database, $A and $B are targets.
. "$VM_LIB"

THEIRS=/usr/sbin/iscsiadm
OURS="$BUILD/sbin/iscsiadm --db /etc/iscsi"
DB=/etc/iscsi
ISCSID=/usr/sbin/iscsid # tells where its iscsid.conf is
A=iqn.2001-04.com.example:a
B=iqn.2001-04.com.example:b

fresh() {
	rm -rf $DB/nodes $DB/send_targets $DB/static $DB/ifaces $DB/isns $DB/fw
}

# what a command says and leaves; the number of the program's version does not count
say() {
	status=0
	"$@" >$OUT 2>$ERR </dev/null || status=$?
	grep '' $OUT $ERR || :
	echo "exit status $status"
	case "$*" in
	*' -o show'* | *' -P '*) return ;;
	*' -o '*) ;;
	*) return ;;
	esac
	(
		cd $DB && find . ! -type d -printf "%p %m %l\n"
		grep -r . nodes ifaces send_targets isns 2>/dev/null || :
	) | sort
}

transcript() { # COMMANDS PROGRAM...
	commands=$1
	shift
	fresh
	echo "$commands" | while read -r words; do
		echo "\$ iscsiadm $words"
		# shellcheck disable=SC2086,SC2294 # words; a glob pattern would be a mistake
		set -f
		say "$@" $words
		set +f
	done | sed 's/RECORD 2\.1\.8/RECORD/; s/RECORD 3\.0\.0/RECORD/'
}

same() {
	# shellcheck disable=SC2086 # words
	transcript "$1" $THEIRS >/run/theirs
	# shellcheck disable=SC2086
	transcript "$1" $OURS >/run/ours
	grep -q '^exit status 0' /run/theirs || fail 'the reference did nothing'
	diff -U4 /run/theirs /run/ours >/run/difference && return
	cat /run/difference
	fail 'not the same (- open-iscsi, + ours)'
}

mkdir -p $DB
iscsid_start
cat >$DB/iscsid.conf <<E
node.startup = automatic
node.conn[0].timeo.login_timeout = 15
node.session.initial_login_retry_max = 8
discovery.sendtargets.iscsi.MaxRecvDataSegmentLength = 65536
E
