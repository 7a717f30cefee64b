# SPDX-License-Identifier: GPL-2.0-or-later
# The main job against tgt.
. "$VM_LIB"

truncate -s 64M /run/disk.img
tgt_start
tgt_target 1 $NAME:disk /run/disk.img
iscsid_start
round_trip $NAME:disk 127.0.0.1:3261 1
