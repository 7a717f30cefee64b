/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/base/list.h"

struct item {
	int value;
	struct list_node node;
};

/* The values of a list as one number, first one leftmost. */
static int digits(const struct list_node *head)
{
	int n = 0;

	list_for_each (node, head)
		n = n * 10 + list_entry(node, struct item, node)->value;
	return n;
}

static void appended_nodes_keep_their_order(void **state)
{
	struct list_node head;
	struct item a = {.value = 1}, b = {.value = 2}, c = {.value = 3};

	(void)state;
	list_init(&head);
	assert_true(list_empty(&head));
	list_append(&head, &a.node);
	list_append(&head, &b.node);
	list_append(&head, &c.node);
	assert_int_equal(digits(&head), 123);
	assert_false(list_empty(&head));
}

static void a_node_leaves_its_list_and_may_leave_again(void **state)
{
	struct list_node head;
	struct item a = {.value = 1}, b = {.value = 2};

	(void)state;
	list_init(&head);
	list_append(&head, &a.node);
	list_append(&head, &b.node);
	list_remove(&a.node);
	list_remove(&a.node);
	assert_int_equal(digits(&head), 2);
}

static void the_current_node_may_be_removed_in_a_walk(void **state)
{
	struct list_node head;
	struct item a = {.value = 1}, b = {.value = 2}, c = {.value = 3};

	(void)state;
	list_init(&head);
	list_append(&head, &a.node);
	list_append(&head, &b.node);
	list_append(&head, &c.node);
	list_for_each (node, &head) {
		if (list_entry(node, struct item, node)->value != 2)
			list_remove(node);
	}
	assert_int_equal(digits(&head), 2);
}

static void splice_moves_all_to_the_end(void **state)
{
	struct list_node to, from;
	struct item a = {.value = 1}, b = {.value = 2}, c = {.value = 3};

	(void)state;
	list_init(&to);
	list_init(&from);
	list_splice(&to, &from);
	assert_true(list_empty(&to));
	list_append(&to, &a.node);
	list_append(&from, &b.node);
	list_append(&from, &c.node);
	list_splice(&to, &from);
	assert_int_equal(digits(&to), 123);
	assert_true(list_empty(&from));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(appended_nodes_keep_their_order),
		cmocka_unit_test(a_node_leaves_its_list_and_may_leave_again),
		cmocka_unit_test(the_current_node_may_be_removed_in_a_walk),
		cmocka_unit_test(splice_moves_all_to_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
