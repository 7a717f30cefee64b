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

#endif
