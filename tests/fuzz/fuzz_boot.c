/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Boot paths of OpenFirmware.
 */
#include "lib/host/boot_of.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static void on_problem(void *data, const char *text)
{
	(void)data;
	MUST(text[0] != '\0');
	must_be_printable(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct boot_path path = boot_path_make("chosen/bootpath");
	struct boot_reading r = {.problem = on_problem};
	size_t device = boot_of_parse(&r, (const char *)data, size, &path);
	const char *why;

	MUST(device <= size);
	MUST(!path.target_name[0] ||
	     iscsi_name_valid(path.target_name, strlen(path.target_name), &why));
	MUST(!path.initiator_name[0] ||
	     iscsi_name_valid(path.initiator_name, strlen(path.initiator_name), &why));
	MUST(path.port > 0);
	must_be_printable(path.address);
	must_be_printable(path.lun);
	MUST(boot_add(&r, &path) == 0);
	MUST(r.count == (path.target_name[0] && path.address[0]));
	boot_paths_free(r.paths, r.count);
	return 0;
}
