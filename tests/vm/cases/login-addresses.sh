# SPDX-License-Identifier: GPL-2.0-or-later
# IPv6, an address of one link, a host name: each portal is found, logged in to and kept as written.
. "$VM_LIB"

# login ADDRESS: what the record of the only target says, in its words; and a logout
login() {
	expect 0 iscsiadm -m node -T $NAME:disk -l
	has $OUT "portal: $1,3260] successful."
	wait_disk $NAME:disk 0 >/dev/null
	expect 0 iscsiadm -m node -T $NAME:disk -u
	expect 0 iscsiadm -m node -T $NAME:disk -o delete
}

link_start h1 fd00:9::1/64 fd00:9::2/64 fe80::2/64
target_start_in h1 --portal '[::]' --target $NAME:disk --lun 0,size=8M
iscsid_start

expect 0 iscsiadm -m discovery -t st -p fd00:9::2
has $OUT "[fd00:9::2]:3260,1 $NAME:disk"
login fd00:9::2

# the target calls it fe80::2%eth0, which means nothing here
expect 0 iscsiadm -m discovery -t st -p '[fe80::2%h10]:3260'
has $OUT "[fe80::2%h10]:3260,1 $NAME:disk"
login fe80::2%h10

# of several addresses of a name the one that answers
printf '%s disk.example\n' fd00:9::77 fd00:9::2 >>/etc/hosts
expect 0 iscsiadm -m node -T $NAME:disk -p disk.example -o new
ip route add prohibit fd00:9::77
login disk.example

# a device that is not there is named, and not taken for a portal that does not listen
expect 0 iscsiadm -m node -T $NAME:disk -p 'fe80::2%nosuch0' -o new
for setting in 'node.session.initial_login_retry_max 1' 'node.conn[0].timeo.login_timeout 1'; do
	expect 0 iscsiadm -m node -T $NAME:disk -o update -n "${setting% *}" -v "${setting#* }"
done
expect 8 iscsiadm -m node -T $NAME:disk -l
has $ERR 'there is no network device nosuch0'
has_not $ERR 'listens'
