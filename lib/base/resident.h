/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which pages of the program and its libraries a process that locks its memory keeps.
 */
#ifndef BASE_RESIDENT_H
#define BASE_RESIDENT_H

/*
 * Let go what was read of program and libraries until now: to link and to begin takes far more of
 * them (symbols, relocations, lists of everything) than to work.  What is used afterwards comes
 * again by itself.  To be called before mlockall(2): what is locked already stays.
 */
void resident_forget(void);

/* Load and lock all of the loaded program or library in which this address is. */
void resident_lock_object(const void *address);

/*
 * Give the free pages of the heap back to the kernel.  What malloc(3) offers for that has no effect
 * on memory that is locked: the heap is let go for the moment it takes.
 */
void resident_trim_heap(void);

#endif
