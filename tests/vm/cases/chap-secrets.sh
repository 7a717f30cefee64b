# SPDX-License-Identifier: GPL-2.0-or-later
# Secrets that are in no record: a file, a credential of systemd; looked up when logging in only.
. "$VM_LIB"

lio_start
lio_target $NAME:disk 8
tpg=$LIO/iscsi/$NAME:disk/tpgt_1
for folder in $tpg/auth $LIO/iscsi/discovery_auth; do
	printf host >"$folder/userid"
	printf aSecret4TheHost >"$folder/password"
done
echo 1 >$tpg/attrib/authentication
echo 1 >$LIO/iscsi/discovery_auth/enforce_discovery_auth

mkdir -p /run/credentials
export CREDENTIALS_DIRECTORY=/run/credentials
iscsid_start
expect 0 iscsiadm -m discoverydb -t st -p 127.0.0.1 -o new
key=discovery.sendtargets.auth
expect 0 iscsiadm -m discoverydb -t st -p 127.0.0.1 -o update -n $key.authmethod -v CHAP \
	-n $key.username -v host -n $key.password -v @creds:chap
expect 24 iscsiadm -m discoverydb -t st -p 127.0.0.1 -D
has $ERR chap
echo aSecret4TheHost >/run/credentials/chap
expect 0 iscsiadm -m discoverydb -t st -p 127.0.0.1 -D
has $OUT "127.0.0.1:3260,1 $NAME:disk"

key=node.session.auth
expect 0 iscsiadm -m node -o update -n $key.authmethod -v CHAP -n $key.username -v host \
	-n $key.password -v @file:/run/secret
expect 24 iscsiadm -m node -l
has $ERR /run/secret
(umask 022 && echo aSecret4TheHost >/run/secret)
expect 24 iscsiadm -m node -l
has $ERR 'chmod 600'
chmod 600 /run/secret
expect 0 iscsiadm -m node -l
# the record names the place, not the secret
expect 0 iscsiadm -m node -T $NAME:disk -S
has $OUT "$key.password = @file:/run/secret"
! grep -rq aSecret4TheHost $RECORDS $ISCSID_LOG || fail 'the secret is in a record or in the log'
expect 0 iscsiadm -m node -u
