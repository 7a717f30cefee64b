# SPDX-License-Identifier: GPL-2.0-or-later
# The main job against the companion target.
. "$VM_LIB"

target_start --portal 127.0.0.1 --target $NAME:disk --lun 0,size=64M
iscsid_start
round_trip $NAME:disk 127.0.0.1:3260 0
