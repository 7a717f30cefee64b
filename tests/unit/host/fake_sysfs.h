/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A sysfs in a temporary folder, laid out as the kernel does it: real folders below devices/, links
 * to them below class/.  The texts of a session were read from a 6.1 kernel with iscsi_tcp.
 */
#ifndef TESTS_FAKE_SYSFS_H
#define TESTS_FAKE_SYSFS_H

#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "lib/base/file.h"
#include "lib/base/macros.h"

/* The folder of the running test. */
static char root[64];

static inline void make_folder(const char *path)
{
	char full[PATH_MAX];

	snprintf(full, sizeof(full), "%s/%s", root, path);
	assert_int_equal(file_make_folders(AT_FDCWD, full, 0755), 0);
}

/* folder/name with a text as the kernel writes it, newline included. */
static inline void put(const char *folder, const char *name, const char *text)
{
	char full[PATH_MAX];
	FILE *f;

	make_folder(folder);
	snprintf(full, sizeof(full), "%s/%s/%s", root, folder, name);
	f = fopen(full, "we");
	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

static inline void drop(const char *folder, const char *name)
{
	char full[PATH_MAX];

	snprintf(full, sizeof(full), "%s/%s/%s", root, folder, name);
	assert_int_equal(unlink(full), 0);
}

/* class/CLASS/NAME -> ../../FOLDER */
static inline void put_link(const char *class, const char *name, const char *folder)
{
	char full[PATH_MAX], target[PATH_MAX], parent[64];

	snprintf(parent, sizeof(parent), "class/%s", class);
	make_folder(parent);
	snprintf(full, sizeof(full), "%s/class/%s/%s", root, class, name);
	snprintf(target, sizeof(target), "../../%s", folder);
	assert_int_equal(symlink(target, full), 0);
}

static inline void put_transport(const char *name)
{
	char folder[128];

	snprintf(folder, sizeof(folder), "devices/virtual/iscsi_transport/%s", name);
	make_folder(folder);
	put_link("iscsi_transport", name, folder);
}

static const char *const session_texts[][2] = {
	{"targetname", "iqn.2026-01.example:t\n"},
	{"initiatorname", "iqn.1993-08.org.debian:01:test\n"},
	{"ifacename", "default\n"},
	{"username", "(null)\n"},
	{"password", "(null)\n"},
	{"username_in", "<NULL>\n"},
	{"password_in", "\n"},
	{"tpgt", "1\n"},
	{"initial_r2t", "1\n"},
	{"immediate_data", "0\n"},
	{"first_burst_len", "65536\n"},
	{"max_burst_len", "262144\n"},
	{"max_outstanding_r2t", "1\n"},
	{"abort_tmo", "15\n"},
	{"lu_reset_tmo", "30\n"},
	{"tgt_reset_tmo", "31\n"},
	{"recovery_tmo", "off\n"},
	{"state", "LOGGED_IN\n"},
	{"target_state", "SCANNED\n"},
	{"creator", "-1862271232\n"},
};

static const char *const connection_texts[][2] = {
	{"header_digest", "0\n"},
	{"data_digest", "1\n"},
	{"max_recv_dlength", "262144\n"},
	{"max_xmit_dlength", "8192\n"},
	{"exp_statsn", "3809255700\n"},
	{"persistent_address", "127.0.0.1\n"},
	{"persistent_port", "3260\n"},
	{"address", "127.0.0.1\n"},
	{"port", "3261\n"},
	{"state", "up\n"},
};

/* The folder of a session's class device, below the root. */
static inline const char *session_folder(int host, int sid)
{
	static char folder[256];

	snprintf(folder, sizeof(folder),
	         "devices/platform/host%d/session%d/iscsi_session/session%d", host, sid, sid);
	return folder;
}

static inline const char *connection_folder(int host, int sid)
{
	static char folder[256];

	snprintf(folder, sizeof(folder),
	         "devices/platform/host%d/session%d/connection%d:0/iscsi_connection/connection%d:0",
	         host, sid, sid, sid);
	return folder;
}

static inline void put_host(int host, const char *proc_name)
{
	char folder[256], name[32];

	snprintf(name, sizeof(name), "host%d", host);
	snprintf(folder, sizeof(folder), "devices/platform/host%d/iscsi_host/host%d", host, host);
	put(folder, "ipaddress", "192.0.2.9\n");
	put(folder, "netdev", "eth1\n");
	put(folder, "hwaddress", "(null)\n");
	put_link("iscsi_host", name, folder);
	snprintf(folder, sizeof(folder), "devices/platform/host%d/scsi_host/host%d", host, host);
	put(folder, "state", "running\n");
	put(folder, "proc_name", proc_name);
	put_link("scsi_host", name, folder);
}

static inline void put_session(int host, int sid)
{
	char name[32], link[PATH_MAX], target[64];

	for (size_t i = 0; i < ARRAY_LEN(session_texts); i++)
		put(session_folder(host, sid), session_texts[i][0], session_texts[i][1]);
	for (size_t i = 0; i < ARRAY_LEN(connection_texts); i++)
		put(connection_folder(host, sid), connection_texts[i][0], connection_texts[i][1]);
	snprintf(name, sizeof(name), "session%d", sid);
	put_link("iscsi_session", name, session_folder(host, sid));
	snprintf(name, sizeof(name), "connection%d:0", sid);
	put_link("iscsi_connection", name, connection_folder(host, sid));
	snprintf(link, sizeof(link), "%s/%s/device", root, session_folder(host, sid));
	snprintf(target, sizeof(target), "../../../session%d", sid);
	assert_int_equal(symlink(target, link), 0);
}

static inline void put_lun(int host, int sid, const char *address, const char *state,
                           const char *disk)
{
	char folder[512];

	snprintf(folder, sizeof(folder), "devices/platform/host%d/session%d/target%d:0:0/%s", host,
	         sid, host, address);
	put(folder, "state", state);
	if (disk) {
		size_t len = strlen(folder);

		snprintf(folder + len, sizeof(folder) - len, "/block/%s", disk);
		make_folder(folder);
	}
}

static inline int setup(void **state _unused_)
{
	strcpy(root, "/tmp/test-sysfs.XXXXXX");
	return mkdtemp(root) ? 0 : -1;
}

static inline int remove_one(const char *path, const struct stat *st _unused_, int type _unused_,
                             struct FTW *ftw _unused_)
{
	return remove(path);
}

static inline int teardown(void **state _unused_)
{
	return nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

#endif
