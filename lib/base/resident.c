/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/base/resident.h"

#include <link.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/base/macros.h"

/* For dl_iterate_phdr(3). */
static int forget_object(struct dl_phdr_info *object, size_t size _unused_, void *data _unused_)
{
	const uintptr_t page = (uintptr_t)getpagesize();

	/* from behind: the first part has these headers in it */
	for (size_t i = object->dlpi_phnum; i-- > 0;) {
		const ElfW(Phdr) *part = &object->dlpi_phdr[i];
		uintptr_t first = (object->dlpi_addr + part->p_vaddr) / page * page;
		uintptr_t last = object->dlpi_addr + part->p_vaddr + part->p_memsz;

		/* what could be written was: that would not come again */
		if (part->p_type == PT_LOAD && !(part->p_flags & PF_W))
			madvise((void *)first, last - first, MADV_DONTNEED);
	}
	return 0;
}

void resident_forget(void)
{
	dl_iterate_phdr(forget_object, NULL);
}

static bool holds(const struct dl_phdr_info *object, uintptr_t address)
{
	for (size_t i = 0; i < object->dlpi_phnum; i++) {
		const ElfW(Phdr) *part = &object->dlpi_phdr[i];

		if (part->p_type == PT_LOAD &&
		    address - object->dlpi_addr - part->p_vaddr < part->p_memsz)
			return true;
	}
	return false;
}

/* For dl_iterate_phdr(3). */
static int lock_object(struct dl_phdr_info *object, size_t size _unused_, void *address)
{
	if (!holds(object, (uintptr_t)address))
		return 0;
	for (size_t i = 0; i < object->dlpi_phnum; i++) {
		const ElfW(Phdr) *part = &object->dlpi_phdr[i];

		if (part->p_type == PT_LOAD)
			mlock((const void *)(object->dlpi_addr + part->p_vaddr), part->p_memsz);
	}
	return 1;
}

void resident_lock_object(const void *address)
{
	dl_iterate_phdr(lock_object, (void *)(uintptr_t)address);
}

void resident_trim_heap(void)
{
	const uintptr_t page = (uintptr_t)getpagesize();
	uintptr_t end = (uintptr_t)sbrk(0);
	uintptr_t begin = (end - mallinfo2().arena) / page * page;

	if (begin == end || munlock((const void *)begin, end - begin) < 0)
		return;
	malloc_trim(0);
	end = (uintptr_t)sbrk(0);
	mlock2((const void *)begin, end - begin, MLOCK_ONFAULT);
}
