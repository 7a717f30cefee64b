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

static int set_size(struct lun_config *config, const char *value)
{
	return options_parse_size(value, &config->size);
}

static int set_file(struct lun_config *config, const char *value)
{
	config->path = value;
	return value[0] ? 0 : -EINVAL;
}

static int set_block(struct lun_config *config, const char *value)
{
	int r = num_u32(value, LUN_BLOCK_SIZE, LUN_BLOCK_MAX, &config->block_size);

	return r == 0 && config->block_size != LUN_BLOCK_SIZE && config->block_size != LUN_BLOCK_MAX
	               ? -EINVAL
	               : r;
}

static int set_physical(struct lun_config *config, const char *value)
{
	int r = num_u32(value, LUN_BLOCK_SIZE, LUN_PHYSICAL_MAX, &config->physical_size);

	return r == 0 && config->physical_size & (config->physical_size - 1) ? -EINVAL : r;
}

static int set_pr(struct lun_config *config, const char *value)
{
	config->pr_state = value;
	return value[0] ? 0 : -EINVAL;
}

/* Page 80h and the T10 designator of page 83h are ASCII (SPC-4 7.8.6.4, 7.8.15). */
static int set_serial(struct lun_config *config, const char *value)
{
	config->serial = value;
	for (const char *c = value; *c; c++) {
		if (*c <= ' ' || *c > '~' || c - value >= LUN_SERIAL_SIZE - 1)
			return -EINVAL;
	}
	return value[0] ? 0 : -EINVAL;
}

static int set_thin(struct lun_config *config, const char *value _unused_)
{
	config->thin = true;
	return 0;
}

static int set_removable(struct lun_config *config, const char *value _unused_)
{
	config->removable = true;
	return 0;
}

static int set_read_only(struct lun_config *config, const char *value _unused_)
{
	config->read_only = true;
	return 0;
}

/* What stands behind the number; a name that ends in "=" has a value. */
static const struct {
	const char *name;
	int (*set)(struct lun_config *config, const char *value);
	const char *expected;
} parts[] = {
	{"size=", set_size, "size=BYTES with an optional K, M, G or T"},
	{"file=", set_file, "file=PATH"},
	{"block=", set_block, "block=512 or block=4096"},
	{"physical=", set_physical, "physical=BYTES, a power of 2 from 512 to 65536"},
	{"pr=", set_pr, "pr=PATH"},
	{"serial=", set_serial, "serial=TEXT, at most 16 printable characters"},
	{"thin", set_thin, NULL},
	{"removable", set_removable, NULL},
	{"ro", set_read_only, NULL},
};

static int parse_lun_part(struct parser *p, const char *part, struct lun_config *config)
{
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		size_t len = strlen(parts[i].name);

		if (parts[i].expected ? strncmp(part, parts[i].name, len) != 0
		                      : strcmp(part, parts[i].name) != 0)
			continue;
		if (parts[i].set(config, part + len) < 0)
			return options_wrong(p, "expected %s", parts[i].expected);
		return 0;
	}
	return options_wrong(p, "expected size=, file=, block=, physical=, pr=, serial=, thin, "
	                        "removable or ro behind the number");
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
