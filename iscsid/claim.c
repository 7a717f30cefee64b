/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsid/claim.h"

#include <string.h>

#include "lib/base/macros.h"

/* How a result relates to the offer, RFC 7143 section 13. */
enum relation {
	EQUAL,    /* declared: ours alone */
	AT_MOST,  /* the smaller one wins */
	AT_LEAST, /* the larger one wins */
};

static const struct number_row {
	const char *key;
	size_t offer, params;
	enum relation relation;
} numbers[] = {
#define ROW(key, member, relation)                                                                 \
	{                                                                                          \
		key, offsetof(struct iscsi_offer, member), offsetof(struct iscsi_params, member),  \
			relation                                                                   \
	}
	ROW("MaxRecvDataSegmentLength", max_recv_data_segment_length, EQUAL),
	ROW("MaxBurstLength", max_burst_length, AT_MOST),
	ROW("MaxOutstandingR2T", max_outstanding_r2t, AT_MOST),
	ROW("MaxConnections", max_connections, AT_MOST),
	ROW("ErrorRecoveryLevel", error_recovery_level, AT_MOST),
	ROW("DefaultTime2Wait", default_time2wait, AT_LEAST),
	ROW("DefaultTime2Retain", default_time2retain, AT_MOST),
#undef ROW
};

static uint32_t number_at(const void *object, size_t offset)
{
	uint32_t v;

	memcpy(&v, (const uint8_t *)object + offset, sizeof(v));
	return v;
}

static bool number_fits(const struct number_row *row, const struct peer_login *login,
                        const struct peer_done *done)
{
	const uint32_t ours = number_at(&login->offer, row->offer);
	const uint32_t got = number_at(&done->params, row->params);

	switch (row->relation) {
	case EQUAL: return got == ours;
	case AT_MOST: return got <= ours;
	case AT_LEAST: return got >= ours;
	}
	return false;
}

/* A digest that was offered, or none where that was. */
static bool digest_fits(const struct iscsi_digest_list *offer, bool have)
{
	const uint8_t wanted = have ? ISCSI_DIGEST_CRC32C : ISCSI_DIGEST_NONE;

	return offer->method[0] == wanted || offer->method[1] == wanted;
}

const char *claim_fault(const struct peer_login *login, const struct peer_done *done)
{
	const struct iscsi_offer *o = &login->offer;
	const struct iscsi_params *p = &done->params;

	for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
		if (!number_fits(&numbers[i], login, done))
			return numbers[i].key;
	}
	if (!digest_fits(&o->header_digest, p->header_digest))
		return "HeaderDigest";
	if (!digest_fits(&o->data_digest, p->data_digest))
		return "DataDigest";
	/* results of OR cannot take back a Yes, of AND no No */
	if (o->initial_r2t && !p->initial_r2t)
		return "InitialR2T";
	if (!o->immediate_data && p->immediate_data)
		return "ImmediateData";
	if (o->data_pdu_in_order && !p->data_pdu_in_order)
		return "DataPDUInOrder";
	if (o->data_sequence_in_order && !p->data_sequence_in_order)
		return "DataSequenceInOrder";
	/* 13.14: irrelevant without unsolicited data */
	if ((!p->initial_r2t || p->immediate_data) && p->first_burst_length > o->first_burst_length)
		return "FirstBurstLength";
	if (login->tsih != 0 && done->tsih != login->tsih)
		return "TSIH";
	return NULL;
}
