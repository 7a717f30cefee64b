/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The peer's program (iscsid/peer), carried inside the daemon: a fresh peer can be started while
 * the disk with all programs waits for recovery.
 */
	.section .rodata, "a"
	.balign 16
	.globl peer_image
	.type peer_image, @object
peer_image:
	.incbin PEER_IMAGE
	.size peer_image, . - peer_image
	.globl peer_image_end
	.type peer_image_end, @object
peer_image_end:
	.byte 0
	.size peer_image_end, 1
	.section .note.GNU-stack, "", %progbits
