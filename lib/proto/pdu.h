/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PDUs of RFC 7143 section 11: one flat structure, one layout table, an incremental intake.
 * Pure: no descriptor, no clock, no log.
 */
#ifndef PROTO_PDU_H
#define PROTO_PDU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/cursor.h"
#include "lib/proto/iscsi.h"

/*
 * The fields of all PDUs side by side; each opcode uses the ones that its rows in the layout
 * table (pdu.c) name, the others are zero after decoding and ignored when encoding.
 */
struct pdu {
	uint8_t opcode; /* enum iscsi_op, without the I bit */
	bool immediate; /* the I bit */
	uint8_t flags;  /* byte 1 as it is on the wire */
	uint8_t ahs_words;
	uint32_t data_len; /* DataSegmentLength, bytes without padding */
	uint8_t lun[8];
	uint32_t itt;
	uint32_t ttt; /* also the SNACK Tag */
	uint32_t cmd_sn;
	uint32_t exp_cmd_sn;
	uint32_t max_cmd_sn;
	uint32_t stat_sn;
	uint32_t exp_stat_sn;
	uint32_t data_sn;       /* also R2TSN and, in SCSI and TMF PDUs, ExpDataSN */
	uint32_t buffer_offset; /* Data-Out, Data-In, R2T */
	uint32_t transfer_len;  /* Expected (SCSI Command) or Desired (R2T) Data Transfer Length */
	uint32_t residual;
	uint32_t bidi_residual;
	uint8_t cdb[16];
	uint8_t response; /* SCSI, TMF and Logout responses */
	uint8_t status;   /* SCSI status: SCSI response, Data-In with the S bit */
	uint8_t isid[6];
	uint16_t tsih;
	uint16_t cid;
	uint8_t version_max;
	uint8_t version_min; /* Version-active in a response */
	uint8_t status_class;
	uint8_t status_detail;
	uint32_t ref_itt; /* Referenced Task Tag */
	uint32_t ref_cmd_sn;
	uint32_t beg_run;
	uint32_t run_length;
	uint16_t time2wait;
	uint16_t time2retain;
	uint8_t async_event;
	uint8_t async_vcode;
	uint16_t param1, param2, param3;
	uint8_t reason; /* Reject; logout reason and TMF function are in flags, low 7 bits */
	/* borrowed: valid as long as the bytes it was decoded from */
	const uint8_t *ahs;  /* ahs_words * 4 bytes, NULL if none */
	const uint8_t *data; /* data_len bytes, NULL if none */
};

/* The name of an opcode as the RFC writes it, or "unknown opcode". */
const char *pdu_opcode_name(uint8_t opcode);

/* Whether RFC 7143 has such an opcode (without the I bit). */
bool pdu_opcode_known(uint8_t opcode);

/*
 * Decode a basic header.  Every opcode of RFC 7143 is known.  Returns 0, or -EBADMSG for another
 * opcode: then only opcode, flags, lengths and itt are filled.  ahs and data are NULL.
 */
int pdu_decode(const uint8_t bhs[static ISCSI_BHS_LEN], struct pdu *ret);

/* Encode the basic header; fields that the opcode does not have stay zero on the wire. */
void pdu_encode(const struct pdu *pdu, uint8_t ret_bhs[static ISCSI_BHS_LEN]);

/* Append the whole PDU (header, AHS, data and padding; no digests) to w. */
void pdu_write(struct writer *w, const struct pdu *pdu);

/* Bytes of padding behind len bytes of data: 0 to 3. */
static inline size_t pdu_padding(size_t len)
{
	return -len & 3;
}

/*
 * Incremental intake of one connection's bytes.  Ask where the next bytes belong, put them
 * there, say how many came:
 *
 *	pdu_stream_want(s, &buf, &len); n = read(fd, buf, len); r = pdu_stream_got(s, n, &pdu);
 *
 * Bytes may come one at a time or many at once; len never reaches beyond the current PDU's part, so
 *that nothing is read that is not the stream's (an fd can be handed on between two PDUs).
 */
struct pdu_stream;

/*
 * max_data: largest DataSegmentLength accepted, in bytes (at least ISCSI_DEFAULT_MAX_RECV);
 * memory grows with what really comes, never with what a header announces alone by more than
 * max_data.  NULL: no memory.
 */
struct pdu_stream *pdu_stream_new(uint32_t max_data);
struct pdu_stream *pdu_stream_free(struct pdu_stream *s);

/*
 * From the next PDU on: another limit, and whether PDUs carry CRC32C digests (RFC 7143 13.1).
 * To be called between two PDUs only: before the first byte or upon a complete PDU.
 */
void pdu_stream_set_max_data(struct pdu_stream *s, uint32_t max_data);
void pdu_stream_set_digests(struct pdu_stream *s, bool header, bool data);

/*
 * From now on an unknown opcode is no fault: the PDU comes out as pdu_decode() leaves it, for a
 * side that answers it with a Reject.
 */
void pdu_stream_take_unknown(struct pdu_stream *s);

/*
 * Where to put the next bytes and how many at most (at least 1).  The buffer stays valid until
 * the next call on s.  Returns 0 or -ENOMEM.
 */
int pdu_stream_want(struct pdu_stream *s, void **ret_buf, size_t *ret_len);

/*
 * n bytes were put there.  Returns 1 when a PDU is complete: *ret with ahs and data borrowed from s
 * until the next call that takes bytes in; 0 when more is needed; -EBADMSG when the bytes cannot be
 * a PDU (pdu_stream_fault() says why); the stream is unusable then.
 */
int pdu_stream_got(struct pdu_stream *s, size_t n, struct pdu *ret);

/*
 * The same for bytes that were read already, more than one PDU perhaps: consumes from in up to
 * the end of a PDU and returns as pdu_stream_got(), 0 when in is used up, or -ENOMEM.  The PDU's
 * ahs and data are borrowed from s or from the bytes below in, where it lay whole in them.
 */
int pdu_stream_take(struct pdu_stream *s, struct cursor *in, struct pdu *ret);

/* Whether the stream stands between two PDUs (false: an end of file here is half a PDU). */
bool pdu_stream_idle(const struct pdu_stream *s);

/* What was wrong, for people ("DataSegmentLength 16777215 is beyond the limit of 8192"); "" if
 * nothing. */
const char *pdu_stream_fault(const struct pdu_stream *s);

#endif
