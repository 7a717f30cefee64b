# SPDX-License-Identifier: GPL-2.0-or-later
# What adapters are told and asked: where there is none, open-iscsi's tool and ours say the same.
. "${VM_LIB%/*}/compare.sh"

target_start --portal 127.0.0.1 --target $NAME:disk --lun 0,size=8M
export NAME

same_at_work <<'E'
-m iface -I default -o apply
-m iface -I if1 -o new -n iface.hwaddress -v 00:11:22:33:44:55 -n iface.mtu -v 9000
-m iface -I if1 -o apply
-m iface -I if1 -C ping -a 127.0.0.1
-m iface -I if1 -C ping -a nobody.invalid
-m iface -I if1 -C ping -a 127.0.0.1 -i -1
-m iface -I nope -C ping -a 127.0.0.1
-m iface -I if1 -o update -n iface.state -v disable
-m iface -I if1 -o apply
<> software-apply
< ...
> out: if1 applied.
> err: iscsiadm: Nothing to configure.
> exit 0
-m iface -H 77 -o applyall
<> silent-failure
< out: Applied settings to ifaces attached to host77.
< err: iscsiadm: Could not read proc_name for host77 rc 5.
< err: iscsiadm: Nothing to configure.
< exit 0
> err: iscsiadm: Could not match hostno 77 to transport.
> exit 12
-m node -T $NAME:disk -p 127.0.0.1:3260,1 -o new
-m node -T $NAME:disk -l
-m host -H 0 -C flashnode
-m host -H 0 -C flashnode -o show
-m host -H 0 -C flashnode -o show -x 1
<> errno-exit
< exit 2
> exit 22
-m host -H 0 -C flashnode -o new
-m host -H 0 -C flashnode -o new -A ipv4
-m host -H 0 -C flashnode -o delete
-m host -H 0 -C flashnode -o delete -x 1
-m host -H 0 -C flashnode -o login -x 1
-m host -H 0 -C flashnode -o logout -x 1
-m host -H 0 -C flashnode -o update -x 1 -n flashnode.session.erl -v 0
<> errno-exit
< exit 2
> exit 22
-m host -H 0 -C flashnode -o update -n flashnode.session.erl -v 0
-m host -H 77 -C flashnode -o update -x 1 -n flashnode.session.erl -v 0
-m host -H 0 -C chap
-m host -H 0 -C chap -o show
-m host -H 0 -C chap -o delete
<> silent-failure
< exit 0
> exit 7
-m host -H 0 -C chap -o delete -x 1
-m host -H 0 -C chap -o new -x 1
<> silent-failure
< exit 0
> exit 7
-m host -H 0 -C chap -o new -x 1 -n host.auth.username -v us -n host.auth.password -v secret123456
-m host -H 77 -C chap -o show
-m host -H 0 -C stats
-m host -H 77 -C stats
-m node -T $NAME:disk -u
E
