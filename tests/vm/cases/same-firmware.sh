# SPDX-License-Identifier: GPL-2.0-or-later
# What firmware says, as open-iscsi prints it.
. "$VM_LIB"
F=/sys/firmware/ibft

boot() {
	folder=$F/$1
	shift
	mkdir -p "$folder"
	for pair; do echo "${pair#*=}" >"$folder/${pair%%=*}"; done
}

same() { # PROGRAM ARG...
	program=$1
	shift
	"/usr/sbin/$program" "$@" >/run/theirs 2>&1 || echo "exit status $?" >>/run/theirs
	"$BUILD/sbin/$program" "$@" >/run/ours 2>&1 || echo "exit status $?" >>/run/ours
	sed -i 's/RECORD [0-9.]*$/RECORD/' /run/theirs /run/ours
	diff -U9 /run/theirs /run/ours >/run/difference && return
	cat /run/difference
	fail "$program $*: not the same (- open-iscsi, + ours)"
}

mount -t tmpfs tmpfs /sys/firmware
same iscsistart -f
same iscsiadm -m fw
boot initiator initiator-name=iqn.2007-07.com.example:initiator flags=3 index=0
boot ethernet0 mac=02:00:00:00:00:01 ip-addr=192.0.2.10 subnet-mask=255.255.255.0 gateway=192.0.2.1 \
	primary-dns=192.0.2.53 vlan=0 origin=0 flags=3 index=0
boot target0 target-name=$NAME:root ip-addr=192.0.2.20 port=3260 lun=00000000 nic-assoc=0 flags=3 \
	index=0
same iscsistart -f
same iscsiadm -m fw
grep -q "^node.name = $NAME:root" /run/ours || fail 'nothing is shown'
boot ethernet0 origin=3 prefix-len=24 vlan=5 secondary-dns=192.0.2.54
boot target0 port=3261 lun=0100000000000000 chap-name=me
same iscsistart -f
same iscsistart --fwparam_print
same iscsiadm --mode fw
umount /sys/firmware
for words in '' '-i iqn.2026-01.org.example:i' '-i iqn.2026-01.org.example:i -g 1' \
	'-i iqn.2026-01.org.example:i -g 1 -t iqn.2026-01.org.example:t' '-P foo'; do
	# shellcheck disable=SC2086 # words
	same iscsistart $words
done
