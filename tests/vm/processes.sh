# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# The processes of a daemon: . "${VM_LIB%/*}/processes.sh"
#
#   family PID          the process and all below it
#   private_memory PID  KB that they have to themselves

family() {
	echo "$1"
	for _stat in /proc/[0-9]*/stat; do
		{ read -r _line <"$_stat"; } 2>/dev/null || continue
		set -- "$1" ${_line##*) }
		[ "$3" != "$1" ] || family "${_line%% *}"
	done
}

private_memory() {
	for _pid in $(family "$1"); do cat "/proc/$_pid/smaps_rollup" 2>/dev/null; done |
		awk '/^Private_/ { kb += $2 } END { print kb }'
}
