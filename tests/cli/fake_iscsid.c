/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fake_iscsid SOCKET SCRIPT: a daemon that follows a script and fails when the client does not.
 * It writes "ready" to stdout once it listens.  The script's lines, '#' starting a comment:
 *
 *	request		wait for the next request (taking a new connection when there is none)
 *	answer N	answer request N (from 1) with the lines that follow
 *	close		close the connection
 *	tell FIFO	open and close it, so that who reads it knows how far this is
 *	gone		wait until the client has closed it
 *
 * Below request, KEY=VALUE must be a pair of the message and !KEY must not be a key of it; below
 * answer the lines are the pairs.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/macros.h"
#include "lib/ipc/channel.h"
#include "lib/ipc/message.h"

enum { PATIENCE_MSEC = 10000, REQUESTS_MAX = 64, LINE_SIZE = 4096 };

struct fake {
	int listener;
	int client; /* -1: nobody is connected */
	uint32_t ids[REQUESTS_MAX];
	unsigned int requests;
	unsigned int line; /* of the script */
	char request[IPC_MESSAGE_MAX + 1];
	struct ipc_message last;
	struct writer answer; /* being put together */
	bool answering;
};

static void fail(const struct fake *f, const char *why, const char *what)
{
	fprintf(stderr, "fake_iscsid: line %u: %s%s%s\n", f->line, why, what ? ": " : "",
	        what ? what : "");
	exit(EXIT_FAILURE);
}

static void wait_readable(const struct fake *f, int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	if (poll(&p, 1, PATIENCE_MSEC) <= 0)
		fail(f, "the client does not come", NULL);
}

static void flush_answer(struct fake *f)
{
	if (!f->answering)
		return;
	f->answering = false;
	if (writer_status(&f->answer) < 0)
		fail(f, "bad answer", NULL);
	if (ipc_send(f->client, f->answer.data, f->answer.len) < 0)
		fail(f, "cannot send", NULL);
	writer_done(&f->answer);
}

static void take_request(struct fake *f)
{
	ssize_t len = 0;

	while (len == 0) {
		if (f->client < 0) {
			uid_t uid;

			wait_readable(f, f->listener);
			f->client = ipc_accept(f->listener, &uid);
			if (f->client < 0)
				fail(f, "accept", strerror(-f->client));
		}
		wait_readable(f, f->client);
		len = ipc_recv(f->client, f->request, sizeof(f->request));
		if (len == 0) {
			close(f->client);
			f->client = -1;
		}
	}
	if (len < 0 || ipc_message_parse(f->request, (size_t)len, &f->last) < 0)
		fail(f, "what came is no message", NULL);
	if (f->requests == REQUESTS_MAX)
		fail(f, "too many requests", NULL);
	f->ids[f->requests++] = f->last.id;
}

static void check_request(const struct fake *f, const char *text)
{
	bool absent = text[0] == '!';
	const char *eq = strchr(text, '=');
	char key[LINE_SIZE];
	struct kv kv;
	int found;

	snprintf(key, sizeof(key), "%.*s", absent || !eq ? LINE_SIZE - 1 : (int)(eq - text),
	         text + absent);
	found = ipc_message_get(&f->last, key, &kv);
	if (absent) {
		if (found == 1)
			fail(f, "the request has the key", key);
		return;
	}
	if (!eq)
		fail(f, "neither a command nor a pair", text);
	if (found != 1)
		fail(f, "the request lacks the key", key);
	if (!kv_value_is(&kv, eq + 1))
		fail(f, "the request has another value than", text);
}

static void begin_answer(struct fake *f, const char *number)
{
	unsigned long n = strtoul(number, NULL, 10);

	if (n < 1 || n > f->requests)
		fail(f, "no such request", number);
	f->answer = writer_make(IPC_MESSAGE_MAX);
	kv_putf(&f->answer, KV_NEWLINE, "proto", "%d", IPC_PROTO);
	kv_putf(&f->answer, KV_NEWLINE, "id", "%u", f->ids[n - 1]);
	f->answering = true;
}

static void wait_gone(struct fake *f)
{
	wait_readable(f, f->client);
	if (ipc_recv(f->client, f->request, sizeof(f->request)) > 0)
		fail(f, "another request", NULL);
	close(f->client);
	f->client = -1;
}

static void tell(const struct fake *f, const char *path)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		fail(f, "cannot tell", path);
	close(fd);
}

static void follow(struct fake *f, char *text)
{
	if (strcmp(text, "request") == 0) {
		flush_answer(f);
		take_request(f);
	} else if (strncmp(text, "answer ", 7) == 0) {
		flush_answer(f);
		begin_answer(f, text + 7);
	} else if (strcmp(text, "close") == 0) {
		flush_answer(f);
		close(f->client);
		f->client = -1;
	} else if (strcmp(text, "gone") == 0) {
		flush_answer(f);
		wait_gone(f);
	} else if (strncmp(text, "tell ", 5) == 0) {
		flush_answer(f);
		tell(f, text + 5);
	} else if (f->answering) {
		writer_printf(&f->answer, "%s\n", text);
	} else {
		check_request(f, text);
	}
}

int main(int argc, char **argv)
{
	struct fake f = {.client = -1};
	_cleanup_fclose_ FILE *script = NULL;
	char text[LINE_SIZE];

	if (argc != 3)
		fail(&f, "usage: fake_iscsid SOCKET SCRIPT", NULL);
	script = fopen(argv[2], "re");
	if (!script)
		fail(&f, "cannot read the script", argv[2]);
	f.listener = ipc_listen(argv[1]);
	if (f.listener < 0)
		fail(&f, "cannot listen", strerror(-f.listener));
	puts("ready");
	fclose(stdout);
	while (fgets(text, sizeof(text), script)) {
		f.line++;
		text[strcspn(text, "\n")] = '\0';
		if (text[0] != '\0' && text[0] != '#')
			follow(&f, text);
	}
	flush_answer(&f);
	close(f.listener);
	return EXIT_SUCCESS;
}
