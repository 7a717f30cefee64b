/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Circular doubly linked lists whose nodes are embedded in their objects: an object can leave a
 * list without knowing which one it is in.
 */
#ifndef BASE_LIST_H
#define BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list_node {
	struct list_node *prev, *next;
};

/* A list head without nodes, or a node in no list (which may be removed any number of times). */
static inline void list_init(struct list_node *n)
{
	n->prev = n->next = n;
}

static inline bool list_empty(const struct list_node *head)
{
	return head->next == head;
}

static inline void list_append(struct list_node *head, struct list_node *n)
{
	n->prev = head->prev;
	n->next = head;
	head->prev->next = n;
	head->prev = n;
}

static inline void list_remove(struct list_node *n)
{
	n->prev->next = n->next;
	n->next->prev = n->prev;
	list_init(n);
}

/* Move all nodes of from behind those of to. */
static inline void list_splice(struct list_node *to, struct list_node *from)
{
	if (list_empty(from))
		return;
	from->next->prev = to->prev;
	to->prev->next = from->next;
	from->prev->next = to;
	to->prev = from->prev;
	list_init(from);
}

/* The object of type type around a node that is its member. */
#define list_entry(node, type, member) ((type *)(void *)((char *)(node)-offsetof(type, member)))

/* Each node of a list; the current one may be removed and freed. */
#define list_for_each(node, head)                                                                  \
	for (struct list_node *node = (head)->next, *node##_next = node->next; node != (head);     \
	     node = node##_next, node##_next = node->next)

#endif
