# SPDX-License-Identifier: GPL-2.0-or-later
# Sessions, hosts and what is bound to them, by open-iscsi and by ours, each with its own daemon.
. "${VM_LIB%/*}/compare.sh"

target_start --portal 127.0.0.1 --portal '[::1]:3262' \
	--target $A --lun 0,size=8M --target $B --lun 0,size=8M --lun 1,size=8M
same_at_work <<'E'
-m session
-m session -P 1
-m host
-m iface -I if1 -o new
-m discovery -t st -p 127.0.0.1 -I default
-m node -T $A -p 127.0.0.1 -l
-m node -T $B -p [::1]:3262 -l
# lists and trees
-m session
-m session -P 0
-m session -o show
-m session -P 1
-m session -P 2
-m session -P 3
-m session -P 3 -S
-m session -P 4
-m session -S
-m host
-m host -P 1
-m host -P 2
-m host -P 3
-m host -P 4
-m host -P 5
-m host -H 0
-m host -H 7 -P 1
-m iface -P 1
# one, in all its spellings
-m session -r 1
-m session -r 2 -S
-m session -r 1 -P 0
-m session -r 2 -P 1
-m session -r 1 -P 3
-m session -r 1 -P 4
-m session -r 1 -o show
-m session -r 01 -P 1
-m session --sid=2 --print=3
-m session -r /sys/class/iscsi_session/session2 -P 1
-m session -r /sys/class/iscsi_session/session2/ -P 1
-m session -r /sys/class/iscsi_connection/connection1:0 -P 1
-m session -r /sys/devices/platform/host0/session1 -P 1
-m session -r /sys/devices/platform/host0/session1/target0:0:0 -P 1
-m session -r /sys/devices/platform/host0/session1/target0:0:0/0:0:0:0 -P 1
-m session -r /sys/devices/platform/host0/session1/target0:0:0/0:0:0:0/block/sda -P 1
-m session -r /sys/block/sdb -P 1
-m session -r /sys/block/sdb/device -P 1
<> sysfs-path
< err: iscsiadm: Could not get dev for /block/sdb/device. Possible sysfs incompatibility.
< err: iscsiadm: invalid sid '/sys/block/sdb/device'
< exit 7
> out: Target: iqn.2001-04.com.example:b (non-flash)
> out: 	Current Portal: [0000:0000:0000:0000:0000:0000:0000:0001]:3262,1
> out: 	Persistent Portal: [::1]:3262,1
> ...
-m session -r /sys/class/scsi_disk/1:0:0:1 -P 1
-m session -r /sys/devices/platform/host0 -P 1
-m session -r /sys/class/iscsi_host/host0 -P 1
-m session -r /sys/class -P 1
<> sysfs-path
< err: iscsiadm: Could not get dev for /class. Possible sysfs incompatibility.
> err: iscsiadm: Unable to find sid in path /sys/class
-m session -r /etc/passwd
-m session -r /sys/class/iscsi_session/session77
-m session -r 77
-m session -r 77 -P 1
-m session -r 77 -u
-m session -r 77 -R
-m session -r 77 -s
-m session -r 77 -o update -n node.startup -v manual
-m session -r 77 -o new
-m session -r abc
-m session -r 0
-m session -r -1
-m session -r 1x
-m session -r 1 -r 2 -P 1
# what is done to them
-m session -r 1 -s
-m session -r 2 --stats
-m session -r /sys/block/sda -s
-m session -r 1 -R
-m session -r /sys/class/iscsi_session/session2 --rescan
any-order -m session -R
any-order -m session -s
any-order -m node -R
-m node -T $A -R
-m node -T $B -s
-m node -p 127.0.0.1 -R
-m node -p [::1]:3262 -R
-m node -I default -T $A -R
-m node -T nobody -R
-m node -T nobody -s
-m node -p 127.0.0.9 -s
-m session -o update -n node.startup -v manual
-m session -o delete
-m session -o new
-m session -o apply
<> refused
< out: tcp: [1] 127.0.0.1:3260,1 iqn.2001-04.com.example:a (non-flash)
< out: tcp: [2] [::1]:3262,1 iqn.2001-04.com.example:b (non-flash)
< exit 0
> err: iscsiadm: operation is not supported.
> exit 7
-m session -r 1 -o apply
-m session -r 1 -o update -n node.startup -v automatic
-m session -r 1 -o update -n node.foo -v 33
-m session -r 1 -o update
-m session -r 1 -o update -n iface.mtu -v 9000
-m session -r 1 -o delete
-m session -r 1 -o show -o delete
-m session -r 1 -o new -o update
-m session -r 1 -u -o show
-m session -r 1 -o new
-m session
-m session -P 1
-m session -r 3 -P 1
# what they keep from being changed
-m node -T $A -o delete
any-order -m node -o delete
-m node
-m discovery -p 127.0.0.1 -o delete
-m node
-m session
-m session -r 1 -P 1
-m session -r 1
-m session -r 1 -o update -n node.startup -v manual
-m session -r 1 -o new
-m node -T $A -p 127.0.0.1,1 -o new
<> in-use
< out: New iSCSI node [tcp:[hw=,ip=,net_if=,iscsi_if=default] 127.0.0.1,3260,1 iqn.2001-04.com.example:a] added
< exit 0
< db: +nodes/iqn.2001-04.com.example:a/ 700
< ...
> err: iscsiadm: This command will reset the record [iface: default, target: iqn.2001-04.com.example:a, portal: 127.0.0.1,3260], but a session is using it. Logout session then rerun command to reset record.
> err: iscsiadm: Could not execute operation on all records: session exists
> exit 15
# and their end
-m session -r 3 -u
-m session -r /sys/class/iscsi_session/session1 --logout
-m session
-m session -u
-m session
-m session -u
-m session -R
-m session -s
-m node -u
-m node -R
-m node -s
-m host
E
