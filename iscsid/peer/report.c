/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsid/peer/report.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "iscsid/peer/jail.h"

static void send_message(struct report *r, const void *data, size_t len)
{
	struct iovec part = {.iov_base = (void *)(uintptr_t)data, .iov_len = len};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
	ssize_t n;

	if (r->status < 0)
		return;
	do
		n = sendmsg(r->control, &message, JAIL_SEND_WAIT_FLAGS);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		r->status = -errno;
}

void report_flush(struct report *r)
{
	struct peer_head *head = &r->waiting.head;

	if (head->size == 0)
		return;
	send_message(r, &r->waiting, head->size);
	head->size = 0;
}

/* What is told now must not overtake a target. */
static void send_behind(struct report *r, const void *data, size_t len)
{
	report_flush(r);
	send_message(r, data, len);
}

static void keep_target(struct report *r, const struct peer_target *target)
{
	struct peer_head *head = &r->waiting.head;

	if (head->size > 0 && head->id != target->head.id)
		report_flush(r);
	if (head->size == 0)
		*head = (struct peer_head){
			.verb = PEER_TARGETS, .size = sizeof(*head), .id = target->head.id};
	r->waiting.targets[peermsg_targets(head)] = *target;
	head->size += (uint32_t)sizeof(*target);
	if (head->size == sizeof(r->waiting))
		report_flush(r);
}

/* Whether c may be shown; of bytes beyond ASCII an alias may have any (UTF-8). */
static bool showable(char c, bool ascii)
{
	unsigned char u = (unsigned char)c;

	return u >= ' ' && u != 0x7f && (!ascii || u < 0x7f);
}

static void tidy(char *text, size_t size, bool ascii)
{
	text[size - 1] = '\0';
	for (char *c = text; *c; c++)
		if (!showable(*c, ascii))
			*c = '?';
}

void report_refused_target(struct report *r, uint64_t id, const char *text)
{
	struct peer_refused_target message = {
		.head = {.verb = PEER_REFUSED_TARGET, .size = sizeof(message), .id = id},
	};

	snprintf(message.text, sizeof(message.text), "%s", text);
	tidy(message.text, sizeof(message.text), true);
	send_behind(r, &message, sizeof(message));
}

void report_target(struct report *r, uint64_t id, const char *target, const struct portal *portal)
{
	struct peer_target message = {
		.head = {.verb = PEER_TARGET, .size = sizeof(message), .id = id},
		.tpgt = PORTAL_TPGT_UNKNOWN,
	};

	snprintf(message.target_name, sizeof(message.target_name), "%s", target);
	if (portal) {
		snprintf(message.address, sizeof(message.address), "%s", portal->host);
		message.port = portal->port;
		message.tpgt = portal->tpgt;
	}
	if (peermsg_check(&message, sizeof(message), true) < 0)
		report_refused_target(r, id, target);
	else
		keep_target(r, &message);
}

void report_complete(struct report *r, uint64_t id)
{
	struct peer_complete message = {
		.head = {.verb = PEER_COMPLETE, .size = sizeof(message), .id = id},
	};

	send_behind(r, &message, sizeof(message));
}

void report_pdu(struct report *r, uint64_t id, const uint8_t *bytes, size_t len)
{
	struct peer_pdu message;

	message.head = (struct peer_head){
		.verb = PEER_PDU, .size = (uint32_t)(sizeof(message.head) + len), .id = id};
	memcpy(message.bytes, bytes, len);
	send_behind(r, &message, message.head.size);
}

void report_done(struct report *r, uint64_t id, const struct peer_done *done)
{
	struct peer_done message = *done;

	message.head = (struct peer_head){.verb = PEER_DONE, .size = sizeof(message), .id = id};
	tidy(message.text, sizeof(message.text), true);
	tidy(message.target_alias, sizeof(message.target_alias), false);
	if (peermsg_check(&message, sizeof(message), true) < 0) {
		message = (struct peer_done){
			.head = message.head,
			.outcome = PEER_OUTCOME_PROTOCOL,
			.tpgt = PORTAL_TPGT_UNKNOWN,
			.text = "the target's answers leave values that are out of bounds",
		};
	}
	send_behind(r, &message, sizeof(message));
}

void report_notice(struct report *r, uint64_t id, const struct peer_notice *n)
{
	struct peer_notice message = *n;

	message.head = (struct peer_head){.verb = PEER_NOTICE, .size = sizeof(message), .id = id};
	send_behind(r, &message, sizeof(message));
}

void report_failed(struct report *r, const char *text, int error)
{
	struct peer_failed message = {
		.head = {.verb = PEER_FAILED, .size = sizeof(message)},
		.error = error,
	};

	snprintf(message.text, sizeof(message.text), "%s", text);
	send_behind(r, &message, sizeof(message));
}
