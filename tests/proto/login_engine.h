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
