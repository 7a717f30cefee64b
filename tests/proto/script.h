/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A scripted target for the engines of lib/proto.  A script is a table of what the target expects
 * and what it sends; ITT, ISID and StatSN are right by themselves unless a step says otherwise.
 * Everything travels as bytes through pdu_stream, both ways.
 */
#ifndef TESTS_PROTO_SCRIPT_H
#define TESTS_PROTO_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/cursor.h"
#include "lib/proto/pdu.h"

enum step_kind {
	STEP_END, /* the script is over: the engine must have ended, or wait for what never comes */
	STEP_EXPECT,
	STEP_SEND,
	STEP_RAW, /* bytes that need not be a PDU */
	STEP_CLOSE,
};

/* Fields of a sent PDU that are taken from the step instead of being right by themselves. */
enum step_set {
	SET_ITT = 1,
	SET_ISID = 2,
	SET_STAT_SN = 4,
	SET_WINDOW = 8,      /* exp_cmd_sn and max_cmd_sn */
	SET_NO_STAT_SN = 16, /* right, and not counted: a ping */
};

struct step {
	enum step_kind kind;
	unsigned int set;
	/*
	 * "Key=value;Key=value".  Sent: the whole text.  Expected: these pairs are among those that
	 * came, "!Key" is not; NULL: no data at all.
	 */
	const char *keys;
	struct pdu pdu;  /* expected: opcode, flags, ttt and data_len (if not 0) */
	const char *raw; /* STEP_RAW */
	size_t raw_len;
};

/* The byte 1 of login PDUs, written as csg and nsg. */
#define STAY(csg)      ((csg) << ISCSI_LOGIN_CSG_SHIFT)
#define GO(csg, nsg)   (ISCSI_LOGIN_TRANSIT | STAY(csg) | (nsg))
#define SECURITY_GO    GO(ISCSI_STAGE_SECURITY, ISCSI_STAGE_OPERATIONAL)
#define OPERATIONAL_GO GO(ISCSI_STAGE_OPERATIONAL, ISCSI_STAGE_FULL_FEATURE)

#define EXPECT_LOGIN(f, k)                                                                         \
	{                                                                                          \
		.kind = STEP_EXPECT, .keys = (k),                                                  \
		.pdu = {.opcode = ISCSI_OP_LOGIN_REQ,                                              \
			.flags = (f) }                                                             \
	}
#define SEND_LOGIN(f, k, ...)                                                                      \
	{                                                                                          \
		.kind = STEP_SEND, .keys = (k),                                                    \
		.pdu = {.opcode = ISCSI_OP_LOGIN_RSP,                                              \
			.flags = (f),                                                              \
			__VA_ARGS__ }                                                              \
	}
#define SEND_LOGIN_WRONG(s, f, k, ...)                                                             \
	{                                                                                          \
		.kind = STEP_SEND, .set = (s), .keys = (k),                                        \
		.pdu = {.opcode = ISCSI_OP_LOGIN_RSP,                                              \
			.flags = (f),                                                              \
			__VA_ARGS__ }                                                              \
	}
#define EXPECT_PDU(k, ...)                                                                         \
	{                                                                                          \
		.kind = STEP_EXPECT, .keys = (k), .pdu = { __VA_ARGS__ }                           \
	}
#define SEND_PDU(s, k, ...)                                                                        \
	{                                                                                          \
		.kind = STEP_SEND, .set = (s), .keys = (k), .pdu = { __VA_ARGS__ }                 \
	}
#define SEND_RAW(bytes)                                                                            \
	{                                                                                          \
		.kind = STEP_RAW, .raw = (bytes), .raw_len = sizeof(bytes) - 1                     \
	}
#define CLOSE                                                                                      \
	{                                                                                          \
		.kind = STEP_CLOSE                                                                 \
	}

enum { SCRIPT_STEPS_MAX = 16 };

enum engine_says {
	ENGINE_SENT, /* there is something in the writer, or it waits for more */
	ENGINE_ENDED,
};

/* The engine under test. */
struct engine {
	enum engine_says (*start)(void *data, struct writer *w);
	enum engine_says (*step)(void *data, const struct pdu *in, struct writer *w);
	void *data;
};

/* How the target's bytes come. */
struct manner {
	bool by_byte;
	bool split;      /* each text is split by the C bit ... */
	size_t split_at; /* ... behind this many bytes, if it has as many */
};

enum script_end {
	SCRIPT_ENGINE_ENDED,
	SCRIPT_BAD_STREAM,  /* pdu_stream refused the bytes; fault says why */
	SCRIPT_CLOSED,      /* closed between PDUs while the engine waited */
	SCRIPT_CLOSED_HALF, /* closed within a PDU */
};

struct script_result {
	enum script_end end;
	size_t longest_text; /* that was sent in one step: how far splitting makes sense */
	char fault[256];
};

/* Play steps (up to STEP_END) against the engine; what is not as expected fails the test. */
struct script_result script_run(const struct step *steps, const struct engine *engine,
                                const struct manner *manner);

#endif
