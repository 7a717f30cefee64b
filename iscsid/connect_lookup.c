/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names to addresses, and sockets in another network namespace: all in a child, since a resolver
 * may take its time and the manager must not change its namespace.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>

#include "iscsid/connect.h"
#include "lib/base/macros.h"

/* Where ip-netns(8) keeps namespaces by name, and what it puts in place for them. */
#define NETNS_FOLDER "/run/netns"
#define NETNS_CONF   "/etc/netns"
#define RESOLV_CONF  "/etc/resolv.conf"

/* The text of what went wrong, and the number that stands for it. */
static int say(int out, int result, const char *text)
{
	return write(out, text, strlen(text)) < 0 ? -errno : result;
}

/* The resolver's configuration of a namespace by name, as ip-netns(8) has it. */
static void use_resolv_conf(const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), NETNS_CONF "/%s/resolv.conf", name);
	if (access(path, R_OK) < 0 || unshare(CLONE_NEWNS) < 0 ||
	    mount("", "/", "none", MS_SLAVE | MS_REC, NULL) < 0)
		return;
	mount(path, RESOLV_CONF, "none", MS_BIND, NULL);
}

static int enter_namespace(const char *netns, int out)
{
	_cleanup_close_ int fd = -1;
	char path[PATH_MAX], text[PATH_MAX + 128];
	const bool by_name = netns[0] != '/';

	if (by_name && (strchr(netns, '/') || strcmp(netns, "..") == 0))
		return say(out, -ENODEV,
		           "iface.netns is neither the name nor the path of a namespace");
	snprintf(path, sizeof(path), "%s%s", by_name ? NETNS_FOLDER "/" : "", netns);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET) < 0) {
		snprintf(text, sizeof(text), "no network namespace %s (iface.netns): %s", path,
		         strerror(errno));
		return say(out, -ENODEV, text);
	}
	if (by_name)
		use_resolv_conf(netns);
	return 0;
}

/* Say an address, and in a namespace hand over its socket.  0, or why it cannot be used. */
static int offer(struct connect_address *a, const struct connect_path *path, int out,
                 char fault[static CONNECT_FAULT_SIZE])
{
	_cleanup_close_ int fd = -1;
	int r = 0;

	if (path->netns[0])
		r = connect_socket(a, path, &fd, fault);
	if (r == 0 && write(out, a, sizeof(*a)) < 0)
		r = -errno;
	if (r == 0 && fd >= 0)
		r = child_give(out, fd);
	return r;
}

static int offer_literal(const struct connect_lookup_job *job, struct connect_address *a, int out)
{
	char fault[CONNECT_FAULT_SIZE] = "";
	int r = offer(a, job->path, out, fault);

	return r < 0 && fault[0] ? say(out, -ENODEV, fault) : r;
}

static int offer_all(const struct connect_lookup_job *job, const struct addrinfo *list, int out)
{
	char fault[CONNECT_FAULT_SIZE] = "";
	unsigned int count = 0;
	int error = -EHOSTUNREACH;

	for (const struct addrinfo *i = list; i && count < CONNECT_ADDRESSES_MAX; i = i->ai_next) {
		struct connect_address a = {.len = i->ai_addrlen};
		int r = -EAFNOSUPPORT;

		if (i->ai_addrlen <= sizeof(a.addr)) {
			memcpy(&a.addr, i->ai_addr, i->ai_addrlen);
			r = offer(&a, job->path, out, fault);
		}
		if (r == 0)
			count++;
		else
			error = r;
	}
	if (count > 0)
		return 0;
	return fault[0] ? say(out, -ENODEV, fault) : say(out, -EHOSTUNREACH, strerror(-error));
}

/* Runs in the child: structs connect_address, or the text of what went wrong. */
static int lookup_run(const void *arg, int out)
{
	const struct connect_lookup_job *job = (const struct connect_lookup_job *)arg;
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
	struct addrinfo *list = NULL;
	struct connect_address literal = {0};
	char port[8];
	int r;

	if (job->path->netns[0]) {
		r = enter_namespace(job->path->netns, out);
		if (r < 0)
			return r;
	}
	r = addr_from_literal(job->host, job->port, &literal.addr, &literal.len);
	if (r == 0)
		return offer_literal(job, &literal, out);
	if (r == -ENODEV)
		return say(out, -ENODEV, "there is no network device of the address's zone");
	snprintf(port, sizeof(port), "%u", job->port);
	r = getaddrinfo(job->host, port, &hints, &list);
	if (r != 0)
		return say(out, -EHOSTUNREACH, r == EAI_SYSTEM ? strerror(errno) : gai_strerror(r));
	r = offer_all(job, list, out);
	freeaddrinfo(list);
	return r;
}

int connect_lookup(struct loop *loop, const struct connect_lookup_job *job, struct child **ret)
{
	const struct child_job child = {
		.run = lookup_run,
		.arg = job,
		.deadline_usec = job->deadline_usec,
		.done = job->done,
		.descriptor = job->descriptor,
		.data = job->data,
	};

	return child_start(loop, &child, ret);
}

size_t connect_lookup_output(const void *output, size_t len,
                             struct connect_address ret[static CONNECT_ADDRESSES_MAX])
{
	size_t n = MIN(len / sizeof(*ret), (size_t)CONNECT_ADDRESSES_MAX);

	if (n)
		memcpy(ret, output, n * sizeof(*ret));
	return n;
}
