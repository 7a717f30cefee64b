# SPDX-License-Identifier: GPL-2.0-or-later
# All processes of the idle daemon together have at most 3 MB of memory to themselves.
. "$VM_LIB"

iscsid_start
lio_start
lio_target $NAME:disk 8
# it has worked, and its peer is there
expect 0 iscsiadm -m discovery -t st -p 127.0.0.1
expect 0 iscsiadm -m node -l
expect 0 iscsiadm -m node -u

# a process, then its children
private_of() {
	while read -r key kb _; do
		case $key in
		Private_Clean: | Private_Dirty: | Private_Hugetlb:) total=$((total + kb)) ;;
		esac
	done <"/proc/$1/smaps_rollup"
	for stat in /proc/[0-9]*/stat; do
		read -r line <"$stat" 2>/dev/null || continue
		set -- "$1" ${line##*) }
		[ "$3" != "$1" ] || (echo "${stat#/proc/}")
	done
}
total=0
for pid in $iscsid_pid $(private_of "$iscsid_pid" | sed 's|/stat||'); do
	private_of "$pid" >/dev/null
	echo "with process $pid: $total KB"
done
[ $total -gt 0 ] || fail 'nothing measured'
[ $total -le 3072 ] || fail "$total KB"
