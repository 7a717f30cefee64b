/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsid/peer/memory.h"

#include <stdint.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "iscsid/peer/jail.h"
#include "lib/base/macros.h"
#include "lib/base/resident.h"

static bool all_can_be_locked(void)
{
	struct rlimit all, locked;

	return getrlimit(RLIMIT_DATA, &all) == 0 && getrlimit(RLIMIT_MEMLOCK, &locked) == 0 &&
	       locked.rlim_cur > all.rlim_cur;
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

void memory_lock_process(void)
{
	mlockall(JAIL_LOCK_FLAGS);
}

void memory_lock_again(struct digests *digests)
{
	use_all(digests);
	resident_lock_object((const void *)(uintptr_t)memory_lock_program);
	resident_lock_object((const void *)(uintptr_t)recvmsg);
	memory_lock_process();
}

bool memory_lock_program(struct digests *digests)
{
	bool lock = all_can_be_locked();

	resident_forget();
	if (lock)
		memory_lock_again(digests);
	else
		use_all(digests);
	return lock;
}
