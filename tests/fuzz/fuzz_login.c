/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A target's side of a login, a sequence of PDUs.  The first byte chooses the kind of login, and
 * whether ITT, ISID and StatSN are mended so that a fuzzer gets beyond the first checks.
 */
#include <string.h>

#include "lib/base/macros.h"
#include "lib/proto/login.h"
#include "tests/fuzz/fuzz.h"

enum { OUT_MAX = 1 << 20 };

static const struct login_config config = {
	.isid = {0x00, 0x02, 0x3d, 1, 2, 3},
	.itt = 1,
	.cmd_sn = 1,
	.initiator_name = "iqn.1994-05.com.example:host",
	.target_name = "iqn.2001-04.com.example:disk",
	.offer = {.max_recv_data_segment_length = 262144,
                  .max_burst_length = 16776192,
                  .first_burst_length = 262144,
                  .max_outstanding_r2t = 1,
                  .max_connections = 1,
                  .default_time2wait = 2,
                  .header_digest = {{ISCSI_DIGEST_CRC32C, ISCSI_DIGEST_NONE}},
                  .data_digest = {{ISCSI_DIGEST_NONE}},
                  .immediate_data = true,
                  .data_pdu_in_order = true,
                  .data_sequence_in_order = true},
};

/* The engine's own requests are login requests with no more than a target must take. */
static void check_request(const struct writer *w)
{
	struct pdu pdu;

	MUST(w->len >= ISCSI_BHS_LEN);
	MUST(pdu_decode(w->data, &pdu) == 0);
	MUST(pdu.opcode == ISCSI_OP_LOGIN_REQ && pdu.immediate);
	MUST(pdu.data_len <= ISCSI_DEFAULT_MAX_RECV);
	MUST(w->len == ISCSI_BHS_LEN + pdu.data_len + pdu_padding(pdu.data_len));
	MUST(!(pdu.flags & ISCSI_LOGIN_TRANSIT) || !(pdu.flags & ISCSI_LOGIN_CONTINUE));
}

static void check_end(const struct login *l, enum login_verdict verdict)
{
	const struct login_result *res = login_result(l);

	must_be_printable(res->fault);
	must_be_printable(res->target_alias);
	MUST((verdict == LOGIN_DONE) == (res->fault[0] == '\0'));
	MUST(verdict != LOGIN_REDIRECTED || host_valid(res->redirect.host));
	MUST(verdict != LOGIN_DONE || res->stage == ISCSI_STAGE_FULL_FEATURE);
	MUST(verdict != LOGIN_DONE ||
	     res->params.first_burst_length <= res->params.max_burst_length);
}

/* The next PDU of the input, or false. */
static bool next_pdu(struct pdu_stream *s, const uint8_t **data, size_t *size, struct pdu *ret)
{
	for (;;) {
		size_t want;
		void *buf;
		int r;

		if (*size == 0 || pdu_stream_want(s, &buf, &want) < 0)
			return false;
		want = MIN(want, *size);
		memcpy(buf, *data, want);
		*data += want;
		*size -= want;
		r = pdu_stream_got(s, want, ret);
		if (r != 0)
			return r > 0;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct writer w = writer_make(OUT_MAX);
	struct pdu_stream *s = NULL;
	enum login_verdict verdict;
	struct login_config c = config;
	struct login *l = NULL;
	uint32_t stat_sn = 0;
	struct pdu pdu;
	bool mend;

	if (size == 0)
		return 0;
	c.discovery = data[0] & 1;
	mend = !(data[0] & 2);
	c.tsih = data[0] & 4 ? 1 : 0;
	data++;
	size--;
	l = login_new(&c);
	s = pdu_stream_new(ISCSI_DEFAULT_MAX_RECV);
	if (!l || !s)
		goto out;
	verdict = login_start(l, &w);
	while (verdict == LOGIN_SEND && next_pdu(s, &data, &size, &pdu)) {
		check_request(&w);
		writer_reset(&w);
		if (mend) {
			pdu.itt = c.itt;
			memcpy(pdu.isid, c.isid, sizeof(pdu.isid));
			pdu.stat_sn = stat_sn++;
		}
		verdict = login_step(l, &pdu, &w);
	}
	if (verdict != LOGIN_SEND)
		check_end(l, verdict);
out:
	login_free(l);
	pdu_stream_free(s);
	writer_done(&w);
	return 0;
}
