/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsid/relogin.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "iscsid/claim.h"

struct relogin {
	struct loop_source *timer;
	struct broker_login login;
	bool pondering;
	struct peer_login asked; /* without secrets */
	struct relogin_config config;
	/* borrowed */
	struct broker *broker;
};

/* The last thing that is done with r. */
static void end(struct relogin *r, enum conn_outcome outcome, int error, const char *text)
{
	struct conn_result result = {.outcome = outcome, .error = error};

	snprintf(result.text, sizeof(result.text), "login to %s:%u failed: %s", r->config.at.host,
	         r->config.at.port, text);
	broker_cancel(r->broker, &r->login);
	r->config.ended(r->config.data, &result);
}

static void on_pdu(void *data, const struct peer_pdu *message)
{
	struct relogin *r = (struct relogin *)data;
	int error;

	r->pondering = false;
	error = r->config.send(r->config.data, message->bytes, peermsg_pdu_len(&message->head));
	if (error < 0)
		end(r, CONN_OUTCOME_CLOSED, -error,
		    "the kernel cannot send the request, the connection is gone");
}

static void on_done(void *data, const struct peer_done *message)
{
	struct relogin *r = (struct relogin *)data;
	struct conn_result result;
	const char *key = NULL;
	char text[128];

	if (message->outcome == PEER_OUTCOME_DONE)
		key = claim_fault(&r->asked, message);
	if (key) {
		snprintf(text, sizeof(text), "it ended with a %s that cannot follow from our offer",
		         key);
		end(r, CONN_OUTCOME_PROTOCOL, 0, text);
		return;
	}
	conn_result_of(message, &r->config.at, &result);
	r->config.ended(r->config.data, &result);
}

static void on_lost(void *data, const char *why)
{
	end((struct relogin *)data, CONN_OUTCOME_LOST, 0, why);
}

static void on_timer(void *data)
{
	end((struct relogin *)data, CONN_OUTCOME_SILENT, ETIMEDOUT,
	    "the target did not answer in time");
}

static const struct broker_listener listener = {
	.pdu = on_pdu,
	.done = on_done,
	.lost = on_lost,
};

int relogin_start(struct loop *loop, struct broker *broker, const struct relogin_config *config,
                  struct relogin **ret)
{
	struct relogin *r = (struct relogin *)calloc(1, sizeof(*r));
	struct peer_login login = *config->login;
	int error = -ENOMEM;

	if (r) {
		r->config = *config;
		r->config.login = NULL;
		r->broker = broker;
		broker_login_init(&r->login);
		error = loop_add_timer(loop, on_timer, r, &r->timer);
	}
	if (error == 0) {
		loop_timer_set(r->timer, config->timeout_usec);
		login.purpose = PEER_PURPOSE_RELOGIN;
		error = broker_send(broker, &r->login, &login, -1, &listener, r);
	}
	explicit_bzero(&login.auth, sizeof(login.auth));
	if (error < 0) {
		relogin_free(r);
		return error;
	}
	r->asked = login;
	*ret = r;
	return 0;
}

struct relogin *relogin_free(struct relogin *r)
{
	if (!r)
		return NULL;
	broker_cancel(r->broker, &r->login);
	loop_source_free(r->timer);
	free(r);
	return NULL;
}

void relogin_receive(struct relogin *r, const uint8_t *bytes, size_t len)
{
	int error = broker_send_pdu(r->broker, &r->login, bytes, len);

	if (error < 0)
		end(r, CONN_OUTCOME_PROTOCOL, -error, "its answer cannot be a login response");
	else
		r->pondering = true;
}

bool relogin_pondering(const struct relogin *r)
{
	return r->pondering;
}
