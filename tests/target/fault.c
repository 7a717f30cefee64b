/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of misbehaviours.
 */
#include "tests/target/fault.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/num.h"
#include "lib/proto/text.h"

enum { NAMES_MAX = 65536, LONG_NAME = 300, RESERVED_OPCODE = 0x2f };

/* Appends to w; true: close the connection behind it. */
typedef bool (*fault_function)(const struct fault *f, struct pdu *pdu, uint64_t sent,
                               struct writer *w);

struct fault_row {
	const char *name;
	bool has_number;
	uint8_t opcode; /* unless told by @WHEN */
	fault_function apply;
};

static bool garbage(const struct fault *f _unused_, struct pdu *pdu _unused_,
                    uint64_t sent _unused_, struct writer *w)
{
	writer_str(w,
	           "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\n\r\nno such thing\r\n");
	return false;
}

static bool half_pdu(const struct fault *f _unused_, struct pdu *pdu, uint64_t sent _unused_,
                     struct writer *w)
{
	size_t before = w->len;

	pdu_write(w, pdu);
	w->len = before + (w->len - before) / 2;
	return true;
}

static bool wrong_opcode(const struct fault *f _unused_, struct pdu *pdu, uint64_t sent _unused_,
                         struct writer *w)
{
	pdu->opcode = pdu->opcode == ISCSI_OP_NOP_IN ? ISCSI_OP_ASYNC : ISCSI_OP_NOP_IN;
	pdu_write(w, pdu);
	return false;
}

static bool reserved_opcode(const struct fault *f _unused_, struct pdu *pdu, uint64_t sent _unused_,
                            struct writer *w)
{
	pdu->opcode = RESERVED_OPCODE;
	pdu_write(w, pdu);
	return false;
}

static bool wrong_itt(const struct fault *f _unused_, struct pdu *pdu, uint64_t sent _unused_,
                      struct writer *w)
{
	pdu->itt ^= 0x5a5a5a5a;
	pdu_write(w, pdu);
	return false;
}

static bool key_without_equals(const struct fault *f _unused_, struct pdu *pdu,
                               uint64_t sent _unused_, struct writer *w)
{
	static const char text[] = "TargetPortalGroupTag=1\0HeaderDigest";

	pdu->data = (const uint8_t *)text;
	pdu->data_len = sizeof(text);
	pdu_write(w, pdu);
	return false;
}

/* The header announces the most that 24 bits can say; what was there follows. */
static bool huge_length(const struct fault *f _unused_, struct pdu *pdu, uint64_t sent _unused_,
                        struct writer *w)
{
	uint8_t bhs[ISCSI_BHS_LEN];
	uint32_t len = pdu->data_len;

	pdu->data_len = ISCSI_DATA_SEGMENT_MAX;
	pdu_encode(pdu, bhs);
	writer_bytes(w, bhs, sizeof(bhs));
	writer_bytes(w, pdu->data, len);
	return false;
}

static bool close_at(const struct fault *f, struct pdu *pdu, uint64_t sent, struct writer *w)
{
	size_t before = w->len;
	uint64_t left = f->number > sent ? f->number - sent : 0;

	pdu_write(w, pdu);
	if (w->len - before < left)
		return false;
	w->len = before + (size_t)left;
	return true;
}

/* Names that must never become part of a path or record, between two that are in order. */
static bool hostile_names(const struct fault *f _unused_, struct pdu *pdu, uint64_t sent _unused_,
                          struct writer *w)
{
	static const char *const names[] = {
		"iqn.2001-04.com.example:first",
		"../../../../tmp/x",
		"iqn.2001-04.com.example:a/b",
		"iqn.2001-04.com.example:a\nb = c",
		"iqn.2001-04.com.example:a b",
		"",
		".",
		"..",
		"iqn.2001-04.com.example:..",
	};
	struct writer text = writer_make(NAMES_MAX);
	char long_name[LONG_NAME + 1];

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		text_put(&text, "TargetName", names[i]);
		text_put(&text, "TargetAddress", "127.0.0.1:3260,1");
	}
	memset(long_name, 'a', LONG_NAME);
	memcpy(long_name, "iqn.", 4);
	long_name[LONG_NAME] = '\0';
	text_put(&text, "TargetName", long_name);
	text_put(&text, "TargetAddress", "127.0.0.1:3260,1");
	text_put(&text, "TargetName", "iqn.2001-04.com.example:last");
	text_put(&text, "TargetAddress", "../../x:3260,1");
	text_put(&text, "TargetAddress", "127.0.0.1:3260,1");
	if (writer_status(&text) == 0) {
		pdu->data = text.data;
		pdu->data_len = (uint32_t)text.len;
		pdu_write(w, pdu);
	}
	writer_done(&text);
	return false;
}

static const struct fault_row rows[] = {
	{"garbage", false, ISCSI_OP_LOGIN_RSP, garbage},
	{"half-pdu", false, ISCSI_OP_LOGIN_RSP, half_pdu},
	{"wrong-opcode", false, ISCSI_OP_LOGIN_RSP, wrong_opcode},
	{"reserved-opcode", false, ISCSI_OP_LOGIN_RSP, reserved_opcode},
	{"wrong-itt", false, ISCSI_OP_LOGIN_RSP, wrong_itt},
	{"key-without-equals", false, ISCSI_OP_LOGIN_RSP, key_without_equals},
	{"huge-length", false, ISCSI_OP_LOGIN_RSP, huge_length},
	{"close-at", true, 0, close_at},
	{"hostile-names", false, ISCSI_OP_TEXT_RSP, hostile_names},
};

static const struct {
	const char *name;
	uint8_t opcode;
} moments[] = {
	{"login", ISCSI_OP_LOGIN_RSP},
	{"text", ISCSI_OP_TEXT_RSP},
	{"logout", ISCSI_OP_LOGOUT_RSP},
	{"scsi", ISCSI_OP_SCSI_RSP},
	{"all", 0},
};

static int unknown(char *ret_why, size_t why_size, const char *what)
{
	struct writer w = writer_make(why_size - 1);

	writer_printf(&w, "%s; known are NAME", what);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		writer_printf(&w, " %s%s", rows[i].name, rows[i].has_number ? "=N" : "");
	writer_str(&w, ", WHEN");
	for (size_t i = 0; i < ARRAY_LEN(moments); i++)
		writer_printf(&w, " %s", moments[i].name);
	snprintf(ret_why, why_size, "%.*s", (int)w.len, (const char *)w.data);
	writer_done(&w);
	return -EINVAL;
}

int fault_parse(const char *text, struct fault *ret, char *ret_why, size_t why_size)
{
	const char *at = strchrnul(text, '@');
	const char *equals = memchr(text, '=', (size_t)(at - text));
	size_t name_len = (size_t)((equals ? equals : at) - text);
	struct fault f = {0};
	int64_t number = 0;

	for (size_t i = 0; i < ARRAY_LEN(rows) && !f.row; i++)
		if (strlen(rows[i].name) == name_len && memcmp(rows[i].name, text, name_len) == 0)
			f.row = &rows[i];
	if (!f.row)
		return unknown(ret_why, why_size, "no such misbehaviour");
	if (f.row->has_number != (equals != NULL) ||
	    (equals && num_parse(equals + 1, (size_t)(at - equals - 1), 0, INT64_MAX, &number) < 0))
		return unknown(ret_why, why_size, "a number is missing, wrong or too much");
	f.number = (uint64_t)number;
	f.opcode = f.row->opcode;
	if (*at) {
		size_t i = 0;

		while (i < ARRAY_LEN(moments) && strcmp(moments[i].name, at + 1) != 0)
			i++;
		if (i == ARRAY_LEN(moments))
			return unknown(ret_why, why_size, "no such WHEN");
		f.opcode = moments[i].opcode;
	}
	f.any_opcode = f.opcode == 0;
	*ret = f;
	return 0;
}

bool fault_apply(const struct fault *f, const struct pdu *pdu, uint64_t sent, struct writer *w)
{
	struct pdu copy = *pdu;

	if (f->any_opcode || f->opcode == pdu->opcode)
		return f->row->apply(f, &copy, sent, w);
	pdu_write(w, pdu);
	return false;
}
