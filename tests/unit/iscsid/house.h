/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The whole manager with a client at its socket, but with a kernel (nl.h) and a peer process
 * (peer_process.h) that are scripted: they take the place of the real ones when this program is
 * linked.  The portal is a real listening socket.
 */
#ifndef TEST_HOUSE_H
#define TEST_HOUSE_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "iscsid/manager.h"
#include "iscsid/session.h"
#include "lib/base/file.h"
#include "lib/ipc/channel.h"
#include "tests/unit/iscsid/fake_nl.h"
#include "tests/unit/iscsid/fake_peer.h"
#include "tests/unit/iscsid/reap.h"

/* Of a millisecond, at least: a child may write to a disk on which others write, too. */
enum { TURNS_MAX = 60000 };

struct house {
	struct loop *loop;
	struct manager manager;
	char folder[64], path[96], sysfs[96], database[96];
	int portal; /* listens */
	uint16_t port;
	char answer[IPC_MESSAGE_MAX + 1];
};

static inline void put(const char *folder, const char *name, const char *text)
{
	char path[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

/* What sysfs shows of the session that the kernel has made. */
static inline void show_session(const struct house *h, const char *target_state)
{
	char folder[192], link[192];

	snprintf(folder, sizeof(folder), "%s/devices/host%d/session%d/iscsi_session/session%d",
	         h->sysfs, HOST_NO, SID, SID);
	assert_int_equal(file_make_folders(AT_FDCWD, folder, 0700), 0);
	snprintf(link, sizeof(link), "%s/class/iscsi_session", h->sysfs);
	assert_int_equal(file_make_folders(AT_FDCWD, link, 0700), 0);
	snprintf(link, sizeof(link), "%s/class/iscsi_session/session%d", h->sysfs, SID);
	assert_int_equal(symlink(folder, link), 0);
	put(folder, "targetname", "iqn.2026-01.org.example:disk\n");
	put(folder, "state", "LOGGED_IN\n");
	put(folder, "target_state", target_state);
}

/* That session's disk sda, mounted at /srv or not. */
static inline void show_disk(struct house *h, bool mounted)
{
	static char proc[128];
	char path[256];

	snprintf(path, sizeof(path),
	         "%s/class/iscsi_session/session%d/device/target%d:0:0/%d:0:0:0/block/sda",
	         h->sysfs, SID, HOST_NO, HOST_NO);
	assert_int_equal(file_make_folders(AT_FDCWD, path, 0700), 0);
	snprintf(proc, sizeof(proc), "%s/proc", h->folder);
	snprintf(path, sizeof(path), "%s/self", proc);
	assert_int_equal(file_make_folders(AT_FDCWD, path, 0700), 0);
	put(path, "mountinfo",
	    mounted ? "1 0 259:1 / / rw - ext4 /dev/nvme0n1p1 rw\n"
	              "2 1 8:0 / /srv rw - ext4 /dev/sda rw\n"
	            : "1 0 259:1 / / rw - ext4 /dev/nvme0n1p1 rw\n");
	h->manager.proc = proc;
}

static inline int setup(void **state)
{
	struct house *h = (struct house *)calloc(1, sizeof(*h));
	struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t len = sizeof(any);
	struct manager_config config = {.config_path = "/etc/iscsi/iscsid.conf",
	                                .initiator_name = "iqn.2026-01.org.example:host",
	                                .initiator_alias = ""};
	const char *what;

	memset(&kernel, 0, sizeof(kernel));
	memset(&peer, 0, sizeof(peer));
	peer.answer = (struct peer_done){
		.outcome = PEER_OUTCOME_DONE,
		.cmd_sn = 17,
		.exp_stat_sn = 99,
		.tpgt = 1,
		.tsih = 3,
		.params = {.max_recv_data_segment_length = 262144,
	                   .max_xmit_data_segment_length = 8192,
	                   .max_burst_length = 65536,
	                   .first_burst_length = 8192,
	                   .max_outstanding_r2t = 1,
	                   .max_connections = 1,
	                   .default_time2wait = 2,
	                   .data_pdu_in_order = true,
	                   .data_sequence_in_order = true},
	};
	strcpy(h->folder, "/tmp/test-session.XXXXXX");
	if (!mkdtemp(h->folder))
		return -1;
	snprintf(h->path, sizeof(h->path), "%s/control", h->folder);
	snprintf(h->sysfs, sizeof(h->sysfs), "%s/sysfs", h->folder);
	h->portal = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(h->portal, (struct sockaddr *)&any, len) < 0 || listen(h->portal, 8) < 0 ||
	    getsockname(h->portal, (struct sockaddr *)&any, &len) < 0)
		return -1;
	h->port = ntohs(any.sin_port);
	peer.redirect_port = h->port;
	config.listener = ipc_listen(h->path);
	config.run_dir = h->folder;
	config.sysfs = h->sysfs;
	snprintf(h->database, sizeof(h->database), "%s/db", h->folder);
	config.database = h->database;
	if (loop_new(&h->loop) < 0 || manager_init(&h->manager, h->loop, &config, &what) < 0)
		return -1;
	*state = h;
	return 0;
}

static inline int remove_one(const char *path, const struct stat *st _unused_, int type _unused_,
                             struct FTW *ftw _unused_)
{
	return remove(path);
}

static inline int teardown(void **state)
{
	struct house *h = (struct house *)*state;
	int r;

	manager_done(&h->manager);
	reap_all(h->loop);
	loop_free(h->loop);
	close(h->portal);
	r = nftw(h->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	free(h);
	return r;
}

static inline void turn(struct house *h)
{
	assert_int_equal(loop_step(h->loop, USEC_PER_MSEC), 0);
}

static inline void wait_told(struct house *h, const char *word)
{
	for (int i = 0; i < TURNS_MAX && !strstr(kernel.told, word); i++)
		turn(h);
	assert_non_null(strstr(kernel.told, word));
}

static inline void wait_login(struct house *h)
{
	for (int i = 0; i < TURNS_MAX && peer.logins == 0; i++)
		turn(h);
	assert_int_equal(peer.logins, 1);
}

static inline int client(const struct house *h)
{
	int fd = ipc_connect(h->path);

	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	return fd;
}

static inline void ask(int fd, const char *verb, unsigned int id, const char *rest)
{
	char text[1024];
	int len = snprintf(text, sizeof(text), "proto=1\nverb=%s\nid=%u\n%s", verb, id, rest);

	assert_int_equal(ipc_send(fd, text, (size_t)len), 0);
}

static inline void ask_login(const struct house *h, int fd, unsigned int id, const char *more)
{
	char record[512];

	snprintf(record, sizeof(record),
	         "node.name=iqn.2026-01.org.example:disk\nnode.conn[0].address=127.0.0.1\n"
	         "node.conn[0].port=%u\nnode.session.scan=manual\n%s",
	         h->port, more);
	ask(fd, "login", id, record);
}

/* The error of the next answer, which is a done. */
static inline int done(struct house *h, int fd)
{
	for (int i = 0; i < TURNS_MAX; i++) {
		ssize_t n = ipc_recv(fd, h->answer, sizeof(h->answer));
		const char *error;

		if (n == -EAGAIN) {
			turn(h);
			continue;
		}
		assert_true(n > 0);
		h->answer[n] = 0;
		error = strstr(h->answer, "\nerror=");
		assert_non_null(error);
		return atoi(error + strlen("\nerror="));
	}
	fail_msg("no answer");
	return -1;
}

static inline void log_in(struct house *h, int fd)
{
	ask_login(h, fd, 1, "");
	assert_int_equal(done(h, fd), 0);
	kernel.told[0] = 0;
}

#endif
