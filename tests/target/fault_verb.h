/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the faults' parser (fault_parse.c), their moments (fault.c) and their deeds (fault_out.c,
 * fault_in.c) have in common: the table of verbs.
 */
#ifndef TARGET_FAULT_VERB_H
#define TARGET_FAULT_VERB_H

#include "tests/target/fault.h"

enum fault_argument {
	FAULT_ARG_NONE,
	FAULT_ARG_NUMBER,
	FAULT_ARG_OPTIONAL, /* number */
	FAULT_ARG_FIELD,    /* field and number */
	FAULT_ARG_DIGEST,   /* "header" or "data" */
	FAULT_ARG_STATUS,   /* CLASS/DETAIL of a login */
	FAULT_ARG_SENSE,    /* KEY/ASC/ASCQ, hexadecimal */
	FAULT_ARG_PORTAL,   /* ADDRESS[:PORT] ["permanent"] */
	FAULT_ARG_TEXT,
};

/* A field of struct pdu that "set" can change. */
struct fault_field {
	const char *name;
	uint16_t at;
	uint8_t width;
};

enum fault_end { FAULT_GO_ON, FAULT_CLOSE, FAULT_RESET };

/* An outgoing PDU in the hands of the faults. */
struct fault_frame {
	struct writer text; /* instead of the PDU's data, when has_text */
	struct writer raw;  /* instead of the whole PDU, when has_raw */
	struct pdu pdu;
	bool has_text, has_raw;
	bool drop, hold, reorder;
	bool corrupt, cut, has_length, has_opcode;
	bool wrong_header_digest, wrong_data_digest;
	unsigned int copies;
	uint64_t delay_usec;
	uint64_t corrupt_at; /* byte of the PDU on the wire */
	uint64_t cut_at;     /* only so many bytes of it go */
	uint32_t length;     /* that the header announces */
	uint8_t opcode;      /* that it shows; the rest of it is what it was */
	enum fault_end end;
	/* borrowed */
	struct conn *conn;
	const struct fault *fault; /* that acts now */
	uint64_t begin;            /* bytes that the connection sent before */
};

/* An incoming one. */
struct fault_intake {
	bool drop, hold, duplicate;
	uint64_t delay_usec;
	enum fault_end end;
	/* borrowed */
	struct conn *conn;
	const struct fault *fault;
	const struct pdu *pdu;
};

struct fault_verb {
	const char *name;
	enum fault_argument argument;
	void (*out)(struct fault_frame *f, const struct fault_action *a); /* NULL: not with out */
	void (*in)(struct fault_intake *f, const struct fault_action *a); /* NULL: not with in */
	void (*timed)(struct conn *c, const struct fault_action *a);      /* NULL: not with time= */
};

/* The row of that name, or NULL; all names with blanks between them. */
const struct fault_verb *fault_verb_find(const char *name);
void fault_verbs_list(struct writer *w);
const struct fault_field *fault_field_find(const char *name);
void fault_fields_list(struct writer *w);

/* The name of an opcode in a line ("login-response"), into a buffer of the caller. */
enum { FAULT_OPCODE_SIZE = 40 };
const char *fault_opcode_name(uint8_t opcode, char ret[static FAULT_OPCODE_SIZE]);

/* Parse a line (fault_parse.c) into *ret, which fault_done() releases. */
int fault_parse(const char *line, size_t len, struct fault *ret,
                char ret_why[static FAULT_WHY_SIZE]);
void fault_done(struct fault *f);

/* Outgoing (fault_out.c). */
void fault_out_drop(struct fault_frame *f, const struct fault_action *a);
void fault_out_delay(struct fault_frame *f, const struct fault_action *a);
void fault_out_hold(struct fault_frame *f, const struct fault_action *a);
void fault_out_duplicate(struct fault_frame *f, const struct fault_action *a);
void fault_out_reorder(struct fault_frame *f, const struct fault_action *a);
void fault_out_corrupt(struct fault_frame *f, const struct fault_action *a);
void fault_out_digest(struct fault_frame *f, const struct fault_action *a);
void fault_out_set(struct fault_frame *f, const struct fault_action *a);
void fault_out_truncate(struct fault_frame *f, const struct fault_action *a);
void fault_out_close(struct fault_frame *f, const struct fault_action *a);
void fault_out_reset(struct fault_frame *f, const struct fault_action *a);
void fault_out_status(struct fault_frame *f, const struct fault_action *a);
void fault_out_sense(struct fault_frame *f, const struct fault_action *a);
void fault_out_redirect(struct fault_frame *f, const struct fault_action *a);
void fault_out_key(struct fault_frame *f, const struct fault_action *a);
void fault_out_text(struct fault_frame *f, const struct fault_action *a);
void fault_out_raw(struct fault_frame *f, const struct fault_action *a);

/* Queue what became of a frame, and release it. */
void fault_frame_send(struct fault_frame *f);

/* Incoming, and without any PDU (fault_in.c). */
void fault_in_drop(struct fault_intake *f, const struct fault_action *a);
void fault_in_delay(struct fault_intake *f, const struct fault_action *a);
void fault_in_hold(struct fault_intake *f, const struct fault_action *a);
void fault_in_duplicate(struct fault_intake *f, const struct fault_action *a);
void fault_in_close(struct fault_intake *f, const struct fault_action *a);
void fault_in_reset(struct fault_intake *f, const struct fault_action *a);
void fault_in_status(struct fault_intake *f, const struct fault_action *a);
void fault_in_sense(struct fault_intake *f, const struct fault_action *a);
void fault_in_reject(struct fault_intake *f, const struct fault_action *a);
void fault_in_ignore(struct fault_intake *f, const struct fault_action *a);
void fault_in_stall(struct fault_intake *f, const struct fault_action *a);
void fault_in_split(struct fault_intake *f, const struct fault_action *a);
void fault_in_endless(struct fault_intake *f, const struct fault_action *a);
void fault_in_async(struct fault_intake *f, const struct fault_action *a);
void fault_timed_close(struct conn *c, const struct fault_action *a);
void fault_timed_reset(struct conn *c, const struct fault_action *a);
void fault_timed_stall(struct conn *c, const struct fault_action *a);
void fault_timed_async(struct conn *c, const struct fault_action *a);

#endif
