/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An answer to SendTargets, a sequence of PDUs, then the same text in one piece: with the ITT
 * mended both must report the same, wherever PDUs end.
 */
#include <string.h>

#include "lib/base/macros.h"
#include "lib/proto/sendtargets.h"
#include "tests/fuzz/fuzz.h"

enum { REPORT_MAX = 1 << 24 };

static void found(void *data, const char *target, const struct portal *portal)
{
	struct writer *report = data;
	char text[PORTAL_TEXT_SIZE];
	const char *why;

	MUST(iscsi_name_valid(target, strlen(target), &why));
	MUST(!portal || host_valid(portal->host));
	writer_printf(report, "%s %s\n", target, portal ? portal_format(portal, text) : "here");
}

static void refused(void *data, const char *text)
{
	struct writer *report = data;

	must_be_printable(text);
	writer_printf(report, "! %s\n", text);
}

static struct sendtargets *make(struct writer *report)
{
	const struct sendtargets_config config = {.cmd_sn = 1, .sink = {found, refused, report}};

	return sendtargets_new(&config);
}

/* Gives text in pieces of the given size, the last with the F bit. */
static void play(const uint8_t *text, size_t len, size_t piece, struct writer *report)
{
	struct writer w = writer_make(REPORT_MAX);
	struct sendtargets *st = make(report);
	enum sendtargets_verdict verdict;
	size_t at = 0;

	if (!st)
		return;
	verdict = sendtargets_start(st, &w);
	do {
		size_t n = MIN(piece, len - at);
		const struct pdu pdu = {
			.opcode = ISCSI_OP_TEXT_RSP,
			.flags = at + n == len ? ISCSI_FLAG_FINAL : ISCSI_TEXT_CONTINUE,
			.itt = 1,
			.ttt = at + n == len ? ISCSI_TAG_RESERVED : 2,
			.data = n ? text + at : NULL,
			.data_len = (uint32_t)n,
		};

		verdict = sendtargets_step(st, &pdu, &w);
		at += n;
	} while (verdict == SENDTARGETS_SEND && at < len);
	MUST(verdict == SENDTARGETS_SEND || sendtargets_fault(st)[0]);
	MUST(verdict != SENDTARGETS_SEND || sendtargets_complete(st));
	must_be_printable(sendtargets_fault(st));
	sendtargets_free(st);
	writer_done(&w);
}

/* PDUs as they are. */
static void play_raw(const uint8_t *data, size_t size)
{
	struct writer w = writer_make(REPORT_MAX), report = writer_make(REPORT_MAX);
	struct pdu_stream *s = pdu_stream_new(ISCSI_DEFAULT_MAX_RECV);
	struct sendtargets *st = make(&report);
	enum sendtargets_verdict verdict = SENDTARGETS_SEND;
	struct pdu pdu;

	if (st && s)
		verdict = sendtargets_start(st, &w);
	while (st && s && size > 0 &&
	       (verdict == SENDTARGETS_SEND || verdict == SENDTARGETS_WAIT)) {
		size_t want;
		void *buf;
		int r;

		if (pdu_stream_want(s, &buf, &want) < 0)
			break;
		want = MIN(want, size);
		memcpy(buf, data, want);
		data += want;
		size -= want;
		r = pdu_stream_got(s, want, &pdu);
		if (r < 0)
			break;
		if (r > 0)
			verdict = sendtargets_step(st, &pdu, &w);
		if (r > 0)
			must_be_printable(sendtargets_fault(st));
	}
	sendtargets_free(st);
	pdu_stream_free(s);
	writer_done(&report);
	writer_done(&w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct writer whole = writer_make(REPORT_MAX), split = writer_make(REPORT_MAX);

	if (size == 0)
		return 0;
	if (data[0] == 0xff) {
		play_raw(data + 1, size - 1);
		return 0;
	}
	play(data + 1, size - 1, size, &whole);
	play(data + 1, size - 1, (size_t)data[0] + 1, &split);
	MUST(whole.len == split.len);
	MUST(whole.len == 0 || memcmp(whole.data, split.data, whole.len) == 0);
	writer_done(&whole);
	writer_done(&split);
	return 0;
}
