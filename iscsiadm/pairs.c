/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsiadm/pairs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "iscsiadm/report.h"
#include "lib/base/macros.h"
#include "lib/ipc/error.h"
#include "libiscsi-db/iscsi-db.h"

/* No value of any key is as long. */
enum { VALUE_FILE_MAX = 4096 };

static void wipe(char *text)
{
	if (text)
		explicit_bzero(text, strlen(text));
}

static bool is_secret(const char *key)
{
	static const enum iscsi_db_kind kinds[] = {ISCSI_DB_NODE, ISCSI_DB_SENDTARGETS,
	                                           ISCSI_DB_ISNS, ISCSI_DB_IFACE};

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if (iscsi_db_key_secret(kinds[i], key))
			return true;
	}
	return false;
}

/* A name and a value make one setting. */
static int complete(struct options *o)
{
	if (!o->name || !o->value)
		return ISCSI_ERR_SUCCESS;
	if (o->setting_count == ARRAY_LEN(o->settings)) {
		report("More than %zu pairs of -n and -v.", ARRAY_LEN(o->settings));
		return ISCSI_ERR_INVAL;
	}
	if (is_secret(o->name))
		wipe(o->value_word);
	o->settings[o->setting_count++] =
		(struct setting){.name = o->name, .value = take_ptr(o->value)};
	o->name = o->value_word = NULL;
	return ISCSI_ERR_SUCCESS;
}

int pairs_take_name(struct options *o, char *text)
{
	if (o->name) {
		report("option '-n %s' has no value (-v); nothing was done.", o->name);
		return ISCSI_ERR_INVAL;
	}
	o->name = text;
	return complete(o);
}

/* What has no name may be a secret: it is not printed. */
static int refuse_value(void)
{
	report("option '-v' has no name (-n); nothing was done.");
	return ISCSI_ERR_INVAL;
}

int pairs_take_value(struct options *o, char *text)
{
	if (o->value)
		return refuse_value();
	o->value = strdup(text);
	if (!o->value) {
		report("%s", iscsi_err_text(ISCSI_ERR_NOMEM));
		return ISCSI_ERR_NOMEM;
	}
	o->value_word = text;
	return complete(o);
}

/* Reads up to the end into buf of size bytes: the length, or a negative errno. */
static ssize_t read_value(int fd, char *buf, size_t size)
{
	size_t len = 0;

	while (len < size) {
		ssize_t n = read(fd, buf + len, size - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			return (ssize_t)len;
		len += (size_t)n;
	}
	return -EFBIG;
}

/* Without the newline that editors and echo put behind it; why it is no value, or NULL. */
static const char *check_value(const char *buf, ssize_t *len)
{
	if (*len < 0)
		return strerror((int)-*len);
	if (*len > 0 && buf[*len - 1] == '\n')
		(*len)--;
	if (*len > 0 && buf[*len - 1] == '\r')
		(*len)--;
	if (*len == 0)
		return "there is nothing in it";
	if (memchr(buf, '\0', (size_t)*len) || memchr(buf, '\n', (size_t)*len))
		return "it has more than one line";
	return NULL;
}

int pairs_take_value_file(struct options *o, char *path)
{
	bool standard_input = strcmp(path, "-") == 0;
	_cleanup_close_ int file = -1;
	char buf[VALUE_FILE_MAX];
	const char *why;
	ssize_t len;

	if (o->value)
		return refuse_value();
	if (!standard_input)
		file = open(path, O_RDONLY | O_CLOEXEC);
	if (!standard_input && file < 0)
		len = -errno;
	else
		len = read_value(standard_input ? STDIN_FILENO : file, buf, sizeof(buf));
	why = check_value(buf, &len);
	if (!why) {
		o->value = strndup(buf, (size_t)len);
		why = o->value ? NULL : strerror(ENOMEM);
	}
	explicit_bzero(buf, sizeof(buf));
	if (!why)
		return complete(o);
	report("Could not read a value from %s: %s; nothing was done.",
	       standard_input ? "standard input" : path, why);
	return ISCSI_ERR_INVAL;
}

int pairs_check(const struct options *o)
{
	if ((!o->name && !o->value) || (o->ops & OP_UPDATE))
		return ISCSI_ERR_SUCCESS;
	if (!o->name)
		return refuse_value();
	report("option '-n %s' has no value (-v); nothing was done.", o->name);
	return ISCSI_ERR_INVAL;
}

void pairs_done(struct options *o)
{
	for (size_t i = 0; i < o->setting_count; i++) {
		wipe(o->settings[i].value);
		free(o->settings[i].value);
	}
	o->setting_count = 0;
	wipe(o->value);
	free(o->value);
	o->value = NULL;
}
