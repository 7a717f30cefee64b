/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "iscsiadm/doctor.h"
#include "iscsiadm/json_objects.h"
#include "lib/base/macros.h"
#include "lib/ipc/error.h"

static const struct {
	const char *name;
	doctor_check *run;
} checks[] = {
	{"name", doctor_name},         {"config", doctor_config},
	{"records", doctor_records},   {"permissions", doctor_permissions},
	{"module", doctor_module},     {"daemon", doctor_daemon},
	{"portals", doctor_portals},   {"failures", doctor_failures},
	{"sessions", doctor_sessions}, {"multipath", doctor_multipath},
};

static const char *const verdicts[] = {
	[VERDICT_OK] = "ok",
	[VERDICT_NOTE] = "note",
	[VERDICT_PROBLEM] = "problem",
};

/* What is quoted may come from a file or a target: it must not end the line. */
static void one_line(char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
	}
}

void doctor_say(struct doctor *d, enum verdict verdict, const char *advice, const char *fmt, ...)
{
	struct json o;
	char text[2048];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	one_line(text);
	d->found[verdict]++;
	if (!d->cli->json) {
		printf("%-7s %s: %s%s%s\n", verdicts[verdict], d->check, text, advice ? "; " : "",
		       advice ? advice : "");
		return;
	}
	o = json_add_object(json_open_list(json_root(d->cli->json), "findings"), NULL);
	json_add_text(o, "verdict", verdicts[verdict]);
	json_add_text(o, "check", d->check);
	json_add_text(o, "text", text);
	json_add_text(o, "advice", advice);
}

int mode_doctor(struct cli *cli)
{
	struct doctor d = {.cli = cli};

	for (size_t i = 0; i < ARRAY_LEN(checks); i++) {
		d.check = checks[i].name;
		memset(d.found, 0, sizeof(d.found));
		checks[i].run(&d);
		d.problems += d.found[VERDICT_PROBLEM];
		fflush(stdout);
	}
	return d.problems > 0 ? ISCSI_ERR_UNKNOWN : ISCSI_ERR_SUCCESS;
}
