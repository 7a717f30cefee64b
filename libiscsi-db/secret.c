/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Secrets that stand elsewhere: "@file:PATH" and "@creds:NAME" in the place of a password.
 *
 * No reader of records follows them; who logs in does, at that moment, and wipes what it got.
 */
#include "libiscsi-db/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/macros.h"
#include "lib/base/secret.h"
#include "libiscsi-db/schema.h"

#define FILE_PREFIX  "@file:"
#define CREDS_PREFIX "@creds:"

static const char *behind(const char *value, const char *prefix)
{
	size_t len = strlen(prefix);

	return strncmp(value, prefix, len) == 0 ? value + len : NULL;
}

/* systemd.exec(5): a credential's name is a file name. */
static bool credential_valid(const char *name)
{
	return name[0] && !strchr(name, '/') && strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

bool secret_valid(const char *value)
{
	const char *path = behind(value, FILE_PREFIX), *name = behind(value, CREDS_PREFIX);

	return (!path || path[0] == '/') && (!name || credential_valid(name));
}

/* A file with a secret is its owner's alone, and the owner is us or root. */
static int check_file(int fd, const char *path, iscsi_db_problem problem, void *data)
{
	struct stat st;
	const char *why = NULL;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		why = "is no regular file";
	else if (st.st_uid != 0 && st.st_uid != geteuid())
		why = "belongs to another user";
	else if (st.st_mode & (S_IRWXG | S_IRWXO))
		why = "is not for its owner alone (chmod 600)";
	if (!why)
		return 0;
	schema_tell(problem, data, 0, "the secret is not taken: %s %s", path, why);
	return -EPERM;
}

/* The text without the newline that editors put at its end. */
static int read_secret(int fd, char dst[static SECRET_MAX + 1])
{
	char text[SECRET_MAX + 3];
	size_t len = 0;
	ssize_t n;
	int r = 0;

	while ((n = read(fd, text + len, sizeof(text) - len)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			r = -errno;
			break;
		}
		len += (size_t)n;
		if (len == sizeof(text))
			break;
	}
	if (len > 0 && text[len - 1] == '\n')
		len--;
	if (r == 0 && (len == 0 || len > SECRET_MAX))
		r = -ERANGE;
	for (size_t i = 0; i < len && r == 0; i++)
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
			r = -EINVAL;
	if (r == 0) {
		memcpy(dst, text, len);
		dst[len] = '\0';
	}
	explicit_bzero(text, sizeof(text));
	return r;
}

static int take_from(const char *path, bool checked, iscsi_db_problem problem, void *data,
                     char **ret)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	char text[SECRET_MAX + 1];
	int r;

	if (fd < 0) {
		r = -errno;
		schema_tell(problem, data, 0, "the secret in %s cannot be read: %s", path,
		            strerror(-r));
		return r;
	}
	r = checked ? check_file(fd, path, problem, data) : 0;
	if (r < 0)
		return r;
	r = read_secret(fd, text);
	if (r == -ERANGE || r == -EINVAL)
		schema_tell(problem, data, 0,
		            "what is in %s is no secret: it must be one line of 1 to %d bytes",
		            path, SECRET_MAX);
	if (r < 0)
		return r;
	*ret = strdup(text);
	explicit_bzero(text, sizeof(text));
	return *ret ? 0 : -ENOMEM;
}

int iscsi_db_secret_resolve(const char *value, iscsi_db_problem problem, void *data, char **ret)
{
	const char *path = behind(value, FILE_PREFIX), *name = behind(value, CREDS_PREFIX);
	const char *folder = getenv("CREDENTIALS_DIRECTORY");
	_cleanup_free_ char *credential = NULL;

	if (!secret_valid(value))
		return -EINVAL;
	if (path)
		return take_from(path, true, problem, data, ret);
	if (name && !folder) {
		schema_tell(
			problem, data, 0,
			"the credential %s was not passed on: the service needs LoadCredential=%s",
			name, name);
		return -ENOENT;
	}
	if (name) {
		if (asprintf(&credential, "%s/%s", folder, name) < 0) {
			credential = NULL;
			return -ENOMEM;
		}
		/* who may read it is the service manager's to see to */
		return take_from(credential, false, problem, data, ret);
	}
	*ret = strdup(value);
	return *ret ? 0 : -ENOMEM;
}

char *iscsi_db_secret_free(char *secret)
{
	if (secret)
		explicit_bzero(secret, strlen(secret));
	free(secret);
	return NULL;
}
