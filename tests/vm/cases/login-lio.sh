# SPDX-License-Identifier: GPL-2.0-or-later
# The main job against the kernel's own target.
. "$VM_LIB"

lio_start
lio_target $NAME:disk 64
iscsid_start
round_trip $NAME:disk 127.0.0.1:3260 0
