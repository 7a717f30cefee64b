# SPDX-License-Identifier: GPL-2.0-or-later
# All processes of the idle daemon together have at most 2 MB of memory to themselves.
. "$VM_LIB"

iscsid_start
lio_start
lio_target $NAME:disk 8
# it has worked, and its peer is there
expect 0 iscsiadm -m discovery -t st -p 127.0.0.1
expect 0 iscsiadm -m node -l
expect 0 iscsiadm -m node -u

# the processes whose parent is $1, and theirs
below() {
	for stat in /proc/[0-9]*/stat; do
		{ read -r line <"$stat"; } 2>/dev/null || continue
		[ "$(parent ${line##*) })" = "$1" ] || continue
		echo "${line%% *}"
		below "${line%% *}"
	done
}
parent() {
	echo "$2"
}
total=0
for pid in $iscsid_pid $(below "$iscsid_pid"); do
	own=0
	while read -r key kb _; do
		case $key in
		Private_Clean: | Private_Dirty: | Private_Hugetlb:) own=$((own + kb)) ;;
		esac
	done <"/proc/$pid/smaps_rollup"
	echo "$(cat "/proc/$pid/comm") ($pid): $own KB"
	total=$((total + own))
	count=$((${count:-0} + 1))
done
echo "together: $total KB"
[ "$count" = 4 ] || fail "$count processes, not four"
[ $total -le 2048 ] || fail "$total KB"
