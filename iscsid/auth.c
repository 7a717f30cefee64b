/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsid/auth.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/file.h"
#include "lib/proto/iscsi.h"

/* RFC 7143 9.2.1 wants 96 bits; there are initiators and targets that take no more than 128. */
enum { SECRET_LEN_MIN = 12, SECRET_LEN_MAX = 16 };

enum field { METHOD, USERNAME, PASSWORD, USERNAME_IN, PASSWORD_IN, FIELDS };

#define NODE(name)      "node.session.auth." name
#define DISCOVERY(name) "discovery.sendtargets.auth." name

static const char *const node_keys[FIELDS] = {
	[METHOD] = NODE("authmethod"),       [USERNAME] = NODE("username"),
	[PASSWORD] = NODE("password"),       [USERNAME_IN] = NODE("username_in"),
	[PASSWORD_IN] = NODE("password_in"),
};
static const char *const discovery_keys[FIELDS] = {
	[METHOD] = DISCOVERY("authmethod"),       [USERNAME] = DISCOVERY("username"),
	[PASSWORD] = DISCOVERY("password"),       [USERNAME_IN] = DISCOVERY("username_in"),
	[PASSWORD_IN] = DISCOVERY("password_in"),
};
/* records of both kinds have it under this name */
#define ALGORITHMS_KEY NODE("chap_algs")

struct settings {
	kparam_reason reason;
	void *data;
	/* borrowed */
	const char *const *keys;
	const char *values[FIELDS]; /* "" when there is none */
};

_printf_(2, 3) static void tell(const struct settings *s, const char *fmt, ...)
{
	char text[AUTH_WHY_SIZE];
	va_list ap;

	if (!s->reason)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	s->reason(s->data, text);
}

_printf_(2, 3) static int refuse(char why[static AUTH_WHY_SIZE], const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, AUTH_WHY_SIZE, fmt, ap);
	va_end(ap);
	return -EINVAL;
}

static bool has(const struct settings *s, enum field field)
{
	return s->values[field][0] != '\0';
}

/* A CHAP_N goes into a key=value pair that ends in NUL. */
static int copy_name(const struct settings *s, enum field field, char dst[static 256],
                     char why[static AUTH_WHY_SIZE])
{
	const char *name = s->values[field];

	if (strlen(name) > ISCSI_TEXT_VALUE_MAX)
		return refuse(why, "%s has more than %d bytes", s->keys[field],
		              ISCSI_TEXT_VALUE_MAX);
	for (const char *c = name; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			return refuse(why, "%s has control characters in it", s->keys[field]);
	strcpy(dst, name);
	return 0;
}

static int copy_secret(const struct settings *s, enum field field, struct secret *dst,
                       char why[static AUTH_WHY_SIZE])
{
	size_t len = strlen(s->values[field]);

	if (secret_set(dst, s->values[field], len) < 0)
		return refuse(why, "%s has more than %d bytes", s->keys[field], SECRET_MAX);
	if (len > 0 && (len < SECRET_LEN_MIN || len > SECRET_LEN_MAX))
		tell(s, "%s has %zu bytes; not every target takes less than %d or more than %d",
		     s->keys[field], len, SECRET_LEN_MIN, SECRET_LEN_MAX);
	return 0;
}

static bool fips_enabled(const char *fips_file)
{
	char line[8];

	return file_read_line(AT_FDCWD, fips_file, line, sizeof(line)) > 0 && line[0] == '1';
}

static int choose_algorithms(const struct settings *s, const char *names, const char *fips_file,
                             struct chap_algorithms *ret, char why[static AUTH_WHY_SIZE])
{
	struct chap_algorithms list = chap_algorithms_parse(names ? names : "");

	if (chap_algorithms_count(&list) == 0)
		list.number[0] = CHAP_MD5;
	if (chap_algorithms_have(&list, CHAP_MD5) && fips_enabled(fips_file)) {
		chap_algorithms_remove(&list, CHAP_MD5);
		if (chap_algorithms_count(&list) == 0)
			return refuse(why,
			              "CHAP with MD5 is forbidden on this system (FIPS mode), and "
			              "%s has no other algorithm",
			              ALGORITHMS_KEY);
		tell(s, "CHAP with MD5 is not offered: it is forbidden on this system (FIPS mode)");
	}
	*ret = list;
	return 0;
}

/* What can be seen before anything is copied: 1 to go on, 0 for no CHAP, or -EINVAL. */
static int check(const struct settings *s, char why[static AUTH_WHY_SIZE])
{
	if (strcmp(s->values[METHOD], "CHAP") != 0) {
		if (has(s, USERNAME) || has(s, PASSWORD))
			tell(s,
			     "%s and %s are not used, since %s is None; where the target wants "
			     "them, set it to CHAP",
			     s->keys[USERNAME], s->keys[PASSWORD], s->keys[METHOD]);
		return 0;
	}
	if (has(s, USERNAME_IN) && !has(s, PASSWORD_IN))
		return refuse(why, "%s is set and %s is not: the target could prove nothing",
		              s->keys[USERNAME_IN], s->keys[PASSWORD_IN]);
	if (has(s, PASSWORD_IN) && !has(s, PASSWORD))
		return refuse(why,
		              "%s is set and %s is not: a target only authenticates to an "
		              "initiator that does",
		              s->keys[PASSWORD_IN], s->keys[PASSWORD]);
	if (!has(s, PASSWORD)) {
		tell(s, "%s is CHAP, but %s is not set: logging in without CHAP", s->keys[METHOD],
		     s->keys[PASSWORD]);
		return 0;
	}
	if (!has(s, USERNAME))
		return refuse(why, "%s is set and %s is not", s->keys[PASSWORD], s->keys[USERNAME]);
	if (strcmp(s->values[PASSWORD], s->values[PASSWORD_IN]) == 0)
		return refuse(why, "%s and %s are the same, which proves nothing",
		              s->keys[PASSWORD], s->keys[PASSWORD_IN]);
	return 1;
}

static void note_why(void *data, unsigned int line _unused_, const char *text)
{
	snprintf((char *)data, AUTH_WHY_SIZE, "%s", text);
}

static int resolve(struct iscsi_db_record *record, const char *key, char why[static AUTH_WHY_SIZE])
{
	const char *value = iscsi_db_record_get(record, key);
	char *secret;
	int r;

	if (!value || !value[0])
		return 0;
	snprintf(why, AUTH_WHY_SIZE, "%s cannot be looked up", key);
	r = iscsi_db_secret_resolve(value, note_why, why, &secret);
	if (r < 0)
		return -EINVAL;
	r = strcmp(secret, value) == 0 ? 0 : iscsi_db_record_set(record, key, secret);
	iscsi_db_secret_free(secret);
	if (r < 0)
		return refuse(why, "what %s stands for is no secret", key);
	return 0;
}

int auth_resolve(struct iscsi_db_record *record, char why[static AUTH_WHY_SIZE])
{
	bool node = iscsi_db_record_kind(record) == ISCSI_DB_NODE;
	const char *const *keys = node ? node_keys : discovery_keys;
	const char *method = iscsi_db_record_get(record, keys[METHOD]);
	int r;

	if (!method || strcmp(method, "CHAP") != 0)
		return 0;
	r = resolve(record, keys[PASSWORD], why);
	return r < 0 ? r : resolve(record, keys[PASSWORD_IN], why);
}

int auth_fill(const struct iscsi_db_record *record, const char *fips_file, kparam_reason reason,
              void *data, struct peer_auth *ret, char why[static AUTH_WHY_SIZE])
{
	bool node = iscsi_db_record_kind(record) == ISCSI_DB_NODE;
	struct settings s = {
		.keys = node ? node_keys : discovery_keys,
		.reason = reason,
		.data = data,
	};
	int r;

	for (enum field field = 0; field < FIELDS; field++) {
		const char *value = iscsi_db_record_get(record, s.keys[field]);

		s.values[field] = value ? value : "";
	}
	auth_wipe(ret);
	r = check(&s, why);
	if (r <= 0)
		return r;
	r = copy_name(&s, USERNAME, ret->name, why);
	if (r == 0)
		r = copy_name(&s, USERNAME_IN, ret->target_name, why);
	if (r == 0)
		r = copy_secret(&s, PASSWORD, &ret->secret, why);
	if (r == 0)
		r = copy_secret(&s, PASSWORD_IN, &ret->target_secret, why);
	if (r == 0)
		r = choose_algorithms(&s, iscsi_db_record_get(record, ALGORITHMS_KEY), fips_file,
		                      &ret->algorithms, why);
	if (r < 0)
		auth_wipe(ret);
	return r;
}

void auth_wipe(struct peer_auth *auth)
{
	explicit_bzero(auth, sizeof(*auth));
}

/* RFC 7143 11.13.5: authentication failed; 02/00 is what some targets say instead. */
static bool refused_answer(const struct conn_result *r)
{
	return r->outcome == CONN_OUTCOME_REFUSED &&
	       r->status_class == ISCSI_LOGIN_CLASS_INITIATOR_ERROR && r->status_detail <= 1;
}

bool auth_retry(struct chap_algorithms *list, const struct conn_result *result)
{
	if (!refused_answer(result) || result->chap_algorithm == 0)
		return false;
	for (size_t i = 0; i + 1 < CHAP_ALGORITHMS_MAX; i++) {
		if (list->number[i] != result->chap_algorithm || list->number[i + 1] == 0)
			continue;
		*list = (struct chap_algorithms){{list->number[i + 1]}};
		return true;
	}
	return false;
}

const char *auth_hint(const struct conn_result *result, bool chap)
{
	if (chap && result->outcome == CONN_OUTCOME_AUTH_FAILED && !result->chap_algorithm)
		return ALGORITHMS_KEY " may have to name other algorithms";
	if (chap && refused_answer(result) && result->chap_algorithm)
		return "compare the record's CHAP name and password with the target's";
	if (chap || result->stage != ISCSI_STAGE_SECURITY)
		return NULL;
	if (refused_answer(result) && result->status_detail == 1)
		return "the target requires CHAP, the record's authmethod is None";
	if (result->outcome == CONN_OUTCOME_CLOSED)
		return "a target that requires CHAP may do that: the record's authmethod is None";
	return NULL;
}
