/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Unit attentions of I_T nexuses (SAM-5 5.14).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/target/nexus.h"
#include "tests/target/target.h"

struct fixture {
	struct target *target;
	struct nexus one, two;
};

static int set_up(void **state)
{
	static const struct lun_config config = {.number = 4, .block_size = 512, .size = 512};
	struct fixture *f = calloc(1, sizeof(*f));

	f->target = target_new("iqn.2001-04.com.example:unit");
	assert_int_equal(lun_open(&config, f->target->name, &f->target->scsi.luns[4]), 0);
	nexus_init(&f->one, &f->target->scsi, "iqn.2001-04.com.example:a",
	           (const uint8_t[6]){0x80, 0, 1, 2, 3, 0xf});
	nexus_init(&f->two, &f->target->scsi, "iqn.2001-04.com.example:b", (const uint8_t[6]){0});
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	nexus_done(&f->one);
	nexus_done(&f->two);
	target_free(f->target);
	free(f);
	return 0;
}

static void a_new_nexus_hears_of_power_on_first(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(nexus_take_attention(&f->one, 0), 0x2900);
	assert_int_equal(nexus_take_attention(&f->one, 0), 0);
	assert_int_equal(nexus_take_attention(&f->one, LUN_COUNT - 1), 0x2900);
}

static void attentions_are_told_in_order_and_once(void **state)
{
	struct fixture *f = *state;

	nexus_take_attention(&f->one, 4);
	nexus_attention(&f->one, 4, SENSE_COMMANDS_CLEARED);
	nexus_luns_changed(&f->target->scsi);
	nexus_attention(&f->one, 4, SENSE_COMMANDS_CLEARED);
	assert_int_equal(nexus_take_attention(&f->one, 4), 0x2f00);
	assert_int_equal(nexus_take_attention(&f->one, 4), 0x3f0e);
	assert_int_equal(nexus_take_attention(&f->one, 4), 0);
	/* the other one still waits for its own */
	assert_int_equal(nexus_take_attention(&f->two, 4), 0x2900);
	assert_int_equal(nexus_take_attention(&f->two, 4), 0x3f0e);
}

static void a_reset_replaces_what_was_pending(void **state)
{
	struct fixture *f = *state;

	nexus_attention(&f->one, 4, SENSE_LUNS_CHANGED);
	nexus_attention_all(&f->target->scsi, 4, SENSE_BUS_DEVICE_RESET, &f->two);
	assert_int_equal(nexus_take_attention(&f->one, 4), 0x2903);
	assert_int_equal(nexus_take_attention(&f->one, 4), 0);
	assert_int_equal(nexus_take_attention(&f->two, 4), 0x2900);
}

static void what_is_known_is_not_told(void **state)
{
	struct fixture *f = *state;

	nexus_take_attention(&f->one, 4);
	nexus_attention(&f->one, 4, SENSE_COMMANDS_CLEARED);
	nexus_luns_changed(&f->target->scsi);
	nexus_attention(&f->one, 4, SENSE_CAPACITY_CHANGED);
	nexus_drop_attention(&f->one, SENSE_LUNS_CHANGED);
	assert_int_equal(nexus_take_attention(&f->one, 4), 0x2f00);
	assert_int_equal(nexus_take_attention(&f->one, 4), 0x2a09);
	assert_int_equal(nexus_take_attention(&f->one, 4), 0);
}

static void more_than_fit_are_lost_and_harm_nothing(void **state)
{
	struct fixture *f = *state;

	nexus_take_attention(&f->one, 4);
	for (int i = 0; i < 2 * ATTENTIONS_MAX; i++)
		nexus_attention(&f->one, 4, SENSE_COMMANDS_CLEARED + i);
	for (int i = 0; i < ATTENTIONS_MAX; i++)
		assert_int_equal(nexus_take_attention(&f->one, 4), SENSE_COMMANDS_CLEARED + i);
	assert_int_equal(nexus_take_attention(&f->one, 4), 0);
}

static void a_port_is_named_by_iqn_and_isid(void **state)
{
	struct fixture *f = *state;

	/* SPC-4 7.6.4.6: the separator is ",i,0x" */
	assert_string_equal(f->one.port, "iqn.2001-04.com.example:a,i,0x80000102030f");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_new_nexus_hears_of_power_on_first),
		TEST(attentions_are_told_in_order_and_once),
		TEST(a_reset_replaces_what_was_pending),
		TEST(what_is_known_is_not_told),
		TEST(more_than_fit_are_lost_and_harm_nothing),
		TEST(a_port_is_named_by_iqn_and_isid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
