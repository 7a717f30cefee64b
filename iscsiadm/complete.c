/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsiadm/complete.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "iscsiadm/option_table.h"
#include "lib/base/macros.h"
#include "lib/base/num.h"
#include "lib/host/flashnode.h"
#include "lib/host/host.h"
#include "lib/host/netparam.h"
#include "lib/host/session.h"
#include "lib/ipc/error.h"
#include "libiscsi-db/iscsi-db.h"

/* The line so far. */
struct completion {
	struct options opts; /* those that take a text */
	/* borrowed */
	const struct mode *modes;
	const char *setting; /* the last name of -n */
	const char *lead;    /* in front of every candidate: "--portal=" */
	size_t lead_len;
	const char *typed; /* what a candidate starts with */
};

/* Shells put candidates on the command line, where none may mean something to them. */
static bool harmless(const char *word)
{
	for (; *word; word++) {
		if (!isalnum((unsigned char)*word) && !strchr("-._:,@+/%[]", *word))
			return false;
	}
	return true;
}

static void offer(const struct completion *c, const char *word, const char *doc)
{
	if (strncmp(word, c->typed, strlen(c->typed)) == 0 && harmless(word))
		printf("%.*s%s\t%s\n", (int)c->lead_len, c->lead, word, doc);
}

/* Each piece of list between separators. */
static void offer_words(const struct completion *c, const char *list, const char *separator)
{
	_cleanup_free_ char *copy = strdup(list);
	char *at = copy;

	for (char *word; at && (word = strsep(&at, separator));) {
		while (*word == ' ')
			word++;
		offer(c, word, "");
	}
}

static void offer_modes(const struct completion *c)
{
	for (const struct mode *m = c->modes; m->name; m++)
		offer(c, m->name, m->doc);
}

static void offer_operations(const struct completion *c)
{
	for (size_t i = 0; c->opts.mode && i < operation_count; i++) {
		if (c->opts.mode->operations & operations[i].op)
			offer(c, operations[i].word, "");
	}
}

static void offer_targets(const struct completion *c)
{
	const struct iscsi_db_selection all = {0};
	struct iscsi_db *db = NULL;
	struct iscsi_db_node_id *ids = NULL;
	size_t count = 0;

	if (iscsi_db_open(c->opts.db, &db) == 0)
		(void)iscsi_db_nodes(db, &all, NULL, NULL, &ids, &count);
	for (size_t i = 0; i < count; i++) {
		if (i == 0 || strcmp(ids[i].target, ids[i - 1].target) != 0)
			offer(c, ids[i].target, "");
	}
	free(ids);
	iscsi_db_close(db);
}

static void offer_portal(const struct completion *c, const char *address, unsigned int port)
{
	char text[PORTAL_TEXT_SIZE];
	bool v6 = strchr(address, ':');

	snprintf(text, sizeof(text), "%s%s%s:%u", v6 ? "[" : "", address, v6 ? "]" : "", port);
	offer(c, text, "");
}

static int by_portal(const void *a, const void *b)
{
	const struct iscsi_db_node_id *left = a, *right = b;
	int order = strcmp(left->address, right->address);

	return order ? order : (left->port > right->port) - (left->port < right->port);
}

static void offer_portals_of_nodes(const struct completion *c, struct iscsi_db *db)
{
	const struct iscsi_db_selection of_target = {.target = c->opts.target};
	struct iscsi_db_node_id *ids = NULL;
	size_t count = 0;

	if (iscsi_db_nodes(db, &of_target, NULL, NULL, &ids, &count) < 0)
		return;
	if (count > 0)
		qsort(ids, count, sizeof(*ids), by_portal);
	for (size_t i = 0; i < count; i++) {
		if (i == 0 || by_portal(&ids[i], &ids[i - 1]) != 0)
			offer_portal(c, ids[i].address, ids[i].port);
	}
	free(ids);
}

static void offer_portals_asked(const struct completion *c, struct iscsi_db *db)
{
	static const enum iscsi_db_kind kinds[] = {ISCSI_DB_SENDTARGETS, ISCSI_DB_ISNS};

	for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
		struct iscsi_db_discovery_id *ids = NULL;
		size_t count = 0;

		(void)iscsi_db_discoveries(db, kinds[k], NULL, NULL, &ids, &count);
		for (size_t i = 0; i < count; i++)
			offer_portal(c, ids[i].address, ids[i].port);
		free(ids);
	}
}

/* A mode without targets asks for them. */
static bool mode_asks(const struct mode *mode)
{
	return mode && strchr(mode->letters, 'D');
}

static void offer_portals(const struct completion *c)
{
	struct iscsi_db *db = NULL;

	if (iscsi_db_open(c->opts.db, &db) < 0)
		return;
	if (mode_asks(c->opts.mode))
		offer_portals_asked(c, db);
	else
		offer_portals_of_nodes(c, db);
	iscsi_db_close(db);
}

static void offer_ifaces(const struct completion *c)
{
	struct iscsi_db *db = NULL;
	char(*names)[65] = NULL;
	size_t count = 0;

	offer(c, "default", "built in");
	offer(c, "iser", "built in");
	if (iscsi_db_open(c->opts.db, &db) == 0)
		(void)iscsi_db_ifaces(db, &names, &count);
	for (size_t i = 0; i < count; i++)
		offer(c, names[i], "");
	free(names);
	iscsi_db_close(db);
}

static void offer_number(const struct completion *c, int number, const char *doc)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", number);
	offer(c, text, harmless(doc) ? doc : "");
}

static bool is_submode(const struct completion *c, const char *word)
{
	return c->opts.submode && strcmp(c->opts.submode, word) == 0;
}

static void offer_sids(const struct completion *c)
{
	struct host_session *sessions = NULL;
	size_t count = 0;

	(void)host_sessions(c->opts.sysfs, HOST_DETAIL_IDENTITY, &sessions, &count);
	for (size_t i = 0; i < count; i++)
		offer_number(c, sessions[i].sid, sessions[i].target_name);
	free(sessions);
}

/* Of software iSCSI a host is best known by the one session that it has. */
static const char *host_doc(const struct host_info *host, const struct host_session *sessions,
                            size_t count)
{
	for (size_t i = 0; i < count && !host->hwaddress[0]; i++) {
		if (sessions[i].host_no == host->host_no)
			return sessions[i].target_name;
	}
	return host->hwaddress[0] ? host->hwaddress : host->transport;
}

static void offer_hosts(const struct completion *c)
{
	struct host_session *sessions = NULL;
	struct host_info *hosts = NULL;
	size_t session_count = 0, count = 0;

	(void)host_list(c->opts.sysfs, &hosts, &count);
	if (count > 0)
		(void)host_sessions(c->opts.sysfs, HOST_DETAIL_IDENTITY, &sessions, &session_count);
	for (size_t i = 0; i < count; i++)
		offer_number(c, hosts[i].host_no, host_doc(&hosts[i], sessions, session_count));
	free(sessions);
	free(hosts);
}

/* Which targets in its flash memory the host of -H has. */
static void offer_indexes(const struct completion *c)
{
	int *indexes = NULL, host_no;
	size_t count = 0;

	if (is_submode(c, "flashnode") && c->opts.host &&
	    num_int(c->opts.host, 0, INT_MAX, &host_no) == 0)
		(void)host_flashnodes(c->opts.sysfs, host_no, &indexes, &count);
	for (size_t i = 0; i < count; i++)
		offer_number(c, indexes[i], "");
	free(indexes);
}

/* The kind of record that -n is about. */
static enum iscsi_db_kind kind_of(const struct completion *c)
{
	const struct mode *mode = c->opts.mode;

	if (mode_asks(mode))
		return c->opts.type && strcmp(c->opts.type, "isns") == 0 ? ISCSI_DB_ISNS
		                                                         : ISCSI_DB_SENDTARGETS;
	return mode && strcmp(mode->name, "iface") == 0 ? ISCSI_DB_IFACE : ISCSI_DB_NODE;
}

static void offer_key(void *data, const char *key, const char *value _unused_,
                      enum iscsi_db_value_type type _unused_)
{
	offer(data, key, "");
}

static const char *const chap_keys[] = {"host.auth.username", "host.auth.password",
                                        "host.auth.username_in", "host.auth.password_in"};

/* What an adapter has, or else a record. */
static void offer_names(const struct completion *c)
{
	struct completion copy = *c;
	struct iscsi_db_record *record = NULL;
	const struct host_param *p;

	for (size_t i = 0; is_submode(c, "flashnode") && (p = host_flashnode_nth(i)); i++)
		offer(c, p->key, "");
	for (size_t i = 0; is_submode(c, "chap") && i < ARRAY_LEN(chap_keys); i++)
		offer(c, chap_keys[i], "");
	if (!c->opts.mode || strcmp(c->opts.mode->name, "host") != 0)
		record = iscsi_db_record_new(kind_of(c));
	if (record)
		iscsi_db_record_walk(record, offer_key, &copy);
	iscsi_db_record_free(record);
}

/* The parameter of an adapter that -n names, if it does. */
static const struct host_param *param_of(const struct completion *c)
{
	const struct host_netparam *p;

	if (!c->setting || is_submode(c, "flashnode"))
		return c->setting ? host_flashnode_param(c->setting) : NULL;
	p = host_netparam(4, c->setting);
	if (!p)
		p = host_netparam(6, c->setting);
	return p ? &p->param : NULL;
}

/* Of "0 to 7" and the like nothing is a word. */
static void offer_values(const struct completion *c)
{
	const char *allowed = c->setting ? iscsi_db_key_allowed(kind_of(c), c->setting) : NULL;
	const struct host_param *p = param_of(c);

	for (const struct host_param_word *w = p ? p->words : NULL; w && w->text; w++)
		offer(c, w->text, "");
	if (allowed && !(p && p->words))
		offer_words(c, allowed, ",");
}

static void offer_files(const struct completion *c _unused_)
{
	puts(":files");
}

/* What an argument of that name can be. */
static const struct {
	const char *arg;
	void (*offer)(const struct completion *c);
} sources[] = {
	{"mode", offer_modes}, {"operation", offer_operations}, {"target", offer_targets},
	{"host", offer_hosts}, {"portal", offer_portals},       {"iface", offer_ifaces},
	{"sid", offer_sids},   {"name", offer_names},           {"value", offer_values},
	{"file", offer_files}, {"folder", offer_files},         {"index", offer_indexes},
};

static void offer_arguments(const struct completion *c, const struct option_row *row)
{
	for (size_t i = 0; i < ARRAY_LEN(sources); i++) {
		if (strcmp(row->arg, sources[i].arg) == 0) {
			sources[i].offer(c);
			return;
		}
	}
	if (strchr(row->arg, '|'))
		offer_words(c, row->arg, "|");
}

/* Whether the line has said what to do: then what goes with something else does not follow. */
static bool says_what_to_do(const struct completion *c)
{
	bool said = c->opts.ops != 0;

	for (const char *letter = "DlLuURs"; *letter && !said; letter++)
		said = option_noted(&c->opts, option_row_of(*letter));
	return said;
}

static void offer_option(const struct completion *c, const struct option_row *row)
{
	const struct option_use *use = option_use_of(row, c->opts.mode);
	char needs[OPTION_NEEDS_SIZE] = "", text[64], doc[128 + OPTION_NEEDS_SIZE];
	bool given = !use || option_use_met(use, &c->opts);

	if (use && (option_use_ruled_out(use, &c->opts) || (!given && says_what_to_do(c))))
		return;
	snprintf(doc, sizeof(doc), given ? "%s" : "%s (with %s)", row->doc,
	         use ? option_use_text(use, needs) : "");
	snprintf(text, sizeof(text), "-%c", row->letter);
	if (c->typed[0] == '-' && option_has_letter(row))
		offer(c, text, doc);
	snprintf(text, sizeof(text), "--%s", row->name);
	offer(c, text, doc);
}

static void offer_options(const struct completion *c)
{
	for (size_t i = 0; i < option_count; i++) {
		if (option_goes_with(&option_rows[i], c->opts.mode))
			offer_option(c, &option_rows[i]);
	}
}

/* 0: it is none (yet). */
static unsigned int operation_of(const char *word)
{
	for (size_t i = 0; i < operation_count; i++) {
		if (strcmp(operations[i].word, word) == 0)
			return operations[i].op;
	}
	return 0;
}

static void keep(struct completion *c, const struct option_row *row, const char *value)
{
	char *field = (char *)&c->opts + row->field;

	if (row->letter == 'm')
		c->opts.mode = mode_named(c->modes, value);
	else if (row->letter == 'n')
		c->setting = value;
	else if (row->letter == 'o')
		c->opts.ops |= operation_of(value);
	else if (row->kind == KIND_TEXT && !row->take)
		*(const char **)field = value;
}

static const struct option_row *option_named(const char *word)
{
	size_t len = strcspn(word + 2, "=");

	for (size_t i = 0; i < option_count; i++) {
		if (strncmp(word + 2, option_rows[i].name, len) == 0 &&
		    option_rows[i].name[len] == '\0')
			return &option_rows[i];
	}
	return NULL;
}

/* The option whose argument the next word is, NULL: it is not an argument. */
static const struct option_row *take_word(struct completion *c, const char *word)
{
	const struct option_row *row = NULL;
	const char *value = strchr(word, '=');

	if (strncmp(word, "--", 2) == 0) {
		row = option_named(word);
		if (row)
			option_note(&c->opts, row);
		if (!row || !value)
			return row && option_argument(row) == required_argument ? row : NULL;
		keep(c, row, value + 1);
		return NULL;
	}
	for (const char *at = word[0] == '-' ? word + 1 : ""; *at; at++) {
		row = option_row_of(*at);
		if (row)
			option_note(&c->opts, row);
		if (!row || option_argument(row) != required_argument)
			continue;
		if (at[1] == '\0')
			return row;
		keep(c, row, at + 1);
		break;
	}
	return NULL;
}

int complete(const struct mode *modes, int count, char **words)
{
	struct completion c = {.modes = modes, .lead = "", .typed = ""};
	const struct option_row *wants = NULL;
	const char *value;

	for (int i = 0; i < count - 1; i++) {
		if (wants)
			keep(&c, wants, words[i]);
		wants = wants ? NULL : take_word(&c, words[i]);
	}
	if (count > 0)
		c.typed = words[count - 1];
	value = strncmp(c.typed, "--", 2) == 0 ? strchr(c.typed, '=') : NULL;
	if (!wants && value) {
		wants = option_named(c.typed);
		c.lead = c.typed;
		c.lead_len = (size_t)(value + 1 - c.typed);
		c.typed = value + 1;
	}
	if (!wants)
		offer_options(&c);
	else if (wants->arg)
		offer_arguments(&c, wants);
	return ISCSI_ERR_SUCCESS;
}
