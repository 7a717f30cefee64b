/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PERSISTENT RESERVE IN and OUT (SPC-4 5.12, 6.15, 6.16), and what stays over a restart.
 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "tests/unit/target/scsi_fixture.h"

enum { KEY = 0x11, OTHER_KEY = 0x22, APTPL = 1, PARAMETERS = 24 };

/* PERSISTENT RESERVE OUT of a nexus. */
static struct scsi_cmd out(struct nexus *n, uint8_t action, uint8_t type, uint64_t key,
                           uint64_t action_key, uint8_t flags)
{
	struct writer w = writer_make(PARAMETERS);
	struct scsi_cmd cmd;

	writer_be64(&w, key);
	writer_be64(&w, action_key);
	writer_be32(&w, 0);
	writer_u8(&w, flags);
	writer_zeros(&w, 3);
	cmd = RUN_AS(n, 0, w.data, w.len, SCSI_PERSISTENT_RESERVE_OUT, action, type, 0, 0, 0, 0, 0,
	             PARAMETERS, 0);
	writer_done(&w);
	return cmd;
}

#define OUT_GOOD(...)     assert_status(out(__VA_ARGS__), SCSI_GOOD)
#define OUT_CONFLICT(...) assert_status(out(__VA_ARGS__), SCSI_RESERVATION_CONFLICT)

static struct pr *pr_of(struct fixture *f)
{
	return &f->target->scsi.luns[0]->pr;
}

static void register_both(struct fixture *f)
{
	OUT_GOOD(&f->nexus, SCSI_PR_REGISTER, 0, 0, KEY, 0);
	OUT_GOOD(&f->other, SCSI_PR_REGISTER, 0, 0, OTHER_KEY, 0);
}

#define IN(f, action, allocation)                                                                  \
	START(f, 0, SCSI_PERSISTENT_RESERVE_IN, action, 0, 0, 0, 0, 0, 0, allocation, 0)

/* ---- registering -------------------------------------------------------------------------- */

static void keys_come_change_and_go(void **state)
{
	struct fixture *f = *state;
	struct scsi_cmd cmd = IN(f, SCSI_PR_READ_KEYS, 64);

	ASSERT_REPLY(&cmd, 0, 0, 0, 0, 0, 0, 0, 0);
	register_both(f);
	cmd = IN(f, SCSI_PR_READ_KEYS, 64);
	ASSERT_REPLY(&cmd, 0, 0, 0, 2, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0, KEY, 0, 0, 0, 0, 0, 0, 0,
	             OTHER_KEY);
	/* cut, but the length is that of all */
	cmd = IN(f, SCSI_PR_READ_KEYS, 10);
	ASSERT_REPLY(&cmd, 0, 0, 0, 2, 0, 0, 0, 16, 0, 0);
	OUT_GOOD(&f->nexus, SCSI_PR_REGISTER, 0, KEY, 0x33, 0);
	OUT_GOOD(&f->other, SCSI_PR_REGISTER, 0, OTHER_KEY, 0, 0);
	cmd = IN(f, SCSI_PR_READ_KEYS, 64);
	ASSERT_REPLY(&cmd, 0, 0, 0, 4, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0x33);
}

static void a_wrong_key_is_a_conflict(void **state)
{
	struct fixture *f = *state;

	OUT_CONFLICT(&f->nexus, SCSI_PR_REGISTER, 0, 1, KEY, 0); /* not registered: key 0 */
	OUT_GOOD(&f->nexus, SCSI_PR_REGISTER, 0, 0, KEY, 0);
	OUT_CONFLICT(&f->nexus, SCSI_PR_REGISTER, 0, 0, 0x33, 0);
	OUT_CONFLICT(&f->nexus, SCSI_PR_RESERVE, PR_WRITE_EXCLUSIVE, 0x33, 0, 0);
	OUT_CONFLICT(&f->other, SCSI_PR_RESERVE, PR_WRITE_EXCLUSIVE, 0, 0, 0);
	OUT_CONFLICT(&f->other, SCSI_PR_CLEAR, 0, KEY, 0, 0);
	assert_int_equal(pr_of(f)->generation, 1);
	/* REGISTER AND IGNORE EXISTING KEY does not look */
	OUT_GOOD(&f->nexus, SCSI_PR_REGISTER_AND_IGNORE, 0, 0x77, 0x33, 0);
	assert_int_equal(pr_of(f)->registrations->key, 0x33);
}

static void lists_of_wrong_length_are_refused(void **state)
{
	static const uint8_t zeros[64];
	struct scsi_cmd cmd;

	cmd = RUN(*state, 0, zeros, 20, SCSI_PERSISTENT_RESERVE_OUT, 0, 0, 0, 0, 0, 0, 0, 20, 0);
	assert_sense(&cmd, SENSE_ILLEGAL_REQUEST, 0x1a00);
	/* the list says 24 and less comes */
	cmd = RUN(*state, 0, zeros, 20, SCSI_PERSISTENT_RESERVE_OUT, 0, 0, 0, 0, 0, 0, 0, 24, 0);
	assert_sense(&cmd, SENSE_ILLEGAL_REQUEST, 0x1a00);
	cmd = RUN(*state, 0, zeros, 24, SCSI_PERSISTENT_RESERVE_OUT, 0x1f, 0, 0, 0, 0, 0, 0, 24, 0);
	assert_sense(&cmd, SENSE_ILLEGAL_REQUEST, 0x2400);
}

static void what_is_not_supported_is_refused(void **state)
{
	struct fixture *f = *state;
	struct scsi_cmd cmd = out(&f->nexus, SCSI_PR_REGISTER, 0, 0, KEY, 0x08); /* SPEC_I_PT */

	assert_sense(&cmd, SENSE_ILLEGAL_REQUEST, 0x2600);
	cmd = out(&f->nexus, SCSI_PR_REGISTER, 0, 0, KEY, APTPL); /* there is no state file */
	assert_sense(&cmd, SENSE_ILLEGAL_REQUEST, 0x2600);
	OUT_GOOD(&f->nexus, SCSI_PR_REGISTER, 0, 0, KEY, 0x04); /* ALL_TG_PT: there is one */
	cmd = out(&f->nexus, SCSI_PR_RESERVE, 2, KEY, 0, 0);    /* type 2 is obsolete */
	assert_sense(&cmd, SENSE_ILLEGAL_REQUEST, 0x2400);
	cmd = out(&f->nexus, SCSI_PR_RESERVE, 0x10 | PR_WRITE_EXCLUSIVE, KEY, 0, 0);
	assert_sense(&cmd, SENSE_ILLEGAL_REQUEST, 0x2400); /* scope: element */
}

/* ---- reserving ---------------------------------------------------------------------------- */

static void one_holds_and_can_release(void **state)
{
	struct fixture *f = *state;
	struct scsi_cmd cmd = IN(f, SCSI_PR_READ_RESERVATION, 64);

	ASSERT_REPLY(&cmd, 0, 0, 0, 0, 0, 0, 0, 0);
	register_both(f);
	OUT_GOOD(&f->nexus, SCSI_PR_RESERVE, PR_EXCLUSIVE_ACCESS, KEY, 0, 0);
	OUT_GOOD(&f->nexus, SCSI_PR_RESERVE, PR_EXCLUSIVE_ACCESS, KEY, 0, 0); /* the same */
	OUT_CONFLICT(&f->nexus, SCSI_PR_RESERVE, PR_WRITE_EXCLUSIVE, KEY, 0, 0);
	OUT_CONFLICT(&f->other, SCSI_PR_RESERVE, PR_EXCLUSIVE_ACCESS, OTHER_KEY, 0, 0);
	cmd = IN(f, SCSI_PR_READ_RESERVATION, 64);
	ASSERT_REPLY(&cmd, 0, 0, 0, 2, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0, KEY, 0, 0, 0, 0, 0,
	             PR_EXCLUSIVE_ACCESS, 0, 0);
	/* not the holder: no error, no effect */
	OUT_GOOD(&f->other, SCSI_PR_RELEASE, PR_EXCLUSIVE_ACCESS, OTHER_KEY, 0, 0);
	assert_int_equal(pr_of(f)->type, PR_EXCLUSIVE_ACCESS);
	cmd = out(&f->nexus, SCSI_PR_RELEASE, PR_WRITE_EXCLUSIVE, KEY, 0, 0);
	assert_sense(&cmd, SENSE_ILLEGAL_REQUEST, 0x2604);
	OUT_GOOD(&f->nexus, SCSI_PR_RELEASE, PR_EXCLUSIVE_ACCESS, KEY, 0, 0);
	assert_int_equal(pr_of(f)->type, PR_NONE);
	/* neither reserving nor releasing counts as a generation; nobody lost access */
	assert_int_equal(pr_of(f)->generation, 2);
	assert_int_equal(nexus_take_attention(&f->other, 0), 0);
}

static void registrants_hear_of_a_release(void **state)
{
	struct fixture *f = *state;

	register_both(f);
	OUT_GOOD(&f->nexus, SCSI_PR_RESERVE, PR_WRITE_EXCLUSIVE_REGISTRANTS_ONLY, KEY, 0, 0);
	OUT_GOOD(&f->nexus, SCSI_PR_RELEASE, PR_WRITE_EXCLUSIVE_REGISTRANTS_ONLY, KEY, 0, 0);
	assert_int_equal(nexus_take_attention(&f->other, 0), 0x2a04);
	assert_int_equal(nexus_take_attention(&f->nexus, 0), 0);
	/* the holder unregisters: the same */
	OUT_GOOD(&f->nexus, SCSI_PR_RESERVE, PR_WRITE_EXCLUSIVE_REGISTRANTS_ONLY, KEY, 0, 0);
	OUT_GOOD(&f->nexus, SCSI_PR_REGISTER, 0, KEY, 0, 0);
	assert_int_equal(nexus_take_attention(&f->other, 0), 0x2a04);
	assert_int_equal(pr_of(f)->type, PR_NONE);
}

static void all_registrants_hold_until_the_last(void **state)
{
	struct fixture *f = *state;
	struct scsi_cmd cmd;

	register_both(f);
	OUT_GOOD(&f->nexus, SCSI_PR_RESERVE, PR_EXCLUSIVE_ACCESS_ALL_REGISTRANTS, KEY, 0, 0);
	/* 6.15.3.2: the key of such a reservation is 0 */
	cmd = IN(f, SCSI_PR_READ_RESERVATION, 64);
	ASSERT_REPLY(&cmd, 0, 0, 0, 2, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0);
	OUT_GOOD(&f->other, SCSI_PR_RESERVE, PR_EXCLUSIVE_ACCESS_ALL_REGISTRANTS, OTHER_KEY, 0, 0);
	OUT_GOOD(&f->nexus, SCSI_PR_REGISTER, 0, KEY, 0, 0);
	assert_int_equal(pr_of(f)->type, PR_EXCLUSIVE_ACCESS_ALL_REGISTRANTS);
	OUT_GOOD(&f->other, SCSI_PR_REGISTER, 0, OTHER_KEY, 0, 0);
	assert_int_equal(pr_of(f)->type, PR_NONE);
}

static void clear_takes_all_away(void **state)
{
	struct fixture *f = *state;

	register_both(f);
	OUT_GOOD(&f->other, SCSI_PR_RESERVE, PR_WRITE_EXCLUSIVE, OTHER_KEY, 0, 0);
	OUT_GOOD(&f->nexus, SCSI_PR_CLEAR, 0, KEY, 0, 0);
	assert_null(pr_of(f)->registrations);
	assert_int_equal(pr_of(f)->type, PR_NONE);
	assert_int_equal(pr_of(f)->generation, 3);
	assert_int_equal(nexus_take_attention(&f->other, 0), 0x2a03);
	assert_int_equal(nexus_take_attention(&f->nexus, 0), 0);
}

/* ---- preempting --------------------------------------------------------------------------- */

static unsigned int aborted;

static void note_abort(struct nexus *n _unused_, uint16_t lun)
{
	assert_int_equal(lun, 0);
	aborted++;
}

static void preempt_takes_the_reservation(void **state)
{
	struct fixture *f = *state;

	f->other.abort = note_abort;
	aborted = 0;
	register_both(f);
	OUT_GOOD(&f->other, SCSI_PR_RESERVE, PR_EXCLUSIVE_ACCESS, OTHER_KEY, 0, 0);
	OUT_GOOD(&f->nexus, SCSI_PR_PREEMPT, PR_WRITE_EXCLUSIVE, KEY, OTHER_KEY, 0);
	assert_int_equal(pr_of(f)->type, PR_WRITE_EXCLUSIVE);
	assert_string_equal(pr_of(f)->holder->port, PORT);
	assert_int_equal(pr_of(f)->count, 1);
	assert_int_equal(nexus_take_attention(&f->other, 0), 0x2a05);
	assert_int_equal(aborted, 0);
	OUT_CONFLICT(&f->nexus, SCSI_PR_PREEMPT, PR_WRITE_EXCLUSIVE, KEY, OTHER_KEY, 0);
}

static void preempt_and_abort_aborts(void **state)
{
	struct fixture *f = *state;

	f->other.abort = f->nexus.abort = note_abort;
	aborted = 0;
	register_both(f);
	OUT_GOOD(&f->nexus, SCSI_PR_PREEMPT_AND_ABORT, PR_WRITE_EXCLUSIVE, KEY, OTHER_KEY, 0);
	assert_int_equal(aborted, 1); /* not the tasks of the one who preempts */
	/* there was no reservation: registrations go, and none is made */
	assert_int_equal(pr_of(f)->count, 1);
	assert_int_equal(pr_of(f)->type, PR_NONE);
}

static void preempt_removes_registrations_beside_the_holder(void **state)
{
	struct fixture *f = *state;

	register_both(f);
	OUT_GOOD(&f->nexus, SCSI_PR_RESERVE, PR_WRITE_EXCLUSIVE_REGISTRANTS_ONLY, KEY, 0, 0);
	OUT_GOOD(&f->nexus, SCSI_PR_PREEMPT, PR_EXCLUSIVE_ACCESS, KEY, OTHER_KEY, 0);
	assert_int_equal(pr_of(f)->count, 1);
	assert_int_equal(pr_of(f)->type, PR_WRITE_EXCLUSIVE_REGISTRANTS_ONLY); /* untouched */
	assert_int_equal(nexus_take_attention(&f->other, 0), 0x2a05);
}

static void key_0_preempts_all_registrants_only(void **state)
{
	struct fixture *f = *state;
	struct scsi_cmd cmd;

	register_both(f);
	OUT_GOOD(&f->other, SCSI_PR_RESERVE, PR_WRITE_EXCLUSIVE, OTHER_KEY, 0, 0);
	cmd = out(&f->nexus, SCSI_PR_PREEMPT, PR_WRITE_EXCLUSIVE, KEY, 0, 0);
	assert_sense(&cmd, SENSE_ILLEGAL_REQUEST, 0x2600);
	OUT_GOOD(&f->other, SCSI_PR_RELEASE, PR_WRITE_EXCLUSIVE, OTHER_KEY, 0, 0);
	OUT_GOOD(&f->other, SCSI_PR_RESERVE, PR_WRITE_EXCLUSIVE_ALL_REGISTRANTS, OTHER_KEY, 0, 0);
	OUT_GOOD(&f->nexus, SCSI_PR_PREEMPT, PR_EXCLUSIVE_ACCESS, KEY, 0, 0);
	assert_int_equal(pr_of(f)->count, 1);
	assert_int_equal(pr_of(f)->type, PR_EXCLUSIVE_ACCESS);
	assert_string_equal(pr_of(f)->holder->port, PORT);
}

/* ---- REGISTER AND MOVE -------------------------------------------------------------------- */

static struct scsi_cmd move_to(struct fixture *f, const char *port, uint8_t flags, uint8_t number)
{
	struct writer w = writer_make(1024);
	uint16_t name = (uint16_t)((strlen(port) + 4) / 4 * 4);
	struct scsi_cmd cmd;

	writer_be64(&w, KEY);
	writer_be64(&w, 0x44);
	writer_u8(&w, 0);
	writer_u8(&w, flags);
	writer_be16(&w, number);
	writer_be32(&w, 4U + name);
	writer_u8(&w, 0x45);
	writer_u8(&w, 0);
	writer_be16(&w, name);
	writer_str(&w, port);
	writer_zeros(&w, name - strlen(port));
	cmd = RUN(f, 0, w.data, w.len, SCSI_PERSISTENT_RESERVE_OUT, SCSI_PR_REGISTER_AND_MOVE, 0, 0,
	          0, 0, 0, 0, (uint8_t)w.len, 0);
	writer_done(&w);
	return cmd;
}

static void a_reservation_moves_to_another_port(void **state)
{
	struct fixture *f = *state;
	struct scsi_cmd cmd;

	register_both(f);
	assert_status(move_to(f, f->other.port, 0, 1), SCSI_RESERVATION_CONFLICT); /* none */
	OUT_GOOD(&f->nexus, SCSI_PR_RESERVE, PR_WRITE_EXCLUSIVE, KEY, 0, 0);
	cmd = move_to(f, f->other.port, 0, 2); /* no such target port */
	assert_sense(&cmd, SENSE_ILLEGAL_REQUEST, 0x2600);
	cmd = move_to(f, PORT, 0, 1); /* to itself */
	assert_sense(&cmd, SENSE_ILLEGAL_REQUEST, 0x2600);
	assert_status(move_to(f, f->other.port, 0, 1), SCSI_GOOD);
	assert_string_equal(pr_of(f)->holder->port, f->other.port);
	assert_int_equal(pr_of(f)->holder->key, 0x44);
	assert_int_equal(pr_of(f)->count, 2);
}

static void a_move_can_unregister_who_moves(void **state)
{
	struct fixture *f = *state;

	OUT_GOOD(&f->nexus, SCSI_PR_REGISTER, 0, 0, KEY, 0);
	OUT_GOOD(&f->nexus, SCSI_PR_RESERVE, PR_WRITE_EXCLUSIVE, KEY, 0, 0);
	/* to one that is not registered and need not be here */
	assert_status(move_to(f, "iqn.2001-04.com.example:new,i,0x000000000001", 0x02, 1),
	              SCSI_GOOD);
	assert_int_equal(pr_of(f)->count, 1);
	assert_string_equal(pr_of(f)->holder->port, "iqn.2001-04.com.example:new,i,0x000000000001");
	assert_int_equal(pr_of(f)->type, PR_WRITE_EXCLUSIVE);
}

/* ---- what is told ------------------------------------------------------------------------- */

static void capabilities_are_told(void **state)
{
	struct scsi_cmd cmd = IN(*state, SCSI_PR_REPORT_CAPABILITIES, 64);

	/* ATP_C; TMV; all six types */
	ASSERT_REPLY(&cmd, 0, 8, 0x04, 0x80, 0xea, 0x01, 0, 0);
}

static void full_status_names_ports_and_the_holder(void **state)
{
	struct fixture *f = *state;
	const uint8_t id_len = 52; /* 51 of PORT and its NUL, padded */
	uint8_t expected[8 + 24 + 4 + 52] = {0, 0, 0, 1,   0, 0, 0, 24 + 4 + 52, 0,    0, 0, 0,
	                                     0, 0, 0, KEY, 0, 0, 0, 0,           1,    3, 0, 0,
	                                     0, 0, 0, 1,   0, 0, 0, 56,          0x45, 0, 0, 52};
	struct scsi_cmd cmd;

	assert_int_equal(strlen(PORT) + 1, 51);
	OUT_GOOD(&f->nexus, SCSI_PR_REGISTER, 0, 0, KEY, 0);
	OUT_GOOD(&f->nexus, SCSI_PR_RESERVE, PR_EXCLUSIVE_ACCESS, KEY, 0, 0);
	memcpy(expected + sizeof(expected) - id_len, PORT, strlen(PORT));
	cmd = IN(f, SCSI_PR_READ_FULL_STATUS, 255);
	assert_reply(&cmd, expected, sizeof(expected));
}

/* ---- over restarts ------------------------------------------------------------------------ */

static void aptpl_stays_over_a_restart(void **state)
{
	struct fixture *f = *state;
	char path[] = "/tmp/pr-XXXXXX";
	struct pr again = {0};
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(pr_load(pr_of(f), path), 0);
	OUT_GOOD(&f->nexus, SCSI_PR_REGISTER, 0, 0, KEY, APTPL);
	OUT_GOOD(&f->other, SCSI_PR_REGISTER, 0, 0, UINT64_MAX, APTPL);
	OUT_GOOD(&f->other, SCSI_PR_RESERVE, PR_WRITE_EXCLUSIVE, UINT64_MAX, 0, 0);
	assert_int_equal(pr_load(&again, path), 0);
	assert_int_equal(again.count, 2);
	assert_true(again.aptpl);
	assert_int_equal(again.generation, 2);
	assert_int_equal(pr_find(&again, PORT)->key, KEY);
	assert_int_equal(again.type, PR_WRITE_EXCLUSIVE);
	assert_string_equal(again.holder->port, f->other.port);
	assert_true(again.holder->key == UINT64_MAX);
	pr_done(&again);
	/* a registration without it: nothing stays any more */
	OUT_GOOD(&f->nexus, SCSI_PR_REGISTER, 0, KEY, KEY, 0);
	assert_int_equal(pr_load(&again, path), 0);
	assert_null(again.registrations);
	assert_int_equal(again.type, PR_NONE);
	pr_done(&again);
	unlink(path);
}

static void a_state_that_is_none_is_not_taken(void **state _unused_)
{
	static const char *const texts[] = {
		"hello\n",
		"key=1\n",
		"key=x iqn.2001-04.com.example:a,i,0x0\n",
		"key=1 iqn.2001-04.com.example:a\nkey=2 iqn.2001-04.com.example:a\n",
		"type=1 iqn.2001-04.com.example:a\n",
		"key=1 iqn.2001-04.com.example:a\ntype=2 iqn.2001-04.com.example:a\n",
		"key=1 iqn.2001-04.com.example:a\ntype=1 -\n",
		"generation=-1\n",
		"colour=blue\n",
	};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		char path[] = "/tmp/pr-XXXXXX";
		struct pr pr = {0};
		int fd = mkstemp(path);

		assert_int_equal(write(fd, texts[i], strlen(texts[i])), strlen(texts[i]));
		close(fd);
		assert_int_equal(pr_load(&pr, path), -EBADMSG);
		pr_done(&pr);
		unlink(path);
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(keys_come_change_and_go),
		TEST(a_wrong_key_is_a_conflict),
		TEST(lists_of_wrong_length_are_refused),
		TEST(what_is_not_supported_is_refused),
		TEST(one_holds_and_can_release),
		TEST(registrants_hear_of_a_release),
		TEST(all_registrants_hold_until_the_last),
		TEST(clear_takes_all_away),
		TEST(preempt_takes_the_reservation),
		TEST(preempt_and_abort_aborts),
		TEST(preempt_removes_registrations_beside_the_holder),
		TEST(key_0_preempts_all_registrants_only),
		TEST(a_reservation_moves_to_another_port),
		TEST(a_move_can_unregister_who_moves),
		TEST(capabilities_are_told),
		TEST(full_status_names_ports_and_the_holder),
		TEST(aptpl_stays_over_a_restart),
		TEST(a_state_that_is_none_is_not_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
