/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every allocation of an engine fails once: it says so, touches nothing it should not, and leaks
 * nothing (the build with sanitizers looks).  Linked with --wrap for the allocator.
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
#include "lib/proto/sendtargets.h"
#include "tests/proto/login_engine.h"

/* The wrapped allocator: when the countdown ends, one call fails. */
static unsigned int countdown;
static bool failed;

static bool fails(void)
{
	if (countdown == 0 || --countdown > 0)
		return false;
	failed = true;
	return true;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *p, size_t size);

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *p, size_t size)
{
	return fails() ? NULL : __real_realloc(p, size);
}

/* Long enough for every buffer to grow more than once. */
static char many_keys[6000];

static size_t fill_keys(void)
{
	size_t at = 0;

	for (int i = 0; at + 40 < sizeof(many_keys); i++)
		at += (size_t)sprintf(many_keys + at, "X-com.example.key%d=1", i) + 1;
	return at;
}

/* One login; the n-th allocation of it fails.  False when it has no n-th allocation. */
static bool login_with_failure(const struct login_config *config, const struct pdu *answers,
                               size_t count, unsigned int n)
{
	struct writer w = writer_make(1 << 20);
	enum login_verdict verdict = LOGIN_NO_MEMORY;
	struct login *l;

	failed = false;
	countdown = n;
	l = login_new(config);
	if (l)
		verdict = login_start(l, &w);
	for (size_t i = 0; i < count && verdict == LOGIN_SEND; i++) {
		struct pdu pdu = answers[i];

		pdu.opcode = ISCSI_OP_LOGIN_RSP;
		pdu.itt = config->itt;
		pdu.stat_sn = (uint32_t)i;
		memcpy(pdu.isid, config->isid, sizeof(config->isid));
		verdict = login_step(l, &pdu, &w);
	}
	countdown = 0;
	assert_int_equal(verdict, failed ? LOGIN_NO_MEMORY : LOGIN_DONE);
	if (failed && l)
		assert_string_equal(login_result(l)->fault, "out of memory");
	login_free(l);
	writer_done(&w);
	return failed;
}

static void a_login_survives_every_failed_allocation(void **state)
{
	const struct login_config config = login_usual_config();
	const struct pdu answers[] = {
		{.flags = STAY(ISCSI_STAGE_SECURITY),
	         .data = (const uint8_t *)many_keys,
	         .data_len = (uint32_t)fill_keys()},
		{.flags = STAY(ISCSI_STAGE_SECURITY)}, /* our answers take two requests */
		{.flags = SECURITY_GO},
		{.flags = OPERATIONAL_GO, .tsih = 1},
	};
	unsigned int n = 1;

	(void)state;
	while (login_with_failure(&config, answers, ARRAY_LEN(answers), n))
		n++;
	/* the login, its negotiation, the request, text both ways */
	assert_true(n > 5);
}

static void a_login_with_chap_survives_every_failed_allocation(void **state)
{
	static const char method[] = "AuthMethod=CHAP";
	static const char challenge[] =
		"CHAP_A=5\0CHAP_I=139\0CHAP_C=0x404142434445464748494a4b4c4d4e4f";
	static const char response[] = "CHAP_N=disk\0CHAP_R=0xc32fb0bd1cac6bbd67c1ec32b880a369";
	static const struct pdu answers[] = {
		{.flags = STAY(ISCSI_STAGE_SECURITY),
	         .data = (const uint8_t *)method,
	         .data_len = sizeof(method)},
		{.flags = STAY(ISCSI_STAGE_SECURITY),
	         .data = (const uint8_t *)challenge,
	         .data_len = sizeof(challenge)},
		{.flags = SECURITY_GO,
	         .data = (const uint8_t *)response,
	         .data_len = sizeof(response)},
		{.flags = OPERATIONAL_GO, .tsih = 1},
	};
	struct digests *digests = digests_new();
	const struct login_config config = login_chap_config(digests, true);
	unsigned int n = 1;

	(void)state;
	while (login_with_failure(&config, answers, ARRAY_LEN(answers), n))
		n++;
	assert_true(n > 5);
	digests_free(digests);
}

static void found(void *data, const char *target, const struct portal *portal)
{
	(void)target;
	(void)portal;
	++*(unsigned int *)data;
}

static void refused(void *data, const char *text)
{
	(void)data;
	fail_msg("%s", text);
}

static bool sendtargets_with_failure(unsigned int n)
{
	static const char text[] = "TargetName=iqn.2001-04.com.example:a";
	unsigned int count = 0;
	const struct sendtargets_config config = {.sink = {found, refused, &count}};
	const struct pdu answers[] = {
		{.opcode = ISCSI_OP_TEXT_RSP,
	         .flags = ISCSI_FLAG_FINAL,
	         .itt = 1,
	         .data = (const uint8_t *)text,
	         .data_len = sizeof(text)},
		{.opcode = ISCSI_OP_LOGOUT_RSP, .flags = ISCSI_FLAG_FINAL, .itt = 2},
	};
	struct writer w = writer_make(1 << 20);
	enum sendtargets_verdict verdict = SENDTARGETS_NO_MEMORY;
	struct sendtargets *st;

	failed = false;
	countdown = n;
	st = sendtargets_new(&config);
	if (st)
		verdict = sendtargets_start(st, &w);
	for (size_t i = 0; i < ARRAY_LEN(answers) && verdict == SENDTARGETS_SEND; i++) {
		writer_done(&w); /* every request allocates */
		verdict = sendtargets_step(st, &answers[i], &w);
	}
	countdown = 0;
	assert_int_equal(verdict, failed ? SENDTARGETS_NO_MEMORY : SENDTARGETS_DONE);
	if (!failed)
		assert_int_equal(count, 1);
	sendtargets_free(st);
	writer_done(&w);
	return failed;
}

static void sendtargets_survives_every_failed_allocation(void **state)
{
	unsigned int n = 1;

	(void)state;
	while (sendtargets_with_failure(n))
		n++;
	/* the engine and two requests */
	assert_int_equal(n, 4);
}

#define ISNS_ANSWER(function, transaction, status)                                                 \
	{                                                                                          \
		0, 1, 0x80, (function), 0, 4, 0x4c, 0, 0, (transaction), 0, 0, 0, 0, 0, (status)   \
	}

static bool isns_with_failure(unsigned int n)
{
	const struct isns_query_config config = {
		.initiator_name = "iqn.2001-04.com.example:a",
		.sink = {found, refused, NULL},
	};
	/* not known, registered, no targets, deregistered */
	static const uint8_t answers[][16] = {ISNS_ANSWER(2, 1, 6), ISNS_ANSWER(1, 2, 0),
	                                      ISNS_ANSWER(2, 3, 0), ISNS_ANSWER(4, 4, 0)};
	struct writer w = writer_make(1 << 20);
	enum isns_verdict verdict = ISNS_NO_MEMORY;
	struct isns_query *q;

	failed = false;
	countdown = n;
	q = isns_query_new(&config);
	if (q)
		verdict = isns_query_start(q, &w);
	for (size_t i = 0; i < ARRAY_LEN(answers) && verdict == ISNS_SEND; i++) {
		writer_done(&w); /* every request allocates */
		verdict = isns_query_step(q, answers[i], sizeof(answers[i]), &w);
	}
	countdown = 0;
	assert_int_equal(verdict, failed ? ISNS_NO_MEMORY : ISNS_DONE);
	isns_query_free(q);
	writer_done(&w);
	return failed;
}

static void an_isns_query_survives_every_failed_allocation(void **state)
{
	unsigned int n = 1;

	(void)state;
	while (isns_with_failure(n))
		n++;
	/* the engine and four requests */
	assert_int_equal(n, 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_login_survives_every_failed_allocation),
		cmocka_unit_test(a_login_with_chap_survives_every_failed_allocation),
		cmocka_unit_test(sendtargets_survives_every_failed_allocation),
		cmocka_unit_test(an_isns_query_survives_every_failed_allocation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
