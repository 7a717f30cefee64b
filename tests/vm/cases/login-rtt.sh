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

# login RTT: log in at this distance, in ms; $took is how long it took
login() {
	tc qdisc replace dev h10 root netem delay "$1ms"
	began=$(msec)
	expect 0 iscsiadm -m node -l
	took=$(($(msec) - began))
	expect 0 iscsiadm -m node -u
	echo "round trip $1 ms: login in $took ms"
}

# the clock of this machine is too coarse to tell 2 ms, and a command takes 50 ms to start: so far
# away that nothing else counts, the time is the number of round trips: TCP's connection, and the
# two requests that a login without CHAP is; any timer in between would show as well
login 0
near=$took
login 600
trips=$(((took - near + 300) / 600))
[ $trips = 3 ] || fail "$trips round trips, not 3"

# RTT GOAL, in ms: what is an error is a wait of a second
for case in '0 100' '2 120' '10 200'; do
	login ${case% *}
	[ $took -lt $((${case#* } + 900)) ] || fail "the goal is ${case#* } ms"
done
