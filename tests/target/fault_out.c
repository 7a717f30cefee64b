/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What faults do with outgoing PDUs.  Verbs only note in the frame what is to become of it, or
 * change its PDU; fault_frame_send() then makes the bytes.
 */
#include <string.h>

#include "lib/base/addr.h"
#include "lib/proto/text.h"
#include "tests/target/conn.h"
#include "tests/target/fault_verb.h"
#include "tests/target/scsi.h"
#include "tests/target/server.h"
#include "tests/target/target.h"
#include "tests/target/wire.h"

enum { FRAME_MAX = 32 << 20 };

/* Where the byte of byte= lies within this PDU. */
static uint64_t at_byte(const struct fault_frame *f)
{
	return f->fault->byte - f->begin;
}

void fault_out_drop(struct fault_frame *f, const struct fault_action *a _unused_)
{
	f->drop = true;
}

void fault_out_delay(struct fault_frame *f, const struct fault_action *a)
{
	f->delay_usec += a->number * USEC_PER_MSEC;
}

void fault_out_hold(struct fault_frame *f, const struct fault_action *a _unused_)
{
	f->hold = true;
}

void fault_out_duplicate(struct fault_frame *f, const struct fault_action *a _unused_)
{
	f->copies++;
}

void fault_out_reorder(struct fault_frame *f, const struct fault_action *a _unused_)
{
	f->reorder = true;
}

void fault_out_corrupt(struct fault_frame *f, const struct fault_action *a)
{
	f->corrupt = true;
	f->corrupt_at = f->fault->has_byte && !a->given ? at_byte(f) : a->number;
}

void fault_out_digest(struct fault_frame *f, const struct fault_action *a)
{
	if (a->number)
		f->wrong_data_digest = true;
	else
		f->wrong_header_digest = true;
}

static uint64_t get_field(const void *at, uint8_t width)
{
	uint64_t v = 0;

	switch (width) {
	case 1: v = *(const uint8_t *)at; break;
	case 2: v = *(const uint16_t *)at; break;
	case 4: v = *(const uint32_t *)at; break;
	}
	return v;
}

static void put_field(void *at, uint8_t width, uint64_t v)
{
	switch (width) {
	case 1: *(uint8_t *)at = (uint8_t)v; break;
	case 2: *(uint16_t *)at = (uint16_t)v; break;
	case 4: *(uint32_t *)at = (uint32_t)v; break;
	}
}

void fault_out_set(struct fault_frame *f, const struct fault_action *a)
{
	char *at = (char *)&f->pdu + a->field->at;
	uint64_t v = a->sign ? get_field(at, a->field->width) : 0;

	v = a->sign == '-' ? v - a->number : v + a->number;
	if (a->field->at == offsetof(struct pdu, data_len)) {
		f->has_length = true;
		f->length = (uint32_t)v & ISCSI_DATA_SEGMENT_MAX;
	} else if (a->field->at == offsetof(struct pdu, opcode)) {
		f->has_opcode = true;
		f->opcode = (uint8_t)v;
	} else {
		put_field(at, a->field->width, v);
	}
}

void fault_out_truncate(struct fault_frame *f, const struct fault_action *a)
{
	f->cut = true;
	f->cut_at = a->given             ? a->number
	            : f->fault->has_byte ? at_byte(f)
	                                 : wire_len(f->conn, &f->pdu) / 2;
}

static void end_at(struct fault_frame *f, enum fault_end end)
{
	f->end = end;
	if (!f->fault->has_byte)
		return;
	f->cut = true;
	f->cut_at = at_byte(f);
}

void fault_out_close(struct fault_frame *f, const struct fault_action *a _unused_)
{
	end_at(f, FAULT_CLOSE);
}

void fault_out_reset(struct fault_frame *f, const struct fault_action *a _unused_)
{
	end_at(f, FAULT_RESET);
}

/* ---- other answers ------------------------------------------------------------------------ */

static void set_text(struct fault_frame *f, struct writer text)
{
	writer_done(&f->text);
	f->text = text;
	f->has_text = true;
	f->pdu.data = text.data;
	f->pdu.data_len = (uint32_t)text.len;
}

static void refuse(struct fault_frame *f, uint64_t status)
{
	f->pdu.status_class = (uint8_t)(status >> 8);
	f->pdu.status_detail = (uint8_t)status;
	f->pdu.flags &= ISCSI_LOGIN_CSG_MASK;
	set_text(f, writer_make(FRAME_MAX));
	f->end = FAULT_CLOSE;
}

void fault_out_status(struct fault_frame *f, const struct fault_action *a)
{
	if (f->pdu.opcode == ISCSI_OP_LOGIN_RSP)
		refuse(f, a->number);
}

void fault_out_redirect(struct fault_frame *f, const struct fault_action *a)
{
	struct writer text = writer_make(FRAME_MAX);
	char address[PORTAL_TEXT_SIZE];
	struct portal portal;

	if (f->pdu.opcode != ISCSI_OP_LOGIN_RSP ||
	    portal_parse((const char *)a->bytes, a->len, ISCSI_PORT, &portal) < 0)
		return;
	refuse(f, a->number ? ISCSI_LOGIN_MOVED_PERMANENTLY : ISCSI_LOGIN_MOVED_TEMPORARILY);
	portal.tpgt = TARGET_TPGT;
	text_put(&text, "TargetAddress", portal_format(&portal, address));
	set_text(f, text);
}

/* The command ends with CHECK CONDITION; its data, if this was the last of them, go unsent. */
void fault_out_sense(struct fault_frame *f, const struct fault_action *a)
{
	struct sense sense = {.key = (enum sense_key)(a->number >> 16),
	                      .code = (uint16_t)a->number};
	bool status_in_data =
		f->pdu.opcode == ISCSI_OP_DATA_IN && f->pdu.flags & ISCSI_DATA_IN_STATUS;
	struct writer text = writer_make(FRAME_MAX);
	uint8_t bytes[SENSE_MAX];
	size_t len = sense_encode(&sense, false, bytes);

	if (f->pdu.opcode != ISCSI_OP_SCSI_RSP && !status_in_data)
		return;
	if (status_in_data) {
		f->pdu.opcode = ISCSI_OP_SCSI_RSP;
		f->pdu.flags = ISCSI_FLAG_FINAL;
		f->pdu.ttt = 0;
	}
	f->pdu.status = SCSI_CHECK_CONDITION;
	writer_be16(&text, (uint16_t)len);
	writer_bytes(&text, bytes, len);
	set_text(f, text);
}

/* "NAME=VALUE" in the place of the key of that name, or behind all; "NAME" alone: without "=". */
void fault_out_key(struct fault_frame *f, const struct fault_action *a)
{
	struct kv_reader r = kv_reader_make(KV_NUL, f->pdu.data, f->pdu.data_len);
	size_t name_len = (size_t)(strchrnul((char *)a->bytes, '=') - (char *)a->bytes);
	struct writer text = writer_make(FRAME_MAX);
	bool found = false;
	struct kv kv;

	while (kv_next(&r, &kv) > 0) {
		if (kv.key_len != name_len || memcmp(kv.key, a->bytes, name_len) != 0) {
			writer_bytes(&text, kv.key, kv.key_len);
			writer_u8(&text, '=');
			writer_bytes(&text, kv.value, kv.value_len);
		} else {
			writer_bytes(&text, a->bytes, a->len);
			found = true;
		}
		writer_u8(&text, 0);
	}
	if (!found) {
		writer_bytes(&text, a->bytes, a->len);
		writer_u8(&text, 0);
	}
	set_text(f, text);
}

void fault_out_text(struct fault_frame *f, const struct fault_action *a)
{
	struct writer text = writer_make(FRAME_MAX);

	writer_bytes(&text, a->bytes, a->len);
	set_text(f, text);
}

void fault_out_raw(struct fault_frame *f, const struct fault_action *a)
{
	writer_reset(&f->raw);
	f->raw.max = FRAME_MAX;
	writer_bytes(&f->raw, a->bytes, a->len);
	f->has_raw = true;
}

/* ---- bytes -------------------------------------------------------------------------------- */

static void encode(const struct fault_frame *f, struct writer *w)
{
	uint8_t head[WIRE_HEAD_MAX], tail[WIRE_TAIL_MAX];
	struct pdu announced = f->pdu;
	size_t head_len = wire_head_len(f->conn);
	size_t tail_len = wire_put_tail(f->conn, f->pdu.data, f->pdu.data_len, tail);

	if (f->has_length)
		announced.data_len = f->length;
	pdu_encode(&announced, head);
	if (f->has_opcode)
		head[0] = f->opcode;
	wire_seal_head(f->conn, head);
	if (f->wrong_header_digest && head_len > ISCSI_BHS_LEN)
		head[ISCSI_BHS_LEN] ^= 0xff;
	if (f->wrong_data_digest && tail_len >= CRC32C_LEN)
		tail[tail_len - 1] ^= 0xff;
	writer_bytes(w, head, head_len);
	writer_bytes(w, f->pdu.data, f->pdu.data_len);
	writer_bytes(w, tail, tail_len);
}

void fault_frame_send(struct fault_frame *f)
{
	uint64_t due = f->hold         ? CONN_HELD
	               : f->delay_usec ? f->conn->server->now_usec + f->delay_usec
	                               : 0;
	struct writer w = writer_make(FRAME_MAX);

	if (f->drop)
		f->copies = 0;
	for (unsigned int i = 0; i < f->copies; i++) {
		if (f->has_raw)
			writer_bytes(&w, f->raw.data, f->raw.len);
		else
			encode(f, &w);
	}
	if (f->corrupt && f->corrupt_at < w.len)
		w.data[f->corrupt_at] ^= 0xff;
	if (f->cut && f->cut_at < w.len)
		w.len = (size_t)f->cut_at;
	if (writer_status(&w) < 0)
		conn_close(f->conn, "no memory");
	else if (f->reorder)
		conn_queue_behind(f->conn, w.data, w.len);
	else
		conn_queue(f->conn, w.data, w.len, due);
	if (f->end != FAULT_GO_ON)
		conn_cut(f->conn, f->end == FAULT_RESET);
	writer_done(&w);
	writer_done(&f->text);
	writer_done(&f->raw);
}
