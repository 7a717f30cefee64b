#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# db.sh BUILD [RECORDS]: how long commands on the record database take, side by side with Debian's
# open-iscsi (make bench-db).  Medians of five turns, in which the two programs take turns; the
# records are on a tmpfs of a mount namespace of its own, so that both find them in /etc/iscsi.
#
# The floor, in system calls a record: a list takes eight (the target's and the portal's folder, each
# opened, read, read to its end and closed), reading four more, a change five more (the new file
# opened, written, closed and renamed, the link looked at), a deletion four (record, link, two
# folders).  walk measures the first two.  An index of the folders cannot be trusted: their time
# stamps are as coarse as the clock's tick, and comparing them costs half as much as a list.
set -eu

if [ -z "${IN_NAMESPACE:-}" ]; then
	[ "$(id -u)" = 0 ] || { echo 'bench-db must be root: it makes a mount namespace' >&2; exit 77; }
	IN_NAMESPACE=1 exec unshare -m --propagation private sh "$0" "$@"
fi

build=$(cd "$1" && pwd)
records=${2:-10000}
turns=5
reference=$build/fetched/root/usr/sbin/iscsiadm
stopwatch=$build/tests/bench/stopwatch
fill=$build/tests/bench/fill
one=iqn.2001-04.com.example:storage.disk00007
source=127.0.0.1

mkdir -p /etc/iscsi
mount -t tmpfs bench /mnt
mkdir /mnt/etc /mnt/times
cp etc/iscsid.conf /mnt/etc
mount --bind /mnt/etc /etc/iscsi

# the same records for everybody, below the path that their links name
$fill /etc/iscsi "$records" >/mnt/times/fill
cp -a /mnt/etc /mnt/fresh

renew() {
	for part in nodes send_targets; do
		rm -rf /etc/iscsi/$part
		cp -a /mnt/fresh/$part /etc/iscsi
	done
}

# run WHO WHAT ARGUMENTS...: one turn; its milliseconds and kilobytes go to a file
run() {
	who=$1 what=$2
	shift 2
	case $who in
	ours) set -- "$build/sbin/iscsiadm" --db /etc/iscsi "$@" ;;
	reference) set -- env LD_LIBRARY_PATH="$build/fetched/root/usr/lib/$(gcc -print-multiarch)" \
		"$reference" "$@" ;;
	esac
	"$stopwatch" "$@" >>"/mnt/times/$who.$what"
}

turn() {
	run "$1" list -m node
	run "$1" show-one -m node -T $one
	run "$1" update-one -m node -T $one -o update -n node.startup -v "$2"
	run "$1" show-all -m node -o show
	run "$1" update-all -m node -o update -n node.startup -v "$2"
	run "$1" tree -m discoverydb -P 1
	run "$1" delete-one -m node -T $one -o delete
	run "$1" delete-all -m discoverydb -t st -p $source -o delete
	renew
}

i=0
while [ $i -lt $turns ]; do
	i=$((i + 1))
	turn reference automatic
	turn ours automatic
done

median() { # of a column of a file
	sort -n -k "$2" "$1" | awk -v c="$2" '{ v[NR] = $c } END { print v[int((NR + 1) / 2)] }'
}

printf '%-34s %12s %12s %8s\n' "milliseconds, $records records" open-iscsi ours ratio
while read -r what title; do
	a=$(median /mnt/times/reference.$what 1)
	b=$(median /mnt/times/ours.$what 1)
	printf '%-34s %12s %12s %8s\n' "$title" "$a" "$b" "$(awk "BEGIN { printf \"%.1f\", $a / $b }")"
done <<END
list -m node
show-one -m node -T ONE
update-one -m node -T ONE -o update
delete-one -m node -T ONE -o delete
show-all -m node -o show
update-all -m node -o update
delete-all -m discoverydb -p -o delete
tree -m discoverydb -P 1
END
printf '%-34s %12s %12s\n' 'KiB of memory, -m node' "$(median /mnt/times/reference.list 2)" \
	"$(median /mnt/times/ours.list 2)"
echo
cat /mnt/times/fill
"$build/tests/bench/walk" /etc/iscsi
