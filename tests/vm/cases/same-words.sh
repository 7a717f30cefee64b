# SPDX-License-Identifier: GPL-2.0-or-later
# The words of the command line, by open-iscsi and by ours: how options may be written.
. "${VM_LIB%/*}/compare.sh"

same <<'E'
-m node -T $A -p 10.0.0.1,1 -o new
# long, cut short, with = and without, bundled, and in any order
-mnode
--mode node
--mode=node
--mod node
--m=node
-mnode -P1
-P1 -m node
--mode node --print 1
--mode=node --pr=1
-Sm node
-mnode -SP1
--mode node --targetname $A --portal 10.0.0.2:3260,1 --op new
--mode=node --targetname=$A --portal=10.0.0.2:3260,1 --op=new
--mod node --targetn $A --porta 10.0.0.2:3260,1 --o update --na node.startup --v manual
<> more-names
< err: iscsiadm: option '--porta' is ambiguous; possibilities: '--portal' '--portal_type'
< err: iscsiadm: node mode: option '-?' is not allowed/supported
> err: iscsiadm: option '--porta' is ambiguous; possibilities: '--portal' '--portal-cidr' '--portal_type'
> err: Try `iscsiadm --help' for more information.
-mnode -T$A -p10.0.0.2 -oupdate -nnode.startup -vautomatic
-T $A -m node -p 10.0.0.2
-p 10.0.0.1 -o show -T $A -m node
-n node.startup -v manual -o update -m node
-m node -n node.startup -o update -v automatic
-m node -v manual -o update -n node.startup
-m node --value=automatic --name=node.startup --op=update
-m node --lo --op=show
<> bad-option
< err: iscsiadm: node mode: option '-?' is not allowed/supported
> err: Try `iscsiadm --help' for more information.
-m discoverydb --t st --po 10.0.0.1
<> more-names
< err: iscsiadm: option '--t' is ambiguous; possibilities: '--targetname' '--type'
< err: iscsiadm: discovery mode: option '-?' is not allowed/supported
> err: iscsiadm: option '--t' is ambiguous; possibilities: '--targetname' '--type' '--tpgt' '--timeout'
> err: Try `iscsiadm --help' for more information.
--m discovery --ty st --disc
--m session --sid=77 --log
<> bad-option
< err: iscsiadm: session mode: option '-?' is not allowed/supported
> err: Try `iscsiadm --help' for more information.
--m session --si 77 --res
--m session --sid 77 --sta
--m session --print=1
--mode host --print=0
--mode fw
--mode iface --interface=default --op=show
--mode iface --interf if1 --su ping --ip 127.0.0.1 --pac 64 --cou 1 --int 0
<> bad-option
< err: iscsiadm: iface mode: option '-?' is not allowed/supported
> err: Try `iscsiadm --help' for more information.
--m iface --ho 0 --p 0
<> more-names
< err: iscsiadm: option '--p' is ambiguous; possibilities: '--portal' '--print' '--packetsize' '--portal_type'
< err: iscsiadm: iface mode: option '-?' is not allowed/supported
> err: iscsiadm: option '--p' is ambiguous; possibilities: '--portal' '--portal-cidr' '--packetsize' '--portal_type' '--print' '--proc'
> err: Try `iscsiadm --help' for more information.
--mode node --loginall=foo
--mode node --logouta foo
# again and again, and two at once
-m node -T $B -T $A -P 1
-m node -p 10.0.0.9 -p 10.0.0.1 -o show
-m node -o show -o show -p 10.0.0.1
-m node -P 0 -P 1
-m node -m session
-m session -m node
-m node -d 0
-d 0 -m node
# values
-m node -o update -n node.startup -v manual -n node.startup -v automatic
-m node -o update -n node.session.auth.username -v 'a b  c'
-m node -p 10.0.0.1
-m node -o update -n node.session.auth.username -v "it's \"quoted\" = # \\"
-m node -p 10.0.0.1
-m node -o update --name=node.session.auth.username --value=x=y
-m node -o update -n node.session.auth.username --value=
-m node -o update -n node.startup -v Manual
-m node -o update -n node.startup -v 'manual '
-m node -o update -n Node.Startup -v manual
-m node -o update -n ' node.startup' -v manual
-m node -o update -n node.startup
-m node -o update
-m node -o new -o update
-m node -o show -o delete
-m node -o foo
-m node -o ''
-m node -o NEW
-m node -o login
# what a mode does not have
-m node -D
-m node -H 1
-m node -C chap
-m node -a 1
-m node -x 1
-m node -k 0
-m node -t st
-m node -V
-m node -h
-m node --version
-m iface --help
-m fw -T x
-m fw -P 1
-m host -T x
-m iface -T x
-m session -T $A
-m session -p 10.0.0.1
-m session -l
-m session -I default
-m session -W
-m discovery -W
-m discovery -r 1
-m discoverydb -u
<> mode-name
< err: iscsiadm: discovery mode: option '-u' is not allowed/supported
> err: iscsiadm: discoverydb mode: option '-u' is not allowed/supported
-m discoverydb -T x
<> mode-name
< err: iscsiadm: discovery mode: option '-T' is not allowed/supported
> err: iscsiadm: discoverydb mode: option '-T' is not allowed/supported
# without a mode
-T x -V
-V
-V -m node
--vers
-Vh
-k 1
-k -1
-k 1 -k 2
-T x
<> no-mode
> err: iscsiadm: no mode specified
# words of old that are gone, and that nobody has
-m
--mode
--foo
-G
-o
-n
-m ''
<> bad-mode
< err: iscsiadm: mode -1 is not yet supported
> err: iscsiadm:  mode is unknown/unsupported (discoverydb, discovery, node, session, iface, fw, host, monitor, metrics, doctor)
-m foo
<> bad-mode
< err: iscsiadm: mode -1 is not yet supported
> err: iscsiadm: foo mode is unknown/unsupported (discoverydb, discovery, node, session, iface, fw, host, monitor, metrics, doctor)
-m node -T
<> bad-option
< err: iscsiadm: node mode: option '-?' is not allowed/supported
> err: Try `iscsiadm --help' for more information.
-m node -o
<> bad-option
< err: iscsiadm: node mode: option '-?' is not allowed/supported
> err: Try `iscsiadm --help' for more information.
-m node -P
<> bad-option
< err: iscsiadm: node mode: option '-?' is not allowed/supported
> err: Try `iscsiadm --help' for more information.
-m node --foo
<> bad-option
< err: iscsiadm: node mode: option '-?' is not allowed/supported
> err: Try `iscsiadm --help' for more information.
-m node -G
<> bad-option
< err: iscsiadm: node mode: option '-?' is not allowed/supported
> err: iscsiadm: unrecognized character 'G'
-m node --login=x
<> bad-option
< err: iscsiadm: node mode: option '-?' is not allowed/supported
> err: Try `iscsiadm --help' for more information.
-k
-k abc
<> numbers
< exit 0
> err: iscsiadm: option '-k' takes a number from 0 to 2147483647, not 'abc'.
> exit 7
# what a number, a name or a word too many means
-m node -P ''
<> numbers
< out: 10.0.0.1:3260,1 iqn.2001-04.com.example:a
< out: 10.0.0.2:3260,1 iqn.2001-04.com.example:a
< exit 0
> err: iscsiadm: option '-P' takes a number from 0 to 2147483647, not ''.
> exit 7
-m node -P abc
<> numbers
< out: 10.0.0.1:3260,1 iqn.2001-04.com.example:a
< out: 10.0.0.2:3260,1 iqn.2001-04.com.example:a
< exit 0
> err: iscsiadm: option '-P' takes a number from 0 to 2147483647, not 'abc'.
> exit 7
-m node -P 1x
<> numbers
< out: Target: iqn.2001-04.com.example:a
< out: 	Portal: 10.0.0.1:3260,1
< out: 		Iface Name: default
< out: 	Portal: 10.0.0.2:3260,1
< out: 		Iface Name: default
< exit 0
> err: iscsiadm: option '-P' takes a number from 0 to 2147483647, not '1x'.
> exit 7
-m node -d abc
<> numbers
< out: 10.0.0.1:3260,1 iqn.2001-04.com.example:a
< out: 10.0.0.2:3260,1 iqn.2001-04.com.example:a
< exit 0
> err: iscsiadm: option '-d' takes a number from 0 to 2147483647, not 'abc'.
> exit 7
-m node -P 2
-m node -P 99
-m node -T '' -o delete
<> empty-name
< exit 0
< db: -nodes/iqn.2001-04.com.example:a/ 700
< db: -nodes/iqn.2001-04.com.example:a/10.0.0.1,3260,1/ 700
< db: -nodes/iqn.2001-04.com.example:a/10.0.0.1,3260,1/default 600
< db: -nodes/iqn.2001-04.com.example:a/10.0.0.2,3260,1/ 700
< db: -nodes/iqn.2001-04.com.example:a/10.0.0.2,3260,1/default 600
< db: -static/iqn.2001-04.com.example:a,10.0.0.1,3260,1,default -> /etc/iscsi/nodes/iqn.2001-04.com.example:a/10.0.0.1,3260,1
< db: -static/iqn.2001-04.com.example:a,10.0.0.2,3260,1,default -> /etc/iscsi/nodes/iqn.2001-04.com.example:a/10.0.0.2,3260,1
> err: iscsiadm: option '-T' takes the name of a target, it is empty; nothing was done.
> exit 7
-m node foo
<> stray-word
< err: iscsiadm: No records found
< exit 21
> err: iscsiadm: unexpected argument 'foo'; nothing was done.
> exit 7
-m node -
<> stray-word
< err: iscsiadm: No records found
< exit 21
> err: iscsiadm: unexpected argument '-'; nothing was done.
> exit 7
-- -m node
<> stray-word
< err: Try `iscsiadm --help' for more information.
> err: iscsiadm: unexpected argument '-m'; nothing was done.
E
