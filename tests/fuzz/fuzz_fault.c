/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Scripts of faults.
 */
#include "tests/fuzz/fuzz.h"
#include "tests/target/fault.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char why[FAULT_WHY_SIZE] = "";
	struct faults faults = {0};
	unsigned int line;
	int r = faults_add_script(&faults, (const char *)data, size, 0, &line, why);

	MUST((r < 0) == (why[0] != '\0'));
	MUST(r == 0 || !faults.first);
	for (const struct fault *f = faults.first; f; f = f->next)
		MUST(f->action_count > 0 && f->action_count <= FAULT_ACTIONS_MAX);
	faults_done(&faults);
	return 0;
}
