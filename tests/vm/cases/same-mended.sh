# SPDX-License-Identifier: GPL-2.0-or-later
# Where our tool differs from open-iscsi's on purpose: the exit statuses of both, on the same database.
. "${VM_LIB%/*}/compare.sh"

# no entry of the table without a row that shows it
sed -n 's/^\([a-z][a-z-]*\).*/\1/p' "$MENDED" >/run/names
while read -r name; do
	grep -q "^<>.* $name\( \|\$\)" "${VM_LIB%/*}"/cases/same-*.sh || fail "no row shows $name"
done </run/names

differs() { # THEIRS OURS ARG...
	_theirs=$1 _ours=$2
	shift 2
	scene
	# shellcheck disable=SC2086
	expect "$_theirs" $THEIRS "$@"
	scene
	# shellcheck disable=SC2086
	expect "$_ours" $OURS "$@"
}
scene() {
	fresh
	for _w in "-m iface -I if1 -o new" "-m node -T $A -p 10.0.0.1,1 -o new"; do
		# shellcheck disable=SC2086
		$THEIRS $_w >/dev/null
	done
}
# errors that were no errors
differs 0 7 -m iface -I if1 -o update -n iface.foo -v 1
differs 0 7 -m iface -I default -o update -n iface.mtu -v 1500
differs 22 7 -m iface -o new
differs 0 7 -m node -T $B -o new
differs 0 7 -m node -o update -n node.session.iscsi.FirstBurstLength -v 4
# a word too many widened what a command did
differs 0 7 -m node -o delete -name iqn.foo
differs 0 7 -m node -T $A -o delete stray
# "default" cannot be deleted; open-iscsi deletes the nodes that are bound to it all the same
differs 7 7 -m iface -I default -o delete
[ -e $DB/nodes/$A/10.0.0.1,3260,1/default ] || fail 'ours deleted the node as well'
# a tag that is known already is used
differs 0 0 -m node -T $A -p 10.0.0.1 -o new
[ ! -e $DB/nodes/$A/10.0.0.1,3260 ] || fail 'ours made a second record of one portal'
# one unknown key, or a stray file, and nothing was listed any more
scene
echo 'node.session.of_tomorrow = 1' >>$DB/nodes/$A/10.0.0.1,3260,1/default
expect 7 $THEIRS -m node
# shellcheck disable=SC2086
expect 0 $OURS -m node
scene
echo stray >$DB/nodes/stray
expect 1 $THEIRS -m node
# shellcheck disable=SC2086
expect 0 $OURS -m node
