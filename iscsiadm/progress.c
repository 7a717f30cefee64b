/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsiadm/progress.h"

#include <stdio.h>
#include <unistd.h>

static void show(struct progress *p)
{
	if (!p->wanted || p->done >= p->total)
		return;
	fflush(stdout);
	fprintf(stderr, "%zu of %zu done, %zu failed", p->done, p->total, p->failed);
	fflush(stderr);
	p->shown = true;
}

void progress_begin(struct progress *p, size_t total, bool quiet)
{
	*p = (struct progress){.total = total};
	p->wanted = !quiet && total > 1 && isatty(STDOUT_FILENO) && isatty(STDERR_FILENO);
	show(p);
}

void progress_hide(struct progress *p)
{
	/* ECMA-48: to the first column, and erase to the end of the line */
	if (p->shown)
		fputs("\r\033[K", stderr);
	p->shown = false;
}

void progress_step(struct progress *p, bool failed)
{
	p->done++;
	p->failed += failed;
	progress_hide(p);
	show(p);
}
