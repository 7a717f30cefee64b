/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A connection's bytes: the first byte chooses digests and how the rest is cut up.
 */
#include <string.h>

#include "lib/base/macros.h"
#include "lib/proto/pdu.h"
#include "tests/fuzz/fuzz.h"

/* What was understood can be said again, and means the same. */
static void check(const struct pdu *in)
{
	uint8_t once[ISCSI_BHS_LEN], twice[ISCSI_BHS_LEN];
	struct pdu again;

	MUST(in->data_len == 0 || in->data);
	MUST(in->ahs_words == 0 || in->ahs);
	pdu_encode(in, once);
	MUST(pdu_decode(once, &again) == 0);
	pdu_encode(&again, twice);
	MUST(memcmp(once, twice, sizeof(once)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pdu_stream *s = pdu_stream_new(ISCSI_DEFAULT_MAX_RECV);
	size_t step;

	if (!s || size == 0)
		goto out;
	pdu_stream_set_digests(s, data[0] & 1, data[0] & 2);
	step = data[0] & 4 ? 1 : (size_t)(data[0] >> 3) * 16 + 1;
	data++;
	size--;
	while (size > 0) {
		struct pdu pdu;
		size_t want;
		void *buf;
		int r;

		if (pdu_stream_want(s, &buf, &want) < 0)
			break;
		MUST(want > 0);
		want = MIN(MIN(want, step), size);
		memcpy(buf, data, want);
		data += want;
		size -= want;
		r = pdu_stream_got(s, want, &pdu);
		if (r < 0) {
			MUST(pdu_stream_fault(s)[0]);
			must_be_printable(pdu_stream_fault(s));
			break;
		}
		if (r > 0)
			check(&pdu);
	}
out:
	pdu_stream_free(s);
	return 0;
}
