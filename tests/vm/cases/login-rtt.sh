# SPDX-License-Identifier: GPL-2.0-or-later
# How long a login takes by the distance of the target: a few round trips and no timer.
. "$VM_LIB"

link_start h1 10.9.1.1/24 10.9.1.2/24
target_start_in h1 --portal 10.9.1.2 --target $NAME:disk --lun 0,size=8M
iscsid_start
modprobe sch_netem
expect 0 iscsiadm -m discovery -t st -p 10.9.1.2
expect 0 iscsiadm -m node -o update -n node.session.scan -v manual
# the modules are there from now on
expect 0 iscsiadm -m node -l
expect 0 iscsiadm -m node -u

# RTT GOAL, in ms: of a machine whose commands do not take 50 ms to start, as they do here; what is
# an error is a wait of a second
for case in '0 100' '2 120' '10 200'; do
	rtt=${case% *} goal=${case#* }
	tc qdisc replace dev h10 root netem delay "${rtt}ms"
	began=$(msec)
	expect 0 iscsiadm -m node -l
	took=$(($(msec) - began))
	echo "round trip $rtt ms: login in $took ms (goal $goal)"
	[ $took -lt $((goal + 900)) ] || fail "$took ms at $rtt ms"
	expect 0 iscsiadm -m node -u
done
