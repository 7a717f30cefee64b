/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command line, a row an option.  --lun, --refuse and --redirect belong to the --target
 * before them.
 */
#include "tests/target/options.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/file.h"
#include "lib/base/name.h"
#include "lib/base/num.h"
#include "lib/proto/iscsi.h"

enum {
	LOGIN_TIMEOUT = 15,
	PING_INTERVAL = 30,
	CONNECTIONS_MAX = 1024,
	TIME_MAX = 3600,
	LUN_ARGUMENT_SIZE = 4096,
	OPTIONS_FILE_MAX = 1 << 20,
};

struct parser {
	struct options *o;
	struct target *target; /* the last one */
	char *fault;
	const char *option; /* that is parsed */
	const char *value;
};

/* Note what is wrong with the option that is parsed. */
static int _printf_(2, 3) wrong(struct parser *p, const char *fmt, ...)
{
	char why[OPTIONS_FAULT_SIZE];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	if (p->value)
		snprintf(p->fault, OPTIONS_FAULT_SIZE, "%s %.100s: %.380s", p->option, p->value,
		         why);
	else
		snprintf(p->fault, OPTIONS_FAULT_SIZE, "%.100s: %.380s", p->option, why);
	return -EINVAL;
}

/* As portal_parse(), but port 0 is one, too: any that is free. */
static int parse_address(const char *text, struct portal *ret)
{
	size_t len = strlen(text);
	const char *last = strrchr(text, ':');
	bool free_port =
		last && strcmp(last, ":0") == 0 && (text[0] == '[' || strchr(text, ':') == last);
	int r = portal_parse(text, free_port ? len - 2 : len, ISCSI_PORT, ret);

	if (r == 0 && free_port)
		ret->port = 0;
	return r;
}

static int parse_portal(struct parser *p)
{
	struct sockaddr_storage addr;
	struct portal portal;
	socklen_t len;

	if (p->o->portal_count == OPTIONS_PORTALS_MAX)
		return wrong(p, "there are %d portals already", OPTIONS_PORTALS_MAX);
	if (parse_address(p->value, &portal) < 0 ||
	    addr_from_literal(portal.host, portal.port, &addr, &len) < 0)
		return wrong(p, "expected ADDRESS[:PORT], e.g. 127.0.0.1:3260 or [::1]:3260");
	p->o->portals[p->o->portal_count++] = portal;
	return 0;
}

static int parse_target(struct parser *p)
{
	struct target **end = &p->o->targets;
	const char *why;

	if (!iscsi_name_valid(p->value, strlen(p->value), &why))
		return wrong(p, "not an iSCSI name: %s", why);
	if (target_find(p->o->targets, p->value))
		return wrong(p, "there is a target of that name already");
	p->target = target_new(p->value);
	if (!p->target)
		return wrong(p, "no memory");
	while (*end)
		end = &(*end)->next;
	*end = p->target;
	return 0;
}

/* Bytes with an optional K, M, G or T (powers of 1024). */
static int parse_size(const char *text, uint64_t *ret)
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
		if (parse_size(part + 5, &config->size) < 0)
			return wrong(p, "expected size=BYTES with an optional K, M, G or T");
	} else if (strncmp(part, "file=", 5) == 0) {
		config->path = part + 5;
	} else if (strcmp(part, "block=4096") == 0) {
		config->block_size = 4096;
	} else if (strcmp(part, "block=512") == 0) {
		config->block_size = LUN_BLOCK_SIZE;
	} else if (strncmp(part, "physical=", 9) == 0) {
		if (num_u32(part + 9, 1, LUN_PHYSICAL_MAX, &config->physical_size) < 0 ||
		    (config->physical_size & (config->physical_size - 1)))
			return wrong(p, "expected physical=BYTES, a power of 2 up to %d",
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
		return wrong(p, "expected size=, file=, block=, physical=, pr=, thin, removable or "
		                "ro behind the number");
	}
	return 0;
}

static int parse_lun(struct parser *p)
{
	struct lun_config config = {.block_size = LUN_BLOCK_SIZE};
	char text[LUN_ARGUMENT_SIZE];
	char *rest = text;
	uint32_t number;
	int r = 0;

	if (!p->target)
		return wrong(p, "a --target must come before it");
	if ((size_t)snprintf(text, sizeof(text), "%s", p->value) >= sizeof(text))
		return wrong(p, "too long");
	if (num_u32(strsep(&rest, ","), 0, LUN_COUNT - 1, &number) < 0)
		return wrong(p, "expected a LUN from 0 to %d first", LUN_COUNT - 1);
	if (p->target->scsi.luns[number])
		return wrong(p, "%s has a LUN %u already", p->target->name, number);
	config.number = (uint16_t)number;
	while (rest && r == 0)
		r = parse_lun_part(p, strsep(&rest, ","), &config);
	if (r < 0)
		return r;
	if (!config.path && config.size == 0)
		return wrong(p, "expected size= or file=");
	r = lun_open(&config, p->target->name, &p->target->scsi.luns[number]);
	if (r == -EBADMSG)
		return wrong(p, "%s holds something else than reservations", config.pr_state);
	if (r == -EINVAL)
		return wrong(p, "the size is no multiple of the block of %u bytes, or 0",
		             config.block_size);
	return r < 0 ? wrong(p, "%s", strerror(-r)) : 0;
}

static int parse_refuse(struct parser *p)
{
	const char *slash = strchr(p->value, '/');
	int64_t status_class, detail;

	if (!p->target)
		return wrong(p, "a --target must come before it");
	if (!slash || num_parse(p->value, (size_t)(slash - p->value), 1, 3, &status_class) < 0 ||
	    num_parse(slash + 1, strlen(slash + 1), 0, 255, &detail) < 0)
		return wrong(p, "expected CLASS/DETAIL in decimal, e.g. 2/3 (RFC 7143 11.13.5)");
	p->target->refuse = (uint16_t)(status_class << 8 | detail);
	return 0;
}

static int parse_redirect(struct parser *p)
{
	if (!p->target)
		return wrong(p, "a --target must come before it");
	if (portal_parse(p->value, strlen(p->value), ISCSI_PORT, &p->target->redirect) < 0)
		return wrong(p, "expected ADDRESS[:PORT]");
	p->target->redirect.tpgt = TARGET_TPGT;
	return 0;
}

static int parse_fault(struct parser *p)
{
	char why[FAULT_WHY_SIZE];

	if (faults_add(&p->o->faults, p->value, strlen(p->value), 0, NULL, why) < 0)
		return wrong(p, "%s", why);
	return 0;
}

static int parse_faults(struct parser *p)
{
	_cleanup_free_ char *text = NULL;
	char why[FAULT_WHY_SIZE];
	unsigned int line;
	size_t len;
	int r = file_read(AT_FDCWD, p->value, OPTIONS_FILE_MAX, &text, &len);

	if (r < 0)
		return wrong(p, "%s", strerror(-r));
	if (faults_add_script(&p->o->faults, text, len, 0, &line, why) < 0)
		return wrong(p, "line %u: %s", line, why);
	return 0;
}

static int set_bool(void *at, const char *value)
{
	if (strcmp(value, "Yes") != 0 && strcmp(value, "No") != 0)
		return -EINVAL;
	*(bool *)at = value[0] == 'Y';
	return 0;
}

static int set_length(void *at, const char *value)
{
	return num_u32(value, 512, ISCSI_DATA_SEGMENT_MAX, at);
}

static int set_digest(void *at, const char *value)
{
	static const struct {
		const char *text;
		struct iscsi_digest_list list;
	} lists[] = {
		{"None", {{ISCSI_DIGEST_NONE}}},
		{"CRC32C", {{ISCSI_DIGEST_CRC32C}}},
		{"None,CRC32C", {{ISCSI_DIGEST_NONE, ISCSI_DIGEST_CRC32C}}},
		{"CRC32C,None", {{ISCSI_DIGEST_CRC32C, ISCSI_DIGEST_NONE}}},
	};

	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		if (strcmp(lists[i].text, value) != 0)
			continue;
		*(struct iscsi_digest_list *)at = lists[i].list;
		return 0;
	}
	return -EINVAL;
}

/* What --set knows: our half of the negotiation. */
static const struct {
	const char *key;
	size_t at;
	int (*set)(void *at, const char *value);
	const char *expected;
} keys[] = {
	{"InitialR2T", offsetof(struct iscsi_offer, initial_r2t), set_bool, "Yes or No"},
	{"ImmediateData", offsetof(struct iscsi_offer, immediate_data), set_bool, "Yes or No"},
	{"MaxRecvDataSegmentLength", offsetof(struct iscsi_offer, max_recv_data_segment_length),
         set_length, "512 to 16777215"},
	{"MaxBurstLength", offsetof(struct iscsi_offer, max_burst_length), set_length,
         "512 to 16777215"},
	{"FirstBurstLength", offsetof(struct iscsi_offer, first_burst_length), set_length,
         "512 to 16777215"},
	{"HeaderDigest", offsetof(struct iscsi_offer, header_digest), set_digest,
         "None, CRC32C or both with a comma between"},
	{"DataDigest", offsetof(struct iscsi_offer, data_digest), set_digest,
         "None, CRC32C or both with a comma between"},
};

static int parse_set(struct parser *p)
{
	const char *equals = strchr(p->value, '=');

	for (size_t i = 0; equals && i < ARRAY_LEN(keys); i++) {
		if (strlen(keys[i].key) != (size_t)(equals - p->value) ||
		    strncmp(keys[i].key, p->value, strlen(keys[i].key)) != 0)
			continue;
		if (keys[i].set((char *)&p->o->offer + keys[i].at, equals + 1) < 0)
			return wrong(p, "expected %s", keys[i].expected);
		return 0;
	}
	return wrong(p, "expected KEY=VALUE of a key that --help lists");
}

static int parse_number(struct parser *p, uint32_t min, uint32_t max, uint32_t *ret)
{
	if (num_u32(p->value, min, max, ret) < 0)
		return wrong(p, "expected a number from %u to %u", min, max);
	return 0;
}

static int parse_login_timeout(struct parser *p)
{
	return parse_number(p, 1, TIME_MAX, &p->o->login_timeout);
}

static int parse_ping(struct parser *p)
{
	return parse_number(p, 0, TIME_MAX, &p->o->ping_interval);
}

static int parse_connections(struct parser *p)
{
	return parse_number(p, 1, UINT16_MAX, &p->o->connections_max);
}

static int parse_ready_fd(struct parser *p)
{
	return num_int(p->value, 0, INT16_MAX, &p->o->ready_fd) < 0
	               ? wrong(p, "expected the number of an open file")
	               : 0;
}

static int parse_verbose(struct parser *p)
{
	p->o->verbose = true;
	return 0;
}

static int parse_help(struct parser *p)
{
	p->o->help = true;
	return 0;
}

static const struct {
	const char *name;
	bool has_value;
	int (*parse)(struct parser *p);
} rows[] = {
	{"--portal", true, parse_portal},
	{"--target", true, parse_target},
	{"--lun", true, parse_lun},
	{"--refuse", true, parse_refuse},
	{"--redirect", true, parse_redirect},
	{"--fault", true, parse_fault},
	{"--faults", true, parse_faults},
	{"--set", true, parse_set},
	{"--login-timeout", true, parse_login_timeout},
	{"--ping-interval", true, parse_ping},
	{"--max-connections", true, parse_connections},
	{"--ready-fd", true, parse_ready_fd},
	{"--verbose", false, parse_verbose},
	{"--help", false, parse_help},
};

static int parse_all(struct parser *p, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		size_t row = 0;
		int r;

		while (row < ARRAY_LEN(rows) && strcmp(rows[row].name, argv[i]) != 0)
			row++;
		p->option = argv[i];
		p->value = NULL;
		if (row == ARRAY_LEN(rows))
			return wrong(p, "no such option; try --help");
		if (rows[row].has_value && i + 1 == argc)
			return wrong(p, "a value is missing");
		if (rows[row].has_value)
			p->value = argv[++i];
		r = rows[row].parse(p);
		if (r < 0)
			return r;
	}
	return 0;
}

int options_parse(int argc, char **argv, struct options *ret,
                  char ret_fault[static OPTIONS_FAULT_SIZE])
{
	struct options o = {
		.offer = {.max_recv_data_segment_length = 262144,
	                  .max_burst_length = 1048576,
	                  .first_burst_length = 262144,
	                  .max_outstanding_r2t = 1,
	                  .max_connections = 1,
	                  .default_time2wait = 2,
	                  .default_time2retain = 0,
	                  .header_digest = {{ISCSI_DIGEST_NONE, ISCSI_DIGEST_CRC32C}},
	                  .data_digest = {{ISCSI_DIGEST_NONE, ISCSI_DIGEST_CRC32C}},
	                  .immediate_data = true,
	                  .data_pdu_in_order = true,
	                  .data_sequence_in_order = true},
		.ready_fd = -1,
		.login_timeout = LOGIN_TIMEOUT,
		.ping_interval = PING_INTERVAL,
		.connections_max = CONNECTIONS_MAX,
	};
	struct parser p = {.o = &o, .fault = ret_fault, .option = "--portal"};
	int r = parse_all(&p, argc, argv);

	p.value = NULL;
	p.option = "--portal";
	if (r == 0 && o.portal_count == 0 && !o.help)
		r = wrong(&p, "at least one is needed; try --help");
	if (r < 0)
		options_done(&o);
	else
		*ret = o;
	return r;
}

void options_done(struct options *o)
{
	struct target *next;

	for (struct target *t = o->targets; t; t = next) {
		next = t->next;
		target_free(t);
	}
	o->targets = NULL;
	faults_done(&o->faults);
}

const char *options_usage(void)
{
	return "iscsi-testtarget --portal ADDRESS[:PORT]... [--target NAME [OPTION]...]...\n"
	       "\n"
	       "  --portal ADDRESS[:PORT]   listen there (3260); port 0 takes a free one\n"
	       "  --target NAME             serve a target; the options below it are its own\n"
	       "    --lun N,size=BYTES      of memory; K, M, G, T are powers of 1024\n"
	       "    --lun N,file=PATH[,size=BYTES][,block=4096][,ro]\n"
	       "      ,thin                 blocks can be unmapped: holes of the file\n"
	       "      ,physical=BYTES       of a physical block\n"
	       "      ,removable            the medium can be ejected\n"
	       "      ,pr=PATH              keep persistent reservations there over restarts\n"
	       "    --refuse CLASS/DETAIL   answer logins with that status\n"
	       "    --redirect ADDR[:PORT]  send logins there (moved temporarily)\n"
	       "  --set KEY=VALUE           our half of the negotiation: InitialR2T,\n"
	       "                            ImmediateData, MaxRecvDataSegmentLength,\n"
	       "                            MaxBurstLength, FirstBurstLength, HeaderDigest,\n"
	       "                            DataDigest\n"
	       "  --fault LINE              break the protocol: iscsi-testtarget(8) has the language\n"
	       "  --faults FILE             the same, a fault a line\n"
	       "  --login-timeout SECONDS   for a connection to log in (15)\n"
	       "  --ping-interval SECONDS   of silence until a NOP-In, 0 for never (30)\n"
	       "  --max-connections N       at once (1024)\n"
	       "  --ready-fd FD             write the portals and a newline there when they listen\n"
	       "  --verbose                 tell about logins and failures on standard error\n";
}
