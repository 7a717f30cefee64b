/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The query of an iSNS server, played against a script: what the engine must ask, and the answer it
 * gets, whole, byte by byte, and in PDUs of every size.  What the engine reports is written down as
 * lines, "name host:port,tag" or "! refusal", and compared whole.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "lib/base/macros.h"
#include "lib/proto/isns_query.h"

#define INITIATOR "iqn.2001-04.com.example:initiator"
#define TARGET    "iqn.2001-04.com.example:target"

/* RFC 4171 section 5.1.2. */
enum { REGISTER = 1, QUERY = 2, DEREGISTER = 4 };

/* One attribute of an answer: a text, or bytes. */
struct attribute {
	uint32_t tag;
	const char *text;
	uint8_t bytes[16];
	uint32_t len;
};

#define NAME(t)                                                                                    \
	{                                                                                          \
		.tag = 48, .text = (t)                                                             \
	}
#define ADDRESS(...)                                                                               \
	{                                                                                          \
		.tag = 49, .bytes = {__VA_ARGS__}, .len = 16                                       \
	}
#define IPV4(a, b, c, d) ADDRESS(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, (a), (b), (c), (d))
#define NUMBER(t, n)                                                                               \
	{                                                                                          \
		.tag = (t), .len = 4,                                                              \
		.bytes = {(uint8_t)((n) >> 24), (uint8_t)((n) >> 16), (uint8_t)((n) >> 8),         \
		          (uint8_t)(n)},                                                           \
	}
#define PORT(n) NUMBER(50, (n))
#define TAG(n)  NUMBER(51, (n))
#define EMPTY(t)                                                                                   \
	{                                                                                          \
		.tag = (t)                                                                         \
	}
#define GROUP(t)  NAME(t), IPV4(192, 0, 2, 1), PORT(3260), TAG(1)
#define DELIMITER EMPTY(0)
/* what comes first in the answer to a query: the message key */
#define KEY NUMBER(33, 1), DELIMITER

enum { ATTRIBUTES_MAX = 24, STEPS_MAX = 12 };

/* A request that must come, and the answer to it. */
struct step {
	unsigned int function; /* 0: the end */
	uint32_t status;
	struct attribute attributes[ATTRIBUTES_MAX];
	size_t count;
	bool close; /* no answer, and no more */
};

struct expected {
	const char *report;
	enum isns_verdict verdict;
	const char *fault;
	bool complete;
	struct refusal {
		unsigned int function;
		uint32_t status;
	} refusal;
};

static void found(void *data, const char *target, const struct portal *portal)
{
	char text[PORTAL_TEXT_SIZE];

	writer_printf(data, "%s %s\n", target, portal_format(portal, text));
}

static void refused(void *data, const char *text)
{
	for (const char *c = text; *c; c++)
		assert_in_range(*c, ' ', '~');
	writer_printf(data, "! %s\n", text);
}

static void put_attribute(struct writer *w, const struct attribute *a)
{
	if (a->text) {
		isns_put_text(w, a->tag, a->text);
		return;
	}
	writer_be32(w, a->tag);
	writer_be32(w, a->len);
	writer_bytes(w, a->bytes, a->len);
}

/* The payload in PDUs of at most size bytes. */
static void put_pdus(struct writer *w, const struct step *step, uint16_t transaction, size_t size)
{
	struct writer payload = writer_make(1 << 20);
	size_t at = 0;
	uint16_t sequence = 0;

	writer_be32(&payload, step->status);
	for (size_t i = 0; i < step->count; i++)
		put_attribute(&payload, &step->attributes[i]);
	do {
		size_t n = MIN(size, payload.len - at);

		writer_be16(w, 1);
		writer_be16(w, (uint16_t)(step->function | 0x8000));
		writer_be16(w, (uint16_t)n);
		writer_be16(w, (uint16_t)(0x4000 | (at == 0 ? 0x0400 : 0) |
		                          (at + n == payload.len ? 0x0800 : 0)));
		writer_be16(w, transaction);
		writer_be16(w, sequence++);
		writer_bytes(w, payload.data + at, n);
		at += n;
	} while (at < payload.len);
	writer_done(&payload);
}

/* The request that the engine wrote: one PDU, its source the initiator.  Its transaction. */
static uint16_t check_request(const struct writer *w, unsigned int function)
{
	static const uint8_t flags[] = {0x8c, 0x00};
	struct writer source = writer_make(1024);
	struct cursor c = cursor_make(w->data, w->len);
	uint16_t version, number, len, transaction, sequence;
	const uint8_t *bytes;

	assert_int_equal(cursor_be16(&c, &version), 0);
	assert_int_equal(version, 1);
	assert_int_equal(cursor_be16(&c, &number), 0);
	assert_int_equal(number, function);
	assert_int_equal(cursor_be16(&c, &len), 0);
	assert_int_equal(cursor_bytes(&c, sizeof(flags), &bytes), 0);
	assert_memory_equal(bytes, flags, sizeof(flags));
	assert_int_equal(cursor_be16(&c, &transaction), 0);
	assert_int_equal(cursor_be16(&c, &sequence), 0);
	assert_int_equal(sequence, 0);
	assert_int_equal(cursor_left(&c), len);
	isns_put_text(&source, 32, INITIATOR);
	assert_int_equal(cursor_bytes(&c, source.len, &bytes), 0);
	assert_memory_equal(bytes, source.data, source.len);
	writer_done(&source);
	return transaction;
}

/* Give bytes in pieces; the last verdict but waiting. */
static enum isns_verdict feed(struct isns_query *q, const struct writer *bytes, size_t piece,
                              struct writer *w)
{
	enum isns_verdict verdict = ISNS_WAIT;

	for (size_t at = 0; at < bytes->len && verdict == ISNS_WAIT; at += piece)
		verdict = isns_query_step(q, bytes->data + at, MIN(piece, bytes->len - at), w);
	return verdict;
}

static void play(const struct step *steps, size_t pdu, size_t piece, const struct expected *want)
{
	struct writer report = writer_make(1 << 20), w = writer_make(4096);
	const struct isns_query_config config = {.initiator_name = INITIATOR,
	                                         .sink = {found, refused, &report}};
	struct isns_query *q = isns_query_new(&config);
	enum isns_verdict verdict;

	assert_non_null(q);
	verdict = isns_query_start(q, &w);
	for (; steps->function; steps++) {
		struct writer answer = writer_make(1 << 20);
		uint16_t transaction;

		assert_int_equal(verdict, ISNS_SEND);
		transaction = check_request(&w, steps->function);
		writer_reset(&w);
		verdict = ISNS_WAIT;
		if (!steps->close) {
			put_pdus(&answer, steps, transaction, pdu);
			verdict = feed(q, &answer, piece, &w);
		}
		writer_done(&answer);
	}
	writer_u8(&report, 0);
	assert_string_equal((const char *)report.data, want->report);
	assert_string_equal(isns_query_fault(q), want->fault ? want->fault : "");
	assert_int_equal(verdict, want->verdict);
	assert_int_equal(isns_query_complete(q), want->complete);
	if (verdict == ISNS_REFUSED) {
		assert_int_equal(isns_query_refusal(q).function, want->refusal.function);
		assert_int_equal(isns_query_refusal(q).status, want->refusal.status);
	}
	/* it has ended, whatever comes now */
	if (verdict != ISNS_WAIT)
		assert_int_equal(isns_query_step(q, "garbage", 7, &w), verdict);
	isns_query_free(q);
	writer_done(&report);
	writer_done(&w);
}

static void play_all(const struct step *steps, const struct expected *want)
{
	play(steps, UINT16_MAX - 3, SIZE_MAX / 2, want);
	play(steps, UINT16_MAX - 3, 1, want);
	for (size_t size = 1; size < 96; size++) {
		play(steps, size, SIZE_MAX / 2, want);
		play(steps, size, 7, want);
	}
}

#define ANSWER(number, ...)                                                                        \
	{                                                                                          \
		.function = (number), .attributes = {__VA_ARGS__},                                 \
		.count = ARRAY_LEN(((struct attribute[]){__VA_ARGS__}))                            \
	}
#define ALL(text)                                                                                  \
	{                                                                                          \
		.report = (text), .verdict = ISNS_DONE, .complete = true                           \
	}

/* As isnsd 0.101 orders it: each target, then its portals, each with its group; a source first. */
static void portal_groups_are_reported(void **state)
{
	static const struct step steps[] = {
		ANSWER(QUERY, {.tag = 32, .text = "iqn.2001-04.com.example:server"}, KEY,
	               {.tag = 32, .text = TARGET "1"}, NUMBER(33, 1),
	               {.tag = 16, .bytes = {0x20, 1}, .len = 16}, NUMBER(17, 3260),
	               GROUP(TARGET "1"), {.tag = 16, .bytes = {0x20, 1}, .len = 16},
	               NUMBER(17, 3261), NAME(TARGET "1"),
	               ADDRESS(0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1), PORT(3261),
	               TAG(65535), NAME("eui.02004567a425678d"), IPV4(192, 0, 2, 9), PORT(1),
	               TAG(0)),
		{0},
	};
	static const struct expected want =
		ALL(TARGET "1 192.0.2.1:3260,1\n" TARGET "1 [2001:db8::1]:3261,65535\n"
	                   "eui.02004567a425678d 192.0.2.9:1,0\n");

	(void)state;
	play_all(steps, &want);
}

static void no_target_is_no_error(void **state)
{
	static const struct step nothing[] = {ANSWER(QUERY, KEY), {0}};
	static const struct step without_delimiter[] = {{.function = QUERY}, {0}};
	static const struct expected want = ALL("");

	(void)state;
	play_all(nothing, &want);
	play_all(without_delimiter, &want);
}

/* The message key holds what was asked for, not what was found. */
static void a_group_before_the_delimiter_does_not_count(void **state)
{
	static const struct step steps[] = {ANSWER(QUERY, GROUP(TARGET), DELIMITER), {0}};
	static const struct expected want = ALL("");

	(void)state;
	play_all(steps, &want);
}

static void unknown_attributes_are_skipped(void **state)
{
	static const struct step steps[] = {
		ANSWER(QUERY, KEY, {.tag = 4711, .text = "vendor"}, NAME(TARGET), EMPTY(641),
	               IPV4(192, 0, 2, 1), NUMBER(52, 7), PORT(3260),
	               {.tag = UINT32_MAX, .text = "x"}, TAG(2), {.tag = 2065, .text = "dd"}),
		{0},
	};
	static const struct expected want = ALL(TARGET " 192.0.2.1:3260,2\n");

	(void)state;
	play_all(steps, &want);
}

/* Section 6.5.4: a tag without a value denies the target the portal. */
static void a_group_without_a_tag_is_no_way_to_the_target(void **state)
{
	static const struct step steps[] = {
		ANSWER(QUERY, KEY, NAME(TARGET "1"), IPV4(192, 0, 2, 1), PORT(3260), EMPTY(51),
	               NAME(TARGET "2"), IPV4(192, 0, 2, 1), PORT(3260), GROUP(TARGET "3")),
		{0},
	};
	static const struct expected want = ALL(TARGET "3 192.0.2.1:3260,1\n");

	(void)state;
	play_all(steps, &want);
}

#define GOOD     GROUP(TARGET)
#define GOOD_OUT TARGET " 192.0.2.1:3260,1\n"

static void what_is_hostile_is_refused_alone(void **state)
{
	static const struct {
		struct step steps[2];
		const char *report;
	} rows[] = {
		{{ANSWER(QUERY, KEY, GROUP("../../x"), GOOD)},
	         "! target name \"../../x\": an iSCSI name starts with iqn., eui. or naa.\n" GOOD_OUT},
		{{ANSWER(QUERY, KEY, GROUP("iqn.2001-04.com.example:a/../../etc/x"), GOOD)},
	         "! target name \"iqn.2001-04.com.example:a/../../etc/x\": only letters, digits, '-', "
	         "'.', ':' and '_' may stand in an iSCSI name\n" GOOD_OUT},
		{{ANSWER(QUERY, KEY, GROUP("iqn.2001-04.com.example:a\nnode.startup=automatic"),
	                 GOOD)},
	         "! target name \"iqn.2001-04.com.example:a\\x0anode.startup=automatic\": only "
	         "letters, digits, '-', '.', ':' and '_' may stand in an iSCSI name\n" GOOD_OUT},
		{{ANSWER(QUERY, KEY, EMPTY(48), IPV4(192, 0, 2, 1), PORT(3260), TAG(1), GOOD)},
	         "! target name \"\": the name is empty\n" GOOD_OUT},
		{{ANSWER(QUERY, KEY, NAME(TARGET "\xc3\xa4"), PORT(3260), TAG(1), GOOD)},
	         "! target " TARGET "\\xc3\\xa4: a portal has no usable address\n" GOOD_OUT},
		{{ANSWER(QUERY, KEY, NAME(TARGET), IPV4(0, 0, 0, 0), PORT(3260), TAG(1), GOOD)},
	         "! target " TARGET ": a portal has no usable address\n" GOOD_OUT},
		{{ANSWER(QUERY, KEY, NAME(TARGET), NUMBER(49, 1), PORT(3260), TAG(1), GOOD)},
	         "! target " TARGET ": a portal has no usable address\n" GOOD_OUT},
		{{ANSWER(QUERY, KEY, NAME(TARGET), IPV4(192, 0, 2, 1), TAG(1), GOOD)},
	         "! target " TARGET " at 192.0.2.1: the portal's port is none of TCP\n" GOOD_OUT},
		{{ANSWER(QUERY, KEY, NAME(TARGET), IPV4(192, 0, 2, 1), PORT(0), TAG(1), GOOD)},
	         "! target " TARGET " at 192.0.2.1: the portal's port is none of TCP\n" GOOD_OUT},
		{{ANSWER(QUERY, KEY, NAME(TARGET), IPV4(192, 0, 2, 1), PORT(0x10cbc), TAG(1),
	                 GOOD)},
	         "! target " TARGET " at 192.0.2.1: the portal's port is one of UDP\n" GOOD_OUT},
		{{ANSWER(QUERY, KEY, NAME(TARGET), IPV4(192, 0, 2, 1), PORT(3260), TAG(65536),
	                 GOOD)},
	         "! target " TARGET " at 192.0.2.1: 65536 is no portal group tag\n" GOOD_OUT},
		/* what comes before any name is nobody's */
		{{ANSWER(QUERY, KEY, IPV4(192, 0, 2, 1), PORT(3260), TAG(1), GOOD)}, GOOD_OUT},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct expected want = ALL(rows[i].report);

		play_all(rows[i].steps, &want);
	}
}

static void a_name_has_223_bytes_at_most(void **state)
{
	static const size_t lengths[] = {223, 224, 227, 228, 4000};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
		char name[4096] = "iqn.2001-04.com.example:", report[4096];
		const struct step steps[] = {ANSWER(QUERY, KEY, GROUP(name), GOOD), {0}};
		const struct expected want = ALL(report);

		memset(name + strlen(name), 'x', lengths[i] - strlen(name));
		if (lengths[i] <= 223)
			snprintf(report, sizeof(report), "%s 192.0.2.1:3260,1\n" GOOD_OUT, name);
		else /* no more than 228 bytes are kept of it */
			snprintf(report, sizeof(report),
			         "! target name \"%.228s\": an iSCSI name has at most 223 "
			         "bytes\n" GOOD_OUT,
			         name);
		play_all(steps, &want);
	}
}

static void a_server_that_knows_no_such_node_gets_a_registration(void **state)
{
	static const struct step steps[] = {
		{.function = QUERY, .status = 6},
		ANSWER(REGISTER, {.tag = 1, .text = "entity"}, DELIMITER, GROUP(TARGET)),
		/* its own delimiter counts, not that of the answer before */
		ANSWER(QUERY, GROUP(TARGET "key"), KEY, GROUP(TARGET)),
		{.function = DEREGISTER},
		{0},
	};
	/* the registration that is taken back may have gone already */
	static const struct step gone[] = {
		{.function = QUERY, .status = 6},
		{.function = REGISTER},
		ANSWER(QUERY, KEY, GROUP(TARGET)),
		{.function = DEREGISTER, .status = 9},
		{0},
	};
	/* another query of the same initiator has taken it back in between */
	static const struct step again[] = {
		{.function = QUERY, .status = 6},
		{.function = REGISTER},
		{.function = QUERY, .status = 6},
		{.function = REGISTER},
		ANSWER(QUERY, KEY, GROUP(TARGET)),
		{.function = DEREGISTER},
		{0},
	};
	static const struct expected want = ALL(TARGET " 192.0.2.1:3260,1\n");

	(void)state;
	play_all(steps, &want);
	play_all(gone, &want);
	play_all(again, &want);
}

/* Section 5.6.5.1 and 5.6.5.4, byte by byte as far as they differ from the query. */
static void a_registration_names_the_initiator_alone(void **state)
{
	struct writer w = writer_make(4096), answer = writer_make(4096), want = writer_make(4096);
	const struct isns_query_config config = {.initiator_name = INITIATOR,
	                                         .sink = {found, refused, NULL}};
	struct isns_query *q = isns_query_new(&config);
	const struct step unknown = {.function = QUERY, .status = 6};

	(void)state;
	assert_non_null(q);
	assert_int_equal(isns_query_start(q, &w), ISNS_SEND);
	put_pdus(&answer, &unknown, check_request(&w, QUERY), UINT16_MAX);
	writer_reset(&w);
	assert_int_equal(isns_query_step(q, answer.data, answer.len, &w), ISNS_SEND);
	check_request(&w, REGISTER);
	isns_put_text(&want, 32, INITIATOR); /* the source */
	isns_put_empty(&want, 0);
	isns_put_text(&want, 32, INITIATOR);
	isns_put_u32(&want, 33, 2); /* an initiator: section 6.4.2, bit 30 */
	assert_int_equal(w.len, 12 + want.len);
	assert_memory_equal(w.data + 12, want.data, want.len);
	isns_query_free(q);
	writer_done(&w);
	writer_done(&answer);
	writer_done(&want);
}

static void a_refusal_is_told_with_its_status(void **state)
{
	static const struct {
		struct step steps[STEPS_MAX];
		struct refusal refusal;
	} rows[] = {
		{{{.function = QUERY, .status = 8}}, {QUERY, 8}},
		{{{.function = QUERY, .status = 9}}, {QUERY, 9}},
		{{{.function = QUERY, .status = 12}}, {QUERY, 12}},
		{{{.function = QUERY, .status = 0xdeadbeef}}, {QUERY, 0xdeadbeef}},
		{{{.function = QUERY, .status = 6}, {.function = REGISTER, .status = 3}},
	         {REGISTER, 3}},
		/* a registration is taken back all the same */
		{{{.function = QUERY, .status = 6},
	          {.function = REGISTER},
	          {.function = QUERY, .status = 11},
	          {.function = DEREGISTER}},
	         {QUERY, 11}},
		/* and never asked for without end */
		{{{.function = QUERY, .status = 6},
	          {.function = REGISTER},
	          {.function = QUERY, .status = 6},
	          {.function = REGISTER},
	          {.function = QUERY, .status = 6},
	          {.function = REGISTER},
	          {.function = QUERY, .status = 6},
	          {.function = DEREGISTER}},
	         {QUERY, 6}},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct expected want = {
			.report = "", .verdict = ISNS_REFUSED, .refusal = rows[i].refusal};

		play_all(rows[i].steps, &want);
	}
}

static void a_close_leaves_what_was_complete(void **state)
{
	static const struct step before[] = {{.function = QUERY, .close = true}, {0}};
	static const struct step behind[] = {
		{.function = QUERY, .status = 6},
		{.function = REGISTER},
		ANSWER(QUERY, KEY, GROUP(TARGET)),
		{.function = DEREGISTER, .close = true},
		{0},
	};
	static const struct expected incomplete = {.report = "", .verdict = ISNS_WAIT};
	static const struct expected complete = {
		.report = TARGET " 192.0.2.1:3260,1\n", .verdict = ISNS_WAIT, .complete = true};

	(void)state;
	play_all(before, &incomplete);
	play_all(behind, &complete);
}

static void a_fault_of_the_answer_ends_the_query(void **state)
{
	static const uint8_t garbage[] = "HTTP/1.1 400 Bad Request\r\n\r\n";
	struct writer w = writer_make(4096), report = writer_make(4096);
	const struct isns_query_config config = {.initiator_name = INITIATOR,
	                                         .sink = {found, refused, &report}};
	struct isns_query *q = isns_query_new(&config);

	(void)state;
	assert_non_null(q);
	assert_int_equal(isns_query_start(q, &w), ISNS_SEND);
	assert_false(isns_query_in_pdu(q));
	assert_int_equal(isns_query_step(q, garbage, 5, &w), ISNS_WAIT);
	assert_true(isns_query_in_pdu(q));
	assert_int_equal(isns_query_step(q, garbage + 5, sizeof(garbage) - 5, &w),
	                 ISNS_PROTOCOL_ERROR);
	assert_string_equal(isns_query_fault(q),
	                    "the answer is of version 18516 of the protocol, not 1");
	assert_int_equal(report.len, 0);
	isns_query_free(q);
	writer_done(&w);
}

/* What a server sends without being asked is no answer to what is asked next. */
static void an_answer_too_many_is_a_fault(void **state)
{
	struct writer w = writer_make(4096), answer = writer_make(4096);
	const struct isns_query_config config = {.initiator_name = INITIATOR,
	                                         .sink = {found, refused, NULL}};
	struct isns_query *q = isns_query_new(&config);
	const struct step unknown = {.function = QUERY, .status = 6};
	uint16_t transaction;

	(void)state;
	assert_non_null(q);
	assert_int_equal(isns_query_start(q, &w), ISNS_SEND);
	transaction = check_request(&w, QUERY);
	put_pdus(&answer, &unknown, transaction, UINT16_MAX);
	put_pdus(&answer, &unknown, transaction, UINT16_MAX);
	assert_int_equal(isns_query_step(q, answer.data, answer.len, &w), ISNS_PROTOCOL_ERROR);
	assert_string_equal(isns_query_fault(q), "the answer is to transaction 1, not 2");
	isns_query_free(q);
	writer_done(&w);
	writer_done(&answer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(portal_groups_are_reported),
		cmocka_unit_test(no_target_is_no_error),
		cmocka_unit_test(a_group_before_the_delimiter_does_not_count),
		cmocka_unit_test(unknown_attributes_are_skipped),
		cmocka_unit_test(a_group_without_a_tag_is_no_way_to_the_target),
		cmocka_unit_test(what_is_hostile_is_refused_alone),
		cmocka_unit_test(a_name_has_223_bytes_at_most),
		cmocka_unit_test(a_server_that_knows_no_such_node_gets_a_registration),
		cmocka_unit_test(a_registration_names_the_initiator_alone),
		cmocka_unit_test(a_refusal_is_told_with_its_status),
		cmocka_unit_test(a_close_leaves_what_was_complete),
		cmocka_unit_test(a_fault_of_the_answer_ends_the_query),
		cmocka_unit_test(an_answer_too_many_is_a_fault),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
