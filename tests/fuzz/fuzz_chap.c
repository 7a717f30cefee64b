/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the other side says in CHAP, to either side.  The first byte chooses the side and what is
 * configured; the rest is texts with the byte 0xff between them, for an initiator as login
 * responses (one that begins with "T" has the T bit), for a target as what an initiator sends.
 * Who does not know the secret must never get through.
 */
#include <string.h>

#include "lib/base/macros.h"
#include "lib/proto/login.h"
#include "tests/fuzz/fuzz.h"

enum { OUT_MAX = 1 << 20, SEPARATOR = 0xff };

enum {
	CHOICE_TARGET = 1,
	CHOICE_MUTUAL = 2,
	CHOICE_BASE64 = 4,
	CHOICE_MANY = 8, /* algorithms */
};

static const struct secret ours = {15, "aSecret4TheHost"};
static const struct secret theirs = {15, "tSecret4TheDisk"};
static const struct chap_algorithms one = {{CHAP_MD5}}, many = {{CHAP_SHA256, CHAP_MD5}};
static const struct chap_nonce nonce = {42, "bytes that are random elsewhere"};

/* The next text, or false. */
static bool next_text(const uint8_t **data, size_t *size, const uint8_t **ret, size_t *ret_len)
{
	const uint8_t *end;

	if (*size == 0)
		return false;
	end = memchr(*data, SEPARATOR, *size);
	*ret = *data;
	*ret_len = end ? (size_t)(end - *data) : *size;
	*size -= *ret_len + (end ? 1 : 0);
	*data += *ret_len + (end ? 1 : 0);
	return true;
}

static void initiator(uint8_t choice, struct digests *digests, const uint8_t *data, size_t size)
{
	struct login_config config = {
		.isid = {0x00, 0x02, 0x3d, 1, 2, 3},
		.itt = 1,
		.initiator_name = "iqn.1994-05.com.example:host",
		.target_name = "iqn.2001-04.com.example:disk",
		.offer.max_recv_data_segment_length = 8192,
		.auth =
			{
				.digests = digests,
				.algorithms = choice & CHOICE_MANY ? many : one,
				.nonce = nonce,
				.encoding = choice & CHOICE_BASE64 ? BINARY_BASE64 : BINARY_HEX,
				.name = "host",
				.secret = &ours,
				.target_secret = choice & CHOICE_MUTUAL ? &theirs : NULL,
			},
	};
	/* what the target says itself may be sent back to it: KEY=NotUnderstood */
	bool known = memmem(data, size, ours.bytes, ours.len);
	struct writer w = writer_make(OUT_MAX);
	struct login *l = login_new(&config);
	enum login_verdict verdict;
	const uint8_t *text;
	uint32_t stat_sn = 0;
	size_t len;

	if (!l)
		return;
	verdict = login_start(l, &w);
	while (verdict == LOGIN_SEND && next_text(&data, &size, &text, &len)) {
		bool transit = len > 0 && text[0] == 'T';
		struct pdu pdu = {
			.opcode = ISCSI_OP_LOGIN_RSP,
			.itt = config.itt,
			.stat_sn = stat_sn++,
			.data = text + transit,
			.data_len = (uint32_t)(len - transit),
		};

		memcpy(pdu.isid, config.isid, sizeof(pdu.isid));
		if (transit)
			pdu.flags = ISCSI_LOGIN_TRANSIT | ISCSI_STAGE_OPERATIONAL;
		writer_reset(&w);
		verdict = login_step(l, &pdu, &w);
		/* beyond the security stage only those who know */
		MUST(!(choice & CHOICE_MUTUAL) || login_result(l)->stage == ISCSI_STAGE_SECURITY);
	}
	must_be_printable(login_result(l)->fault);
	MUST(known || !memmem(w.data, w.len, ours.bytes, ours.len));
	login_free(l);
	writer_done(&w);
}

static void target(uint8_t choice, struct digests *digests, const uint8_t *data, size_t size)
{
	const struct chap_expected expected = {"host", &ours, &theirs};
	const struct chap_responder responder = {BINARY_HEX, "disk", &theirs};
	struct chap_verifier verifier = {0};
	struct writer w = writer_make(OUT_MAX);
	char fault[TEXT_FAULT_SIZE] = "";
	const uint8_t *text;
	uint8_t algorithm;
	size_t len;

	while (next_text(&data, &size, &text, &len)) {
		struct kv_reader r = kv_reader_make(KV_NUL, text, len);
		struct chap_keys keys = {0};
		struct kv kv;

		while (text_next(&r, BINARY_TEXT_MAX, &kv, fault) > 0)
			if (chap_keys_take(&keys, &kv, fault) < 0)
				break;
		writer_reset(&w);
		if (chap_choose(&keys, choice & CHOICE_MANY ? &many : &one, &algorithm, fault) == 0)
			MUST(chap_verifier_challenge(&verifier, algorithm, &nonce, BINARY_HEX, NULL,
			                             &w, fault) == 0);
		MUST(chap_verifier_check(&verifier, digests, &keys, &expected, fault) < 0);
		chap_responder_answer(&responder, digests, CHAP_MD5, &keys, &verifier, &w, fault);
		must_be_printable(fault);
	}
	writer_done(&w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct digests *digests; /* the same for every input */

	if (!digests)
		digests = digests_new();
	if (!digests || size == 0)
		return 0;
	if (data[0] & CHOICE_TARGET)
		target(data[0], digests, data + 1, size - 1);
	else
		initiator(data[0], digests, data + 1, size - 1);
	return 0;
}
