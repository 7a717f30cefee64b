/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * targetctl: one request to a running iscsi-testtarget.  The verbs are the target's: "help" asks
 * it. Exit status: 0, 1 when it refused, 2 for a mistake in the command line, 3 when nobody
 * answers.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/base/kv.h"
#include "lib/base/macros.h"

enum {
	EXIT_REFUSED = 1,
	EXIT_USAGE = 2,
	EXIT_NOBODY = 3,
	MESSAGE_MAX = 65536,
};

static const char default_path[] = "/run/iscsi-testtarget";

static int usage(void)
{
	printf("targetctl [--control PATH] VERB [KEY=VALUE]...\n"
	       "\n"
	       "  --control PATH   the target's control socket (%s)\n"
	       "  targetctl help   asks the target for its verbs and their keys\n",
	       default_path);
	return EXIT_SUCCESS;
}

static int wrong(const char *word, const char *why)
{
	fprintf(stderr, "targetctl: %s%s%s; try --help\n", word, word[0] ? ": " : "", why);
	return EXIT_USAGE;
}

static int open_socket(const char *path)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	if ((size_t)snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", path) >=
	    sizeof(addr.sun_path))
		return -ENAMETOOLONG;
	if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0)
		return -errno;
	return take_fd(&fd);
}

struct state {
	bool in_item;
	bool done;
	bool ok;
};

/* An item is a line of its own: what it is, then its pairs. */
static void show(struct state *st, const struct kv *kv)
{
	if (kv_key_is(kv, "done")) {
		st->done = true;
		st->ok = kv_value_is(kv, "ok");
	} else if (kv_key_is(kv, "reason")) {
		fprintf(stderr, "targetctl: %.*s\n", (int)kv->value_len, kv->value);
	} else if (kv_key_is(kv, "item")) {
		printf("%s%.*s", st->in_item ? "\n" : "", (int)kv->value_len, kv->value);
		st->in_item = true;
	} else {
		printf(st->in_item ? " %.*s=%.*s" : "%.*s=%.*s\n", (int)kv->key_len, kv->key,
		       (int)kv->value_len, kv->value);
	}
}

static int receive(int fd, char *message)
{
	struct state st = {.done = false};

	while (!st.done) {
		ssize_t n = recv(fd, message, MESSAGE_MAX, 0);
		struct kv_reader r;
		struct kv kv;

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			fprintf(stderr, "targetctl: the target went away before it answered\n");
			return EXIT_NOBODY;
		}
		r = kv_reader_make(KV_NEWLINE, message, (size_t)n);
		while (kv_next(&r, &kv) > 0)
			show(&st, &kv);
	}
	if (st.in_item)
		putchar('\n');
	return st.ok ? EXIT_SUCCESS : EXIT_REFUSED;
}

static int build(struct writer *w, char **words)
{
	kv_put(w, KV_NEWLINE, "verb", *words);
	for (words++; *words; words++) {
		if (!strchr(*words, '=') || **words == '=' || strchr(*words, '\n')) {
			fprintf(stderr, "targetctl: expected KEY=VALUE, found %s\n", *words);
			return -EINVAL;
		}
		writer_str(w, *words);
		writer_u8(w, '\n');
	}
	if (writer_status(w) == 0)
		return 0;
	fprintf(stderr, "targetctl: the request is too long\n");
	return -EMSGSIZE;
}

int main(int argc, char **argv)
{
	static char message[MESSAGE_MAX];
	struct writer w = writer_make(sizeof(message));
	const char *path = default_path;
	_cleanup_close_ int fd = -1;
	char **words = argv + 1;
	int status;

	if (argc > 1 && strcmp(argv[1], "--help") == 0)
		return usage();
	if (argc > 1 && strcmp(argv[1], "--control") == 0) {
		path = argc > 2 ? argv[2] : "";
		if (path[0] == '\0')
			return wrong(argv[1], "expected the path of the target's control socket");
		words += 2;
	}
	if (*words && **words == '-')
		return wrong(*words, "no such option");
	if (!*words || !**words)
		return wrong("", "a verb is needed");
	if (build(&w, words) < 0)
		return EXIT_USAGE;
	fd = open_socket(path);
	if (fd < 0) {
		fprintf(stderr, "targetctl: cannot talk to the target at %s: %s\n", path,
		        strerror(-fd));
		return EXIT_NOBODY;
	}
	if (send(fd, w.data, w.len, MSG_NOSIGNAL) < 0) {
		fprintf(stderr, "targetctl: cannot send: %s\n", strerror(errno));
		return EXIT_NOBODY;
	}
	status = receive(fd, message);
	writer_done(&w);
	return status;
}
