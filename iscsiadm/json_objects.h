/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What iscsiadm lists, as objects of a JSON document.  iscsiadm-json(5) describes them; a key that
 * is there never changes its meaning within one number of "schema".
 */
#ifndef ISCSIADM_JSON_OBJECTS_H
#define ISCSIADM_JSON_OBJECTS_H

#include "iscsiadm/boot_record.h"
#include "iscsiadm/print_json.h"
#include "iscsiadm/printer.h"

enum { JSON_SCHEMA = 1 };

/* "portal": {"address": "192.0.2.1", "port": 3260} */
void json_put_portal(struct json in, const char *address, int port);

/* A node's target, portal, tpgt and iface, as keys of the object in. */
void json_put_node(struct json in, const struct iscsi_db_node_id *id);

/* The same for each of several, as objects of the list. */
void json_put_nodes(struct json list, const struct iscsi_db_node_id *ids, size_t count);

/* A discovery record's place. */
void json_put_source(struct json in, const struct iscsi_db_discovery_id *id);

/*
 * A record's keys and values as an object; numbers are numbers.  A secret is left out, but that
 * there is one is said, as "KEY_set": true or false.
 */
void json_put_record(struct json in, const char *key, const struct iscsi_db_record *record);

/* What firmware boots from, as a record. */
void json_put_boot(struct json in, const struct boot_path *path);

/* A session; level as of -P: what is more detailed comes with a higher one.  states: as of
 * print_sessions(). */
void json_put_session(struct json in, const struct cli *cli, const struct host_session *s,
                      int level, const struct daemon_state *states, size_t state_count);

/* A host; what is more detailed comes with -P. */
void json_put_host(struct json in, const struct cli *cli, const struct host_listing *host);

/* "error": {"number": 21, "text": "no objects found"}; null for 0. */
void json_put_error(struct json in, int number);

#endif
