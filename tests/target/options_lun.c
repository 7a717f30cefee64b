/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * --lun: a logical unit in one word.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/base/log.h"
#include "lib/base/num.h"
#include "tests/target/options_parser.h"

enum { LUN_ARGUMENT_SIZE = 4096 };

int options_parse_size(const char *text, uint64_t *ret)
{
	static const char units[] = "KMGT";
	size_t len = strlen(text);
	const char *unit = len > 0 ? strchr(units, text[len - 1]) : NULL;
	unsigned int shift = unit && *unit ? 10 * (unsigned int)(unit - units + 1) : 0;
	int64_t n;

	if (num_parse(text, len - (shift > 0), 1, INT64_MAX >> shift, &n) < 0)
		return -EINVAL;
	*ret = (uint64_t)n << shift;
	return 0;
}

static int parse_lun_part(struct parser *p, char *part, struct lun_config *config)
{
	if (strncmp(part, "size=", 5) == 0) {
		if (options_parse_size(part + 5, &config->size) < 0)
			return options_wrong(p,
			                     "expected size=BYTES with an optional K, M, G or T");
	} else if (strncmp(part, "file=", 5) == 0) {
		config->path = part + 5;
	} else if (strcmp(part, "block=4096") == 0) {
		config->block_size = 4096;
	} else if (strcmp(part, "block=512") == 0) {
		config->block_size = LUN_BLOCK_SIZE;
	} else if (strncmp(part, "physical=", 9) == 0) {
		if (num_u32(part + 9, 1, LUN_PHYSICAL_MAX, &config->physical_size) < 0 ||
		    (config->physical_size & (config->physical_size - 1)))
			return options_wrong(p, "expected physical=BYTES, a power of 2 up to %d",
			                     LUN_PHYSICAL_MAX);
	} else if (strncmp(part, "pr=", 3) == 0) {
		config->pr_state = part + 3;
	} else if (strcmp(part, "thin") == 0) {
		config->thin = true;
	} else if (strcmp(part, "removable") == 0) {
		config->removable = true;
	} else if (strcmp(part, "ro") == 0) {
		config->read_only = true;
	} else {
		return options_wrong(p, "expected size=, file=, block=, physical=, pr=, thin, "
		                        "removable or ro behind the number");
	}
	return 0;
}

int options_lun(struct parser *p)
{
	struct lun_config config = {.block_size = LUN_BLOCK_SIZE};
	char text[LUN_ARGUMENT_SIZE];
	char *rest = text;
	uint32_t number;
	struct stat st;
	int r = 0;

	if (!p->target)
		return options_wrong(p, "a --target must come before it");
	if ((size_t)snprintf(text, sizeof(text), "%s", p->value) >= sizeof(text))
		return options_wrong(p, "too long");
	if (num_u32(strsep(&rest, ","), 0, LUN_COUNT - 1, &number) < 0)
		return options_wrong(p, "expected a LUN from 0 to %d first", LUN_COUNT - 1);
	if (p->target->scsi.luns[number])
		return options_wrong(p, "%s has a LUN %u already", p->target->name, number);
	config.number = (uint16_t)number;
	while (rest && r == 0)
		r = parse_lun_part(p, strsep(&rest, ","), &config);
	if (r < 0)
		return r;
	if (!config.path && config.size == 0)
		return options_wrong(p, "expected size= or file=");
	if (config.path && stat(config.path, &st) == 0 && S_ISREG(st.st_mode) &&
	    (uint64_t)st.st_size < config.size) {
		if (config.read_only)
			return options_wrong(p, "the file has %lld bytes only",
			                     (long long)st.st_size);
		log_warning("%s grows from %lld to %llu bytes", config.path, (long long)st.st_size,
		            (unsigned long long)config.size);
	}
	r = lun_open(&config, p->target->name, &p->target->scsi.luns[number]);
	if (r == -EBADMSG)
		return options_wrong(p, "%s holds something else than reservations",
		                     config.pr_state);
	if (r == -EINVAL)
		return options_wrong(p, "the size is no multiple of the block of %u bytes, or 0",
		                     config.block_size);
	if (r < 0)
		return options_wrong(p, "%s", strerror(-r));
	if (p->target->scsi.luns[number]->read_only && !config.read_only) {
		p->target->scsi.luns[number] = lun_free(p->target->scsi.luns[number]);
		return options_wrong(p, "the file can only be read; add ,ro to offer it "
		                        "write-protected");
	}
	return 0;
}
