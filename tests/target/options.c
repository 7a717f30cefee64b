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
#include "tests/target/options_parser.h"

enum {
	LOGIN_TIMEOUT = 15,
	PING_INTERVAL = 30,
	CONNECTIONS_MAX = 1024,
	SESSIONS_MAX = 4096,
	TIME_MAX = 3600,
	OPTIONS_FILE_MAX = 1 << 20,
};

int options_wrong(struct parser *p, const char *fmt, ...)
{
	char why[OPTIONS_FAULT_SIZE], where[OPTIONS_FAULT_SIZE / 4] = "";
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	if (p->file)
		snprintf(where, sizeof(where), "%.100s:%u: ", p->file, p->line);
	if (p->value)
		snprintf(p->fault, OPTIONS_FAULT_SIZE, "%s%s %.100s: %.400s", where, p->option,
		         p->value, why);
	else
		snprintf(p->fault, OPTIONS_FAULT_SIZE, "%s%.100s: %.400s", where, p->option, why);
	return -EINVAL;
}

/* As portal_parse(), but port 0 is one, too: any that is free. */
int options_parse_portal(const char *text, struct portal *ret)
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
		return options_wrong(p, "there are %d portals already", OPTIONS_PORTALS_MAX);
	if (options_parse_portal(p->value, &portal) < 0 ||
	    addr_from_literal(portal.host, portal.port, &addr, &len) < 0)
		return options_wrong(p,
		                     "expected ADDRESS[:PORT], e.g. 127.0.0.1:3260 or [::1]:3260");
	portal.tpgt = TARGET_TPGT;
	p->o->portals[p->o->portal_count++] = portal;
	return 0;
}

static int parse_target(struct parser *p)
{
	struct target **end = &p->o->targets;
	const char *why;

	if (!iscsi_name_valid(p->value, strlen(p->value), &why))
		return options_wrong(p, "not an iSCSI name: %s", why);
	if (target_find(p->o->targets, p->value))
		return options_wrong(p, "there is a target of that name already");
	p->target = target_new(p->value);
	if (!p->target)
		return options_wrong(p, "no memory");
	while (*end)
		end = &(*end)->next;
	*end = p->target;
	return 0;
}

static int parse_refuse(struct parser *p)
{
	const char *slash = strchr(p->value, '/');
	int64_t status_class, detail;

	if (!p->target)
		return options_wrong(p, "a --target must come before it");
	if (!slash || num_parse(p->value, (size_t)(slash - p->value), 1, 3, &status_class) < 0 ||
	    num_parse(slash + 1, strlen(slash + 1), 0, 255, &detail) < 0)
		return options_wrong(
			p, "expected CLASS/DETAIL in decimal, e.g. 2/3 (RFC 7143 11.13.5)");
	p->target->refuse = (uint16_t)(status_class << 8 | detail);
	return 0;
}

static int parse_redirect(struct parser *p)
{
	const char *end;
	size_t len;

	if (!p->target)
		return options_wrong(p, "a --target must come before it");
	end = strstr(p->value, ",permanent");
	len = end && !end[strlen(",permanent")] ? (size_t)(end - p->value) : strlen(p->value);
	if (portal_parse(p->value, len, ISCSI_PORT, &p->target->redirect) < 0)
		return options_wrong(p, "expected ADDRESS[:PORT][,permanent]");
	p->target->redirect.tpgt = TARGET_TPGT;
	p->target->redirect_permanent = p->value[len];
	return 0;
}

static int parse_fault(struct parser *p)
{
	char why[FAULT_WHY_SIZE];

	if (faults_add(&p->o->faults, p->value, strlen(p->value), 0, NULL, why) < 0)
		return options_wrong(p, "%s", why);
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
		return options_wrong(p, "%s", strerror(-r));
	if (faults_add_script(&p->o->faults, text, len, 0, &line, why) < 0)
		return options_wrong(p, "line %u: %s", line, why);
	return 0;
}

static int parse_number(struct parser *p, uint32_t min, uint32_t max, uint32_t *ret)
{
	if (num_u32(p->value, min, max, ret) < 0)
		return options_wrong(p, "expected a number from %u to %u", min, max);
	return 0;
}

static int parse_sessions(struct parser *p)
{
	return parse_number(p, 1, UINT16_MAX, &p->o->sessions_max);
}

/* ---- CHAP --------------------------------------------------------------------------------- */

/* The user goes to the first slash: iSCSI names, which users often are, have none. */
static int parse_account(struct parser *p, struct accounts *accounts, bool own)
{
	const char *slash = strchr(p->value, '/');
	char user[CHAP_NAME_SIZE];
	int r;

	if (!slash || slash == p->value || !slash[1] ||
	    (size_t)(slash - p->value) >= sizeof(user)) {
		p->value = NULL; /* no message shows a secret */
		return options_wrong(p, "expected USER/SECRET");
	}
	snprintf(user, sizeof(user), "%.*s", (int)(slash - p->value), p->value);
	p->value = user;
	if (!p->o->digests)
		p->o->digests = digests_new();
	if (!p->o->digests)
		return options_wrong(p, "no memory");
	r = own ? account_set(&accounts->own, user, slash + 1)
	        : accounts_add(accounts, user, slash + 1);
	if (r < 0)
		r = options_wrong(p, "%s",
		                  r == -EEXIST         ? "there is an account of that user already"
		                  : r == -ENAMETOOLONG ? "the secret is too long"
		                                       : "no memory");
	p->value = NULL;
	return r;
}

static int parse_target_accounts(struct parser *p, bool own)
{
	if (p->target)
		return parse_account(p, &p->target->accounts, own);
	p->value = NULL; /* no message shows a secret */
	return options_wrong(p, "a --target must come before it");
}

static int parse_target_account(struct parser *p)
{
	return parse_target_accounts(p, false);
}

static int parse_target_mutual(struct parser *p)
{
	return parse_target_accounts(p, true);
}

static int parse_discovery_account(struct parser *p)
{
	return parse_account(p, &p->o->discovery, false);
}

static int parse_discovery_mutual(struct parser *p)
{
	return parse_account(p, &p->o->discovery, true);
}

static int parse_algorithms(struct parser *p)
{
	size_t names = 1;

	for (const char *comma = strchr(p->value, ','); comma; comma = strchr(comma + 1, ','))
		names++;
	p->o->algorithms = chap_algorithms_parse(p->value);
	return chap_algorithms_count(&p->o->algorithms) == names
	               ? 0
	               : options_wrong(p, "expected some of MD5,SHA1,SHA256,SHA3-256, with commas");
}

static int parse_encoding(struct parser *p)
{
	if (strcmp(p->value, "hex") != 0 && strcmp(p->value, "base64") != 0)
		return options_wrong(p, "expected hex or base64");
	p->o->encoding = p->value[0] == 'h' ? BINARY_HEX : BINARY_BASE64;
	return 0;
}

/* ---- the rest ----------------------------------------------------------------------------- */

static int parse_control(struct parser *p)
{
	if (p->value[0] == '\0' || (size_t)snprintf(p->o->control, sizeof(p->o->control), "%s",
	                                            p->value) >= sizeof(p->o->control))
		return options_wrong(p, "expected a path of at most %zu bytes",
		                     sizeof(p->o->control) - 1);
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
	               ? options_wrong(p, "expected the number of an open file")
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

enum { AT_START = 1 }; /* has no meaning once the target serves */

static const struct {
	const char *name;
	bool has_value;
	int (*parse)(struct parser *p);
	uint8_t flags;
} rows[] = {
	{"--portal", true, parse_portal, AT_START},
	{"--target", true, parse_target, 0},
	{"--lun", true, options_lun, 0},
	{"--refuse", true, parse_refuse, 0},
	{"--redirect", true, parse_redirect, 0},
	{"--account", true, parse_target_account, 0},
	{"--mutual", true, parse_target_mutual, 0},
	{"--discovery-account", true, parse_discovery_account, 0},
	{"--discovery-mutual", true, parse_discovery_mutual, 0},
	{"--chap-algorithms", true, parse_algorithms, 0},
	{"--chap-encoding", true, parse_encoding, 0},
	{"--fault", true, parse_fault, AT_START},
	{"--faults", true, parse_faults, AT_START},
	{"--set", true, options_set, 0},
	{"--login-timeout", true, parse_login_timeout, 0},
	{"--ping-interval", true, parse_ping, 0},
	{"--max-connections", true, parse_connections, AT_START},
	{"--max-sessions", true, parse_sessions, 0},
	{"--control", true, parse_control, AT_START},
	{"--config", true, NULL, AT_START}, /* parse_config(), which needs this table */
	{"--ready-fd", true, parse_ready_fd, AT_START},
	{"--verbose", false, parse_verbose, AT_START},
	{"--help", false, parse_help, AT_START},
};

/* The row of a name without its dashes, or the count of them. */
static size_t find(const char *name)
{
	size_t row = 0;

	while (row < ARRAY_LEN(rows) && strcmp(rows[row].name + 2, name) != 0)
		row++;
	return row;
}

/* "NAME VALUE" as on the command line, without the dashes. */
static int parse_line(struct parser *p, char *line)
{
	char *value = line + strcspn(line, " \t");
	size_t row;

	if (*value)
		*value++ = '\0';
	value += strspn(value, " \t");
	row = find(line);
	p->option = line;
	p->value = NULL;
	if (row == ARRAY_LEN(rows) || !rows[row].parse || strcmp(line, "help") == 0)
		return options_wrong(p, "expected the name of an option, without dashes");
	if (rows[row].has_value != (*value != '\0'))
		return options_wrong(p, rows[row].has_value ? "a value is missing"
		                                            : "it takes no value");
	p->value = *value ? value : NULL;
	return rows[row].parse(p);
}

static int parse_config(struct parser *p)
{
	_cleanup_free_ char *text = NULL;
	const char *file = p->value;
	char *rest, *line;
	size_t len;
	int r = file_read(AT_FDCWD, file, OPTIONS_FILE_MAX, &text, &len);

	if (r < 0)
		return options_wrong(p, "%s", strerror(-r));
	if (strlen(text) != len)
		return options_wrong(p, "expected text, found a NUL");
	p->file = file;
	p->line = 0;
	rest = text;
	while (r == 0 && (line = strsep(&rest, "\n"))) {
		size_t end = strlen(line);

		p->line++;
		while (end > 0 && strchr(" \t\r", line[end - 1]))
			line[--end] = '\0';
		line += strspn(line, " \t");
		if (*line && *line != '#')
			r = parse_line(p, line);
	}
	p->file = NULL;
	return r;
}

static int parse_all(struct parser *p, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		size_t row = strncmp(argv[i], "--", 2) == 0 ? find(argv[i] + 2) : ARRAY_LEN(rows);
		int r;

		p->option = argv[i];
		p->value = NULL;
		if (row == ARRAY_LEN(rows))
			return options_wrong(p, "no such option; try --help");
		if (rows[row].has_value && i + 1 == argc)
			return options_wrong(p, "a value is missing");
		if (rows[row].has_value)
			p->value = argv[++i];
		r = rows[row].parse ? rows[row].parse(p) : parse_config(p);
		if (r < 0)
			return r;
	}
	return 0;
}

int options_apply(struct options *o, struct target *t, const char *name, const char *value,
                  char ret_fault[static OPTIONS_FAULT_SIZE])
{
	struct parser p = {.o = o, .target = t, .fault = ret_fault, .option = name};
	size_t row = find(name);

	if (row == ARRAY_LEN(rows) || rows[row].flags & AT_START)
		return options_wrong(&p, "no option that can be changed while the target serves");
	p.value = value;
	return rows[row].parse(&p);
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
		.sessions_max = SESSIONS_MAX,
		.algorithms = {{CHAP_SHA3_256, CHAP_SHA256, CHAP_SHA1, CHAP_MD5}},
	};
	struct parser p = {.o = &o, .fault = ret_fault, .option = "--portal"};
	int r = parse_all(&p, argc, argv);

	p.value = NULL;
	p.option = "--portal";
	if (r == 0 && o.portal_count == 0 && !o.help)
		r = options_wrong(&p, "at least one is needed; try --help");
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
	accounts_done(&o->discovery);
	o->digests = digests_free(o->digests);
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
	       "    --redirect ADDR[:PORT][,permanent]  send logins there\n"
	       "    --account USER/SECRET   ask for CHAP; may come several times\n"
	       "    --mutual USER/SECRET    answer when asked back\n"
	       "  --discovery-account USER/SECRET, --discovery-mutual USER/SECRET\n"
	       "  --chap-algorithms LIST    of MD5, SHA1, SHA256, SHA3-256 (all)\n"
	       "  --chap-encoding hex|base64  of what we send (hex)\n"
	       "  --set KEY=VALUE           our half of the negotiation: InitialR2T,\n"
	       "                            ImmediateData, MaxRecvDataSegmentLength,\n"
	       "                            MaxBurstLength, FirstBurstLength, HeaderDigest,\n"
	       "                            DataDigest, DefaultTime2Wait, DefaultTime2Retain\n"
	       "  --fault LINE              break the protocol: iscsi-testtarget(8) has the language\n"
	       "  --faults FILE             the same, a fault a line\n"
	       "  --login-timeout SECONDS   for a connection to log in (15)\n"
	       "  --ping-interval SECONDS   of silence until a NOP-In, 0 for never (30)\n"
	       "  --max-connections N       at once (1024)\n"
	       "  --max-sessions N          at once (4096)\n"
	       "  --control PATH            a socket for targetctl(8)\n"
	       "  --config FILE             options from a file: one a line, without dashes\n"
	       "  --ready-fd FD             write the portals and a newline there when they listen\n"
	       "  --verbose                 tell about logins and failures on standard error\n";
}
