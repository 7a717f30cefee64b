# SPDX-License-Identifier: GPL-2.0-or-later
# Options of open-iscsi that make no sense together: what it takes without a word, ours takes, and
# does the same; what it refuses is refused with its words.
. "${VM_LIB%/*}/compare.sh"

same <<'E'
-m node -T $A -p 127.0.0.1:3260,1 -o new
-m node -W
-m node -S -P 1
-m node -R -s
-m node -R -l
-m node -s -u
-m node -R -o show
-m node -l -u
-m node -u -o show
-m node -U all -R
-m node -U all -u
-m node -o show -n node.startup -v automatic
-m node -n node.startup -v automatic
-m node -T $A -o show -o delete
-m node -T $A -p 127.0.0.1:3260,1 -o new -o update
-m node -T $B -p 127.0.0.1:3260,1 -o new -l
-m session -S
-m session -R -s
-m session -s -u
-m session -R -o show
-m session -u -o show
-m session -o delete
-m session -o update
-m session -o new
-m session -n node.startup -v automatic
-m iface -a 127.0.0.1
-m iface -b 3 -c 3 -i 4
-m iface -n iface.mtu -v 9000
-m iface -H 0
-m host -x 1
-m host -A ipv4
-m host -o show
-m host -o new -o delete
-m host -n node.startup -v automatic
-m host -t st
-m fw -W
-m fw -n node.startup -v automatic
-m discovery -n node.startup -v automatic
-m discovery -I nope
-m discovery -S
-m discovery -l
-m discovery -D
-m discoverydb -l
-m discoverydb -D
-m discoverydb -I nope
-m discoverydb -o show -n node.startup -v automatic
E
