/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel broadcasts about devices. */
#include <string.h>

#include "lib/host/uevent.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct host_attention_event a;
	struct host_disk_event e;
	char *exact = malloc(size + !size);

	/* a copy of its own: reading beyond it is seen */
	MUST(exact != NULL);
	memcpy(exact, data, size);
	if (host_uevent_disk(exact, size, &e)) {
		MUST(e.lun.disk[0] && strnlen(e.lun.disk, sizeof(e.lun.disk)) < sizeof(e.lun.disk));
		MUST(!strchr(e.lun.disk, '/'));
		MUST(e.sid >= 0);
	}
	if (host_uevent_attention(exact, size, &a)) {
		MUST(strnlen(a.what, sizeof(a.what)) < sizeof(a.what));
		MUST(a.sid >= 0);
	}
	free(exact);
	return 0;
}
