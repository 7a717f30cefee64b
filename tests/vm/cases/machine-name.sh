# SPDX-License-Identifier: GPL-2.0-or-later
# The initiator name that a machine without one is given: from its id, the same each time, another
# one on another machine, and a random one where there is no id.
. "$VM_LIB"

init=$BUILD/lib/iscsi/iscsi-init
file=/run/initiatorname.iscsi id=/run/machine-id
: >$id
# a machine that has not booted yet has none
[ -e /etc/machine-id ] || : >/etc/machine-id
mount --bind $id /etc/machine-id

name_with() {
	echo "$1" >$id
	rm -f $file
	"$init" $file || fail "iscsi-init with the id '$1'"
	sed -n 's/^InitiatorName=//p' $file
}

# HMAC-SHA256, keyed with the machine's id, of the application's (sd_id128_get_machine_app_specific(3))
[ "$(name_with 0123456789abcdef0123456789abcdef)" = iqn.2016-04.com.open-iscsi:4b21e1c472c9 ] ||
	fail "the name is $(cat $file)"
[ "$(name_with 0123456789abcdef0123456789abcdee)" = iqn.2016-04.com.open-iscsi:2ca6ce4f4bf1 ] ||
	fail "the name is $(cat $file)"

one=$(name_with uninitialized)
two=$(name_with '')
[ ${#one} = 39 ] && [ ${#two} = 39 ] && [ "$one" != "$two" ] || fail "'$one' and '$two' without an id"

# a name that is there was chosen
echo InitiatorName=$NAME:mine >$file
"$init" $file
[ "$(cat $file)" = InitiatorName=$NAME:mine ] || fail 'the name that was there is gone'
umount /etc/machine-id
