/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The login engine as the scripts of several tests drive it.
 */
#ifndef TESTS_PROTO_LOGIN_ENGINE_H
#define TESTS_PROTO_LOGIN_ENGINE_H

#include "lib/proto/login.h"
#include "tests/proto/script.h"

#define INITIATOR "iqn.1994-05.com.example:host"
#define TARGET    "iqn.2001-04.com.example:disk"

/* A normal session that offers what an initiator on Linux wants. */
struct login_config login_usual_config(void);

/* The same for discovery. */
struct login_config login_discovery_config(void);

/*
 * The usual one with credentials: user "host" with HOST_SECRET, MD5 alone, and a nonce of
 * identifier 42 and bytes a0 a1 a2 ...; mutual: the target is "disk" with DISK_SECRET.  The library
 * that hashes is borrowed.
 */
#define HOST_SECRET "aSecret4TheHost"
#define DISK_SECRET "tSecret4TheDisk"
struct login_config login_chap_config(struct digests *digests, bool mutual);

/* A login that was played. */
struct login_run {
	struct login *login; /* release with login_free() */
	enum login_verdict verdict;
	struct script_result script;
};

struct login_run login_play(const struct login_config *config, const struct step *steps,
                            const struct manner *manner);

/*
 * Play whole, byte by byte, and with every text split at every byte by the C bit; check is called
 * for each run.
 */
void login_play_all(const struct login_config *config, const struct step *steps,
                    void (*check)(const struct login_run *run, const void *expected),
                    const void *expected);

/* A member of what was negotiated and what it must be; a size of 0 ends a list of them. */
struct login_value {
	size_t offset, size;
	uint32_t value;
};

enum { LOGIN_VALUES_MAX = 3 };

#define IS(member, v)                                                                              \
	{                                                                                          \
		offsetof(struct iscsi_params, member),                                             \
			sizeof(((struct iscsi_params *)NULL)->member), (v)                         \
	}

/* Fails the test, by the name of its row, when one of at most LOGIN_VALUES_MAX is another. */
void login_has_values(const struct login_run *run, const char *name,
                      const struct login_value values[static LOGIN_VALUES_MAX]);

#endif
