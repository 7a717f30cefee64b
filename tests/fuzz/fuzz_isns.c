/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an iSNS server may say to a query, to a registration and to taking that back: bytes as they
 * are, whole and in pieces, which must lead to the same; or, behind 0xff, the payload of one
 * answer, put into PDUs of one size and of another.
 */
#include <string.h>

#include "lib/base/macros.h"
#include "lib/proto/isns_query.h"
#include "tests/fuzz/fuzz.h"

enum { REPORT_MAX = 1 << 24 };

static void found(void *data, const char *target, const struct portal *portal)
{
	char text[PORTAL_TEXT_SIZE];
	const char *why;

	MUST(iscsi_name_valid(target, strlen(target), &why));
	MUST(host_valid(portal->host) && portal->port > 0);
	MUST(portal->tpgt >= 0 && portal->tpgt <= UINT16_MAX);
	writer_printf(data, "%s %s\n", target, portal_format(portal, text));
}

static void refused(void *data, const char *text)
{
	must_be_printable(text);
	writer_printf(data, "! %s\n", text);
}

/* Gives bytes in pieces; what was reported and how it ended goes into report. */
static void play(const uint8_t *bytes, size_t len, size_t piece, struct writer *report)
{
	const struct isns_query_config config = {
		.initiator_name = "iqn.2001-04.com.example:initiator",
		.sink = {found, refused, report},
	};
	struct isns_query *q = isns_query_new(&config);
	struct writer w = writer_make(REPORT_MAX);
	enum isns_verdict verdict;

	if (!q)
		return;
	verdict = isns_query_start(q, &w);
	for (size_t at = 0; at < len && (verdict == ISNS_SEND || verdict == ISNS_WAIT); at += piece)
		verdict = isns_query_step(q, bytes + at, MIN(piece, len - at), &w);
	MUST(verdict != ISNS_PROTOCOL_ERROR || isns_query_fault(q)[0]);
	MUST(verdict != ISNS_DONE || isns_query_complete(q));
	MUST(verdict != ISNS_REFUSED || isns_query_refusal(q).status != ISNS_STATUS_SUCCESS);
	must_be_printable(isns_query_fault(q));
	writer_printf(report, "%s %d %s\n", isns_query_fault(q), isns_query_complete(q),
	              isns_status_text(isns_query_refusal(q).status));
	isns_query_free(q);
	writer_done(&w);
}

/* One answer to the query, its payload in PDUs of at most size bytes. */
static void play_payload(const uint8_t *payload, size_t len, size_t size, struct writer *report)
{
	struct writer bytes = writer_make(REPORT_MAX);
	uint16_t sequence = 0;
	size_t at = 0;

	do {
		size_t n = MIN(size, len - at);
		unsigned int flags = ISNS_FLAG_SERVER;

		flags |= at == 0 ? ISNS_FLAG_FIRST : 0;
		flags |= at + n == len ? ISNS_FLAG_LAST : 0;
		writer_be16(&bytes, ISNS_VERSION);
		writer_be16(&bytes, ISNS_DEV_ATTR_QRY | ISNS_RESPONSE);
		writer_be16(&bytes, (uint16_t)n);
		writer_be16(&bytes, (uint16_t)flags);
		writer_be16(&bytes, 1);
		writer_be16(&bytes, sequence++);
		writer_bytes(&bytes, payload + at, n);
		at += n;
	} while (at < len);
	play(bytes.data, bytes.len, bytes.len, report);
	writer_done(&bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct writer whole = writer_make(REPORT_MAX), split = writer_make(REPORT_MAX);

	if (size < 2)
		return 0;
	if (data[0] == 0xff) {
		/* which fault an attribute beyond the end is depends on where PDUs end */
		play_payload(data + 2, size - 2, 4096, &whole);
		play_payload(data + 2, size - 2, (size_t)data[1] + 1, &split);
	} else {
		play(data + 1, size - 1, size, &whole);
		play(data + 1, size - 1, (size_t)data[0] + 1, &split);
		MUST(whole.len == split.len);
		MUST(whole.len == 0 || memcmp(whole.data, split.data, whole.len) == 0);
	}
	writer_done(&whole);
	writer_done(&split);
	return 0;
}
