/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A scripted peer process in the place of peer_process.c, for one test program: it answers each
 * login as the test says.
 */
#ifndef TEST_FAKE_PEER_H
#define TEST_FAKE_PEER_H

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#include "iscsid/peer_process.h"
#include "lib/base/macros.h"

static struct {
	struct peer_config config;
	struct peer_done answer; /* to every login */
	struct peer_login login; /* the last one */
	unsigned int logins;
	uint64_t asked;   /* the login without a socket whose request was given */
	uint8_t answered; /* opcode of the last PDU that was brought to a login without a socket */
	bool silent;      /* takes logins and says nothing */
	bool deaf;        /* does not even read them */
	unsigned int given_up;
	unsigned int redirects;       /* answers that send the login to the same portal again ... */
	const char *redirect_address; /* ... or to another address of the host */
	uint16_t redirect_port;
	uint8_t redirect_detail;   /* RFC 7143 section 11.13.5; 2: permanently */
	bool dying;                /* ends instead of the next answer */
	struct peer_notice notice; /* what the next PDU that is to be read says */
	uint8_t read;              /* opcode of the last one that was to be read */
	int pair[2];
} peer;

struct peer *peer_new(const struct peer_config *config)
{
	peer.config = *config;
	return pipe2(peer.pair, O_NONBLOCK | O_CLOEXEC) < 0 ? NULL : (struct peer *)&peer;
}

struct peer *peer_free(struct peer *p _unused_)
{
	close(peer.pair[0]);
	close(peer.pair[1]);
	return NULL;
}

int peer_start(struct peer *p _unused_)
{
	return 0;
}

bool peer_running(const struct peer *p _unused_)
{
	return true;
}

bool peer_listens(struct peer *p _unused_)
{
	return !peer.deaf;
}

void peer_give_up(struct peer *p _unused_, const char *why)
{
	peer.given_up++;
	peer.deaf = peer.silent = false;
	peer.config.callbacks.died(peer.config.data, why);
}

int peer_fd(const struct peer *p _unused_)
{
	return peer.pair[0];
}

void peer_handle(struct peer *p _unused_)
{
	char byte;

	while (read(peer.pair[0], &byte, 1) == 1) {
		if (peer.dying) {
			peer.dying = false;
			peer.config.callbacks.died(peer.config.data, "killed by signal 9");
			return;
		}
		if (byte == 'n') {
			peer.config.callbacks.notice(peer.config.data, &peer.notice);
			continue;
		}
		if (peer.login.purpose == PEER_PURPOSE_RELOGIN &&
		    peer.asked != peer.login.head.id) {
			struct peer_pdu request = {
				.head = {.verb = PEER_PDU,
			                 .size = sizeof(request.head) + ISCSI_BHS_LEN,
			                 .id = peer.login.head.id},
				.bytes = {0x43},
			};

			peer.asked = peer.login.head.id;
			peer.config.callbacks.pdu(peer.config.data, &request);
			continue;
		}
		peer.answer.head.id = peer.login.head.id;
		if (peer.redirects > 0) {
			struct peer_done redirect = peer.answer;

			peer.redirects--;
			redirect.outcome = PEER_OUTCOME_REDIRECTED;
			snprintf(redirect.address, sizeof(redirect.address), "%s",
			         peer.redirect_address ? peer.redirect_address : "127.0.0.1");
			redirect.port = peer.redirect_port;
			redirect.status_class = 1;
			redirect.status_detail = peer.redirect_detail;
			peer.config.callbacks.done(peer.config.data, &redirect);
			continue;
		}
		peer.config.callbacks.done(peer.config.data, &peer.answer);
	}
}

int peer_send_login(struct peer *p _unused_, const struct peer_login *login, int fd _unused_)
{
	peer.login = *login;
	peer.logins++;
	return peer.silent || write(peer.pair[1], "", 1) == 1 ? 0 : -errno;
}

int peer_send_pdu(struct peer *p _unused_, uint64_t id, const uint8_t *bytes, size_t len)
{
	/* the answer to the login that was sent last, as it came */
	if (id != peer.login.head.id || len < 1)
		return -EBADMSG;
	peer.answered = bytes[0];
	return write(peer.pair[1], "", 1) == 1 ? 0 : -errno;
}

int peer_send_read(struct peer *p _unused_, uint64_t id, const uint8_t *bytes, size_t len _unused_)
{
	peer.notice.head.id = id;
	peer.read = bytes[0];
	return write(peer.pair[1], "n", 1) == 1 ? 0 : -errno;
}

int peer_send_cancel(struct peer *p _unused_, uint64_t id _unused_)
{
	return 0;
}

#endif
