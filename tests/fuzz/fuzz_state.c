/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an earlier daemon has left in /run of a session. */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "iscsid/run_state.h"
#include "tests/fuzz/fuzz.h"

/* The files of this folder are open descriptors: no input touches a disk. */
static const char folder[] = "/proc/self/fd";

static void must_end(const char *text, size_t size)
{
	MUST(strnlen(text, size) < size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("state", MFD_CLOEXEC);
	struct run_state s = {.tsih = 4711};
	int r;

	MUST(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	r = run_state_load(folder, (uint32_t)fd, &s);
	close(fd);
	if (r < 0) {
		MUST(s.tsih == 4711);
		return 0;
	}
	must_end(s.target_name, sizeof(s.target_name));
	must_end(s.portal.host, sizeof(s.portal.host));
	must_end(s.home.host, sizeof(s.home.host));
	must_end(s.iface_name, sizeof(s.iface_name));
	MUST(s.portal.tpgt == PORTAL_TPGT_UNKNOWN && s.home.tpgt == PORTAL_TPGT_UNKNOWN);
	return 0;
}
