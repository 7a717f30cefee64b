# SPDX-License-Identifier: GPL-2.0-or-later
# Discoveries and logins that fail, by open-iscsi and by ours, each with its own daemon.
. "${VM_LIB%/*}/compare.sh"

cat >>$DB/iscsid.conf <<E
discovery.sendtargets.reopen_max = 1
node.session.initial_login_retry_max = 1
node.conn[0].timeo.login_timeout = 2
E
target_start --portal 127.0.0.1 --target $A --account u/secretsecret12 --lun 0,size=8M \
	--target $B --lun 0,size=8M
"$TARGET" --portal 127.0.0.1:3261 --target $NAME:secret --discovery-account u/secretsecret12 \
	--lun 0,size=8M >>$TARGET_LOG 2>&1 &
other=$!
"$TARGET" --portal 127.0.0.1:3262 >>$TARGET_LOG 2>&1 &
nothing=$!
targets_in="$other $nothing" # ended with the case
same_at_work <<'E'
-m discovery -t st -p 127.0.0.1:3262
-m discovery -t st -p 127.0.0.1:9
<> reason
> err: iscsiadm: cannot connect to 127.0.0.1:9: Connection refused (attempt N); check that a target listens there and that the network lets it through
-m discovery -t st -p 127.0.0.1:3261
<> reason
> err: iscsiadm: 127.0.0.1:3261 refused the login in security negotiation: authentication failed (status 0x0201) (attempt N); the target requires CHAP, the record's authmethod is None
-m discoverydb -t st -p 127.0.0.1:3261 -o update -n discovery.sendtargets.auth.authmethod -v CHAP -n discovery.sendtargets.auth.username -v u -n discovery.sendtargets.auth.password -v wrongwrong12
-m discoverydb -t st -p 127.0.0.1:3261 -D
<> reason
> err: iscsiadm: 127.0.0.1:3261 refused the login in security negotiation: authentication failed (status 0x0201) (attempt N); compare the record's CHAP name and password with the target's
-m discoverydb -t st -p 127.0.0.1:3261 -o update -n discovery.sendtargets.auth.password -v secretsecret12
-m discoverydb -t st -p 127.0.0.1:3261 -D
-m discovery -t st -p 127.0.0.1:3261
<> reason
> err: iscsiadm: 127.0.0.1:3261 refused the login in security negotiation: authentication failed (status 0x0201) (attempt N); the target requires CHAP, the record's authmethod is None
-m discoverydb -t st -p 127.0.0.1:3261
-m discovery -t st -p host.invalid
<> reason
< err: iscsiadm: cannot resolve host name host.invalid
> err: iscsiadm: cannot resolve host name host.invalid: Name or service not known (attempt N); check the name and the resolver
-m discovery -t st
-m discovery -t fw
-m discoverydb -t st -D
any-order -m discovery
# logins
-m node -T $A -p 127.0.0.1,1 -o new
-m node -T $B -p 127.0.0.1,1 -o new
-m node -T $A -l
<> reason
> err: iscsiadm: 127.0.0.1:3260 refused the login in security negotiation: authentication failed (status 0x0201) (attempt N); the target requires CHAP, the record's authmethod is None
-m node -T $A -o update -n node.session.auth.authmethod -v CHAP -n node.session.auth.username -v u -n node.session.auth.password -v wrongwrong12
-m node -T $A -l
<> reason
> err: iscsiadm: 127.0.0.1:3260 refused the login in security negotiation: authentication failed (status 0x0201) (attempt N); compare the record's CHAP name and password with the target's
any-order -m node -l
<> reason
> err: iscsiadm: 127.0.0.1:3260 refused the login in security negotiation: authentication failed (status 0x0201) (attempt N); compare the record's CHAP name and password with the target's
any-order -m node -l
<> reason
> err: iscsiadm: 127.0.0.1:3260 refused the login in security negotiation: authentication failed (status 0x0201) (attempt N); compare the record's CHAP name and password with the target's
any-order -m node -L automatic
<> reason
> err: iscsiadm: 127.0.0.1:3260 refused the login in security negotiation: authentication failed (status 0x0201) (attempt N); compare the record's CHAP name and password with the target's
any-order -m session -u
-m node -T $B -p 127.0.0.1:9,1 -o new
-m node -T $B -p 127.0.0.1:9 -l
<> reason
> err: iscsiadm: cannot connect to 127.0.0.1:9: Connection refused (attempt N); check that a target listens there and that the network lets it through
-m node -T iqn.2001-04.com.example:nobody -p 127.0.0.1,1 -o new
-m node -T iqn.2001-04.com.example:nobody -l
<> reason
> err: iscsiadm: 127.0.0.1:3260 refused the login in security negotiation: target not found (status 0x0203) (attempt N); discover the portal's targets again
-m node -T iqn.2001-04.com.example:nobody -l -W
-m node -T $A -p host.invalid,1 -o new
-m node -T $A -p host.invalid -l
<> reason
> err: iscsiadm: cannot resolve host name host.invalid: Name or service not known (attempt N); check the name and the resolver
-m session
E
