/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsid/peer/resident.h"

#include <link.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "iscsid/peer/jail.h"
#include "lib/base/macros.h"

static bool all_can_be_locked(void)
{
	struct rlimit all, locked;

	return getrlimit(RLIMIT_DATA, &all) == 0 && getrlimit(RLIMIT_MEMLOCK, &locked) == 0 &&
	       locked.rlim_cur > all.rlim_cur;
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

/* For dl_iterate_phdr(3): lock the program or library in which the address is. */
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

/*
 * For dl_iterate_phdr(3): what was read of programs and libraries until now, far more than is used
 * later (symbols, relocations, the lists of all algorithms), comes again when it is used.
 */
static int forget_object(struct dl_phdr_info *object, size_t size _unused_, void *data _unused_)
{
	const uintptr_t page = (uintptr_t)getpagesize();

	for (size_t i = 0; i < object->dlpi_phnum; i++) {
		const ElfW(Phdr) *part = &object->dlpi_phdr[i];
		uintptr_t first = (object->dlpi_addr + part->p_vaddr) / page * page;
		uintptr_t last = object->dlpi_addr + part->p_vaddr + part->p_memsz;

		/* what could be written was: that would not come again */
		if (part->p_type == PT_LOAD && !(part->p_flags & PF_W))
			madvise((void *)first, last - first, MADV_DONTNEED);
	}
	return 0;
}

static void use_all(struct digests *digests)
{
	static const char text[] = "as long as a challenge and a secret together may come to be, "
				   "so that more than one block is hashed";
	const struct digest_part parts[] = {{1, text}, {sizeof(text), text}};
	uint8_t result[DIGEST_SIZE_MAX] = {0};

	for (enum digest i = 0; i < DIGEST_COUNT; i++) {
		digests_compute(digests, i, parts, ARRAY_LEN(parts), result);
		digest_equal(result, text, digest_size(i));
	}
}

void resident_lock_process(void)
{
	mlockall(JAIL_LOCK_FLAGS);
}

bool resident_lock_program(struct digests *digests)
{
	dl_iterate_phdr(forget_object, NULL);
	use_all(digests);
	if (!all_can_be_locked())
		return false;
	dl_iterate_phdr(lock_object, (void *)(uintptr_t)resident_lock_program);
	dl_iterate_phdr(lock_object, (void *)(uintptr_t)recvmsg);
	resident_lock_process();
	return true;
}
