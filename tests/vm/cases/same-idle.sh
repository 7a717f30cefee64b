# SPDX-License-Identifier: GPL-2.0-or-later
# Modes that find nothing: no session, no host, no firmware, by open-iscsi and by ours.
. "${VM_LIB%/*}/compare.sh"

same <<'E'
! rmdir $DB/ifaces
-m iface
<> no-folder
< db: +ifaces/ 700
! mkdir -pm 700 $DB/ifaces
-m session
-m session -P 0
-m session -P 1
-m session -P 3
-m session -P 4
-m session -P -1
-m session -o show
-m session -o new
-m session -o update
-m session -o update -n node.startup -v manual
-m session -o delete
-m session -o apply
<> refused
< err: iscsiadm: No active sessions.
< exit 21
> err: iscsiadm: operation is not supported.
> exit 7
-m session -o show -o update
-m session -r 1
-m session -r 1 -P 1
-m session -r 1 -u
-m session -r 1 -R
-m session -r 1 -s
-m session -r 1 -o new
-m session -r 1 -o update -n node.startup -v manual
-m session -r abc
-m session -r 0
-m session -r -1
-m session -r ''
-m session -r 1x
-m session -r 01
-m session -r 99999999999
<> numbers
< err: iscsiadm: could not read session targetname: 5
< err: iscsiadm: Could not get session info for sid 1215752191
< exit 22
> err: iscsiadm: 99999999999 is an invalid session ID or path
> exit 1
-m session -r /etc/passwd
-m session -r /sys/class
<> sysfs-path
< err: iscsiadm: Could not get dev for /class. Possible sysfs incompatibility.
> err: iscsiadm: Unable to find sid in path /sys/class
-m session -r /nope
-m session -r .
<> sysfs-path
< err: iscsiadm: Could not get dev for .. Possible sysfs incompatibility.
< err: iscsiadm: invalid sid '.'
< exit 7
> err: iscsiadm: . is an invalid session ID or path
> exit 1
-m session -r 1 -r 2
-m session --sid=1
-m session --sid 1 --rescan
-m session --rescan
-m session --stats
-m session --logout
-m session -u -R
-m session -R -s
-m session -i 1
-m session -S
-m session -n a
<> half-a-pair
< err: iscsiadm: No active sessions.
< exit 21
> err: iscsiadm: option '-n a' has no value (-v); nothing was done.
> exit 7
-m session -n a -v b
-m host
-m host -P 0
-m host -P 1
-m host -P 4
-m host -P 5
-m host -H 0
-m host -H 1 -P 1
-m host -H abc
<> numbers
< err: iscsiadm: No iSCSI hosts.
< exit 21
> err: iscsiadm: option '-H' takes a host number or a MAC, not 'abc'.
> exit 7
-m host -H ''
<> numbers
< err: iscsiadm: No iSCSI hosts.
< exit 21
> err: iscsiadm: option '-H' takes a host number or a MAC, not ''.
> exit 7
-m host -H 00:11:22:33:44:55
-m host -H 00:11:22:33:44:5
-m host -C chap
-m host -C chap -H 0
-m host -C chap -H 0 -o show
-m host -C chap -H 0 -o new
<> silent-failure
< exit 0
> exit 7
-m host -C chap -H 0 -o delete
<> silent-failure
< exit 0
> exit 7
-m host -C chap -H 0 -o delete -x 0
-m host -C flashnode
-m host -C flashnode -H 0
-m host -C flashnode -H 0 -x 0
-m host -C flashnode -H 0 -o new
-m host -C flashnode -H 0 -o new -A foo
-m host -C flashnode -H 0 -o new -A ipv4
-m host -C flashnode -H 0 -o login
-m host -C flashnode -H 0 -o login -x 1
-m host -C flashnode -H 0 -o update -x 1
-m host -C stats
-m host -C stats -H 0
-m host -C foo
<> refused
< err: iscsiadm: No iSCSI hosts.
< exit 21
> err: iscsiadm: host mode: option '-C' takes chap, flashnode or stats, not 'foo'.
> exit 7
-m host -C foo -H 0
<> refused
< err: iscsiadm: No iSCSI hosts.
< exit 21
> err: iscsiadm: host mode: option '-C' takes chap, flashnode or stats, not 'foo'.
> exit 7
-m host -C ping
<> silent-failure
< exit 0
> exit 7
-m host -o show
-m host -o new
-m host -o apply
-m host -x 1
-m host -t st
-m host -n a -v b
-m host -p 10.0.0.1
-m fw
-m fw -l
-m fw -l -W
-m fw -W
-m fw -P 1
-m fw -n a -v b
-m fw -l -n a -v b
-m fw -n a
<> half-a-pair
< err: iscsiadm: Could not get list of targets from firmware. (err 21)
< exit 21
> err: iscsiadm: option '-n a' has no value (-v); nothing was done.
> exit 7
-m fw -o show
E
