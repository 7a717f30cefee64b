/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libiscsi-db: the record database of the iSCSI initiator, and its configuration files.
 *
 * Records are in open-iscsi's format and places: what its tool wrote is read here, what is
 * written here is read by its tool.  Reads take no lock and see whole records only; writes replace
 * files and are serialised by a lock that dies with its process.  Functions return 0 or a
 * negative errno unless said otherwise; out-parameters come last and are untouched on failure.
 */
#ifndef ISCSI_DB_H
#define ISCSI_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- records ---------------------------------------------------------------------------- */

enum iscsi_db_kind {
	ISCSI_DB_NODE,        /* node.*, iface.* */
	ISCSI_DB_SENDTARGETS, /* discovery.* of a SendTargets portal */
	ISCSI_DB_ISNS,        /* discovery.* of an iSNS server */
	ISCSI_DB_IFACE,       /* iface.* */
};

/*
 * Told about each line that could not be taken as it is; line is 0 when it is about no line; text
 * is a sentence without full stop, borrowed for the call.
 */
typedef void (*iscsi_db_problem)(void *data, unsigned int line, const char *text);

/* A set of keys with values; which keys there are is the schema table's (schema.h) to say. */
struct iscsi_db_record;

/* A record with every key of its kind at its built-in default.  NULL: no memory. */
struct iscsi_db_record *iscsi_db_record_new(enum iscsi_db_kind kind);
struct iscsi_db_record *iscsi_db_record_free(struct iscsi_db_record *r);
struct iscsi_db_record *iscsi_db_record_dup(const struct iscsi_db_record *r);

enum iscsi_db_kind iscsi_db_record_kind(const struct iscsi_db_record *r);

/*
 * The value of a key as text; "" when it is empty; NULL for a key that the kind does not have and
 * that was not in the file either.  Borrowed until the key is set or the record freed.
 */
const char *iscsi_db_record_get(const struct iscsi_db_record *r, const char *key);

/* The value as a number (a key that is no number, or absent: def) and as a truth ("Yes"). */
int64_t iscsi_db_record_get_int(const struct iscsi_db_record *r, const char *key, int64_t def);
bool iscsi_db_record_get_bool(const struct iscsi_db_record *r, const char *key);

/*
 * Give a key a value, checked against the schema.  -ENOENT: no such key; -EINVAL: not a value of
 * its type or none of its words; -ERANGE: a number outside its range, or a text too long.  An empty
 * text is its default.
 */
int iscsi_db_record_set(struct iscsi_db_record *r, const char *key, const char *value);

/*
 * The same for a user's update: also -EPERM for a key that is used to look the record up.
 */
int iscsi_db_record_update(struct iscsi_db_record *r, const char *key, const char *value);

/*
 * Check a value as iscsi_db_record_set() does, without a record: also tells problem (may be NULL)
 * each word of a list that is unknown or repeated and would be dropped.  Returns as set.
 */
int iscsi_db_value_check(enum iscsi_db_kind kind, const char *key, const char *value,
                         iscsi_db_problem problem, void *data);

/*
 * The secret that the value of a secret key stands for, which the functions above never look for:
 * the value itself, or what is in the file behind "@file:" (an absolute path; the file must be its
 * owner's alone, and that owner the caller or root), or in the systemd credential behind "@creds:".
 * One newline at the end does not count.  -EPERM: others may read or write the file; -ENOENT;
 * -EINVAL, -ERANGE: no line of 1 to 255 bytes.  problem (may be NULL) is told why, never what.
 */
int iscsi_db_secret_resolve(const char *value, iscsi_db_problem problem, void *data, char **ret);

/* Wipe and free what that returned (or NULL). Returns NULL. */
char *iscsi_db_secret_free(char *secret);

/* What values a key takes, for an error message ("None, CHAP", "512 to 16777215"); NULL: no such
 * key. */
const char *iscsi_db_key_allowed(enum iscsi_db_kind kind, const char *key);

/* Whether the value of a key is a secret: masked when it is shown, and never part of a message. */
bool iscsi_db_key_secret(enum iscsi_db_kind kind, const char *key);

/* When a session that is there takes a new value of a node record's key. */
enum iscsi_db_effect {
	ISCSI_DB_EFFECT_NONE,      /* it does not concern the session */
	ISCSI_DB_EFFECT_LIVE,      /* at once */
	ISCSI_DB_EFFECT_RECONNECT, /* when its connection is made anew */
	ISCSI_DB_EFFECT_LOGIN,     /* never: with another login */
};

enum iscsi_db_effect iscsi_db_key_effect(enum iscsi_db_kind kind, const char *key);

/*
 * Parse a record from its own text (file, or IPC body).  Lines that are no pair, values out of the
 * schema: told to problem (may be NULL) and skipped, the default stays.  Unknown keys are kept and
 * written back verbatim.  Fails with -EBADMSG only when the text has a NUL or no valid line at all,
 * and -ENOMEM.
 */
int iscsi_db_record_parse(enum iscsi_db_kind kind, const char *text, size_t len,
                          iscsi_db_problem problem, void *data, struct iscsi_db_record **ret);

enum iscsi_db_form {
	ISCSI_DB_FORM_FILE,       /* file order, empty values left out, secrets in clear */
	ISCSI_DB_FORM_SHOW,       /* display order, "<empty>", secrets masked */
	ISCSI_DB_FORM_SHOW_CLEAR, /* the same with secrets */
};

/* The record between "# BEGIN RECORD 3.0.0" and "# END RECORD" lines.  NULL: no memory; caller
 * frees. */
char *iscsi_db_record_text(const struct iscsi_db_record *r, enum iscsi_db_form form);

enum iscsi_db_value_type {
	ISCSI_DB_VALUE_TEXT,
	ISCSI_DB_VALUE_NUMBER, /* decimal; "" when it has none */
	ISCSI_DB_VALUE_SECRET, /* as ISCSI_DB_FORM_SHOW_CLEAR would show it: handle with care */
};

/* Told about a key; key and value are borrowed for the call. */
typedef void (*iscsi_db_value)(void *data, const char *key, const char *value,
                               enum iscsi_db_value_type type);

/* Tell the keys that ISCSI_DB_FORM_SHOW shows, in its order, and their values; "" is empty. */
void iscsi_db_record_walk(const struct iscsi_db_record *r, iscsi_db_value tell, void *data);

/* ---- the store -------------------------------------------------------------------------- */

/* Where a node record lives.  Plain values; compared and copied freely. */
struct iscsi_db_node_id {
	char target[224];
	char address[256]; /* as the target or the user wrote it, without brackets */
	uint16_t port;
	int32_t tpgt; /* -1: a record without one (a plain file ADDR,PORT when old) */
	char iface[65];
};

struct iscsi_db;

/* Open the database below root (NULL: the place that was chosen when this was built, /var/lib/iscsi
 * unless told otherwise); nothing is made. */
int iscsi_db_open(const char *root, struct iscsi_db **ret);
struct iscsi_db *iscsi_db_close(struct iscsi_db *db);

/* Where it is: an absolute path. */
const char *iscsi_db_root(const struct iscsi_db *db);

/*
 * Where open-iscsi's tools keep their lock, which is respected where one of them is in use (NULL:
 * /run/lock/iscsi for the two places where they keep a database, /var/lib/iscsi and /etc/iscsi;
 * for any other none).  Not inside a batch.  0 or -ENOMEM.
 */
int iscsi_db_set_lock_folder(struct iscsi_db *db, const char *path);

/* Where that is: an absolute path, "" for none. */
const char *iscsi_db_lock_folder(const struct iscsi_db *db);

/*
 * Take / release the writers' lock around a batch of writes; the release writes the file
 * system to disk once if anything was written.  Every writing call outside a batch is a batch of
 * its own.  The lock is on the root folder, and ends with the process: who shares the database
 * shares the lock.  -ETIMEDOUT after 30 s.
 */
int iscsi_db_batch_begin(struct iscsi_db *db);
int iscsi_db_batch_end(struct iscsi_db *db);

/* NULL or 0 in a field: any.  address matches as text or as an equal literal address. */
struct iscsi_db_selection {
	const char *target;
	const char *address;
	uint16_t port;
	const char *iface;
};

/*
 * The ids of all matching node records, sorted by target, portal folder, iface.  Reads folder
 * names, and a record only when it is a plain old file, whose name lacks the interface.  What has
 * no valid name is told to problem and left out.  None: 0 and an empty list.  The caller frees
 * *ret.
 */
int iscsi_db_nodes(struct iscsi_db *db, const struct iscsi_db_selection *sel,
                   iscsi_db_problem problem, void *data, struct iscsi_db_node_id **ret,
                   size_t *ret_count);

/*
 * Read one node record.  -ENOENT: none; -EBADMSG: empty, torn or no record at all (problem tells);
 * -EINVAL: no record can have that id.  Name, portal and interface name always come from id.
 */
int iscsi_db_node_read(struct iscsi_db *db, const struct iscsi_db_node_id *id,
                       iscsi_db_problem problem, void *data, struct iscsi_db_record **ret);

/* The id that a node record's own keys give.  -EINVAL: one of them cannot be part of a path. */
int iscsi_db_node_id_of(const struct iscsi_db_record *r, struct iscsi_db_node_id *ret);

/* The other way round: give a node record the keys of an id.  0, or as iscsi_db_record_set(). */
int iscsi_db_node_set_id(struct iscsi_db_record *r, const struct iscsi_db_node_id *id);

/*
 * Write a node record (replacing it), with the link from its discovery source (node.discovery_type,
 * _address, _port); the old-style file of the same portal and a link from another source go away.
 * What is there already just so is not written again.  -EINVAL: the name or portal cannot be part
 * of a path; -EEXIST: without a tag there is one file a portal, and it has a record of another
 * iface.
 */
int iscsi_db_node_write(struct iscsi_db *db, const struct iscsi_db_record *r);

/* Whether a record that is there is to stay as it is; it is borrowed for the call. */
typedef bool (*iscsi_db_stays)(void *data, const struct iscsi_db_record *there);

/*
 * The same, unless another record that can be read is in its place and stays() says so: then 1,
 * and nothing was changed.  It is not asked about a record that is just so already.
 */
int iscsi_db_node_write_unless(struct iscsi_db *db, const struct iscsi_db_record *r,
                               iscsi_db_stays stays, void *data);

/* Delete a node record, the links to it and the folders that become empty.  -ENOENT: none. */
int iscsi_db_node_delete(struct iscsi_db *db, const struct iscsi_db_node_id *id);

/* A discovery record's place: kind SENDTARGETS or ISNS. */
struct iscsi_db_discovery_id {
	enum iscsi_db_kind kind;
	char address[256];
	uint16_t port;
};

/* Let a node record say that it was found there.  0, or as iscsi_db_record_set(). */
int iscsi_db_node_set_source(struct iscsi_db_record *r, const struct iscsi_db_discovery_id *source);

int iscsi_db_discoveries(struct iscsi_db *db, enum iscsi_db_kind kind, iscsi_db_problem problem,
                         void *data, struct iscsi_db_discovery_id **ret, size_t *ret_count);
int iscsi_db_discovery_read(struct iscsi_db *db, const struct iscsi_db_discovery_id *id,
                            iscsi_db_problem problem, void *data, struct iscsi_db_record **ret);
int iscsi_db_discovery_write(struct iscsi_db *db, const struct iscsi_db_record *r);
/* Deletes the record, its links and (as users expect) the node records linked from it. */
int iscsi_db_discovery_delete(struct iscsi_db *db, const struct iscsi_db_discovery_id *id);
/*
 * Whether a portal that was found through a SendTargets record gets node records: whether its
 * address and tag pass the filters of that record (discovery.sendtargets.filter.*).  A host name
 * passes no filter of addresses.
 */
bool iscsi_db_discovery_takes(const struct iscsi_db_record *source, const char *address,
                              int32_t tpgt);

/* Whether a SendTargets or iSNS record asks the daemon to repeat the discovery by itself
 * (discovery.*.use_discoveryd). */
bool iscsi_db_discovery_repeats(const struct iscsi_db_record *source);

/* The node records that a discovery source is linked to (from the links' names); caller frees. */
int iscsi_db_discovery_nodes(struct iscsi_db *db, const struct iscsi_db_discovery_id *id,
                             struct iscsi_db_node_id **ret, size_t *ret_count);

/* Node records that were made by hand: those with a link in static/, then those without a tag. */
int iscsi_db_static_nodes(struct iscsi_db *db, struct iscsi_db_node_id **ret, size_t *ret_count);

/* Node records that came from firmware, and from iSNS queries without a discovery record: from the
 * links in fw/ and isns/.  The caller frees *ret. */
int iscsi_db_firmware_nodes(struct iscsi_db *db, struct iscsi_db_node_id **ret, size_t *ret_count);
int iscsi_db_isns_nodes(struct iscsi_db *db, struct iscsi_db_node_id **ret, size_t *ret_count);

/*
 * Interface records: the stored ones, sorted by name.  "default" and "iser" are built in: they can
 * be read, but are not stored, so writing or deleting one is -EPERM.  -EINVAL: not a name for one.
 */
int iscsi_db_ifaces(struct iscsi_db *db, char (**ret)[65], size_t *ret_count);
int iscsi_db_iface_read(struct iscsi_db *db, const char *name, iscsi_db_problem problem, void *data,
                        struct iscsi_db_record **ret);
/*
 * What a discovery goes through when no interface is named: the stored records of transport tcp,
 * or "default" when there are none.  A record that cannot be read is told to problem and left out.
 * The caller frees the records and *ret.
 */
int iscsi_db_ifaces_of_tcp(struct iscsi_db *db, iscsi_db_problem problem, void *data,
                           struct iscsi_db_record ***ret, size_t *ret_count);
int iscsi_db_iface_write(struct iscsi_db *db, const struct iscsi_db_record *r);
int iscsi_db_iface_delete(struct iscsi_db *db, const char *name);

/* ---- trying a change out ---------------------------------------------------------------- */

enum iscsi_db_change {
	ISCSI_DB_CHANGE_NONE, /* it stays as it is */
	ISCSI_DB_CHANGE_ADD,
	ISCSI_DB_CHANGE_REPLACE,
	ISCSI_DB_CHANGE_DELETE,
};

/*
 * Told what would have become of the record at path, below the root: once, however often the same
 * is written there.  before: what is there, NULL unless it would be replaced; after: what would be
 * there, NULL unless it would be added or replaced.  All are borrowed for the call.
 */
typedef void (*iscsi_db_rehearsed)(void *data, enum iscsi_db_change what, const char *path,
                                   const struct iscsi_db_record *before,
                                   const struct iscsi_db_record *after);

/*
 * From now on change nothing: every call that writes node, discovery or interface records goes as
 * far as it can without, takes no lock, and tells.  Its result is what it would be if all went
 * well.  told is not NULL.  Not inside a batch; a migration is no such call.
 */
void iscsi_db_rehearse(struct iscsi_db *db, iscsi_db_rehearsed told, void *data);

/* ---- taking over another database ------------------------------------------------------- */

enum iscsi_db_migration {
	ISCSI_DB_MIGRATION_COPIED,  /* it was not here, and is now */
	ISCSI_DB_MIGRATION_SAME,    /* it was here already, to the letter */
	ISCSI_DB_MIGRATION_KEPT,    /* something else is in its place here, and stays */
	ISCSI_DB_MIGRATION_REFUSED, /* it is no record, or its name is none: why says more */
};

/* Told about each record; path is below the root of the database, "" when why names it. */
typedef void (*iscsi_db_migrated)(void *data, enum iscsi_db_migration what, const char *path,
                                  const char *why);

/*
 * Take over the records below another root, such as /etc/iscsi: node, discovery and interface
 * records, byte for byte, and the links between them.  Nothing is changed there, nor overwritten
 * here; what was cut short can be repeated.  told may be NULL.  0 also when some were kept or
 * refused; -ENOENT: there is no database; -EINVAL: it is this one.
 */
int iscsi_db_migrate(struct iscsi_db *db, const char *from, iscsi_db_migrated told, void *data);

/* ---- configuration ---------------------------------------------------------------------- */

/* iscsid.conf, read once; every node.*, iface.* and discovery.* key in it seeds new records. */
struct iscsi_db_config;

/* As iscsi_db_problem, with the path of the file that the line is in. */
typedef void (*iscsi_db_config_problem)(void *data, const char *file, unsigned int line,
                                        const char *text);

/*
 * Read the file at path (NULL: /etc/iscsi/iscsid.conf), then the files in the folder path.d whose
 * names end in ".conf", in the order of their names; later lines count.  A missing file is an empty
 * one.  Lines that cannot be taken are told to problem with the values allowed, and ignored; so
 * is a file of the folder that cannot be read.
 */
int iscsi_db_config_read(const char *path, iscsi_db_config_problem problem, void *data,
                         struct iscsi_db_config **ret);
/*
 * The same for somebody who wants to know what is wrong: also told is each line with a key that
 * nobody knows, which is no mistake for a program that reads a newer one's file.
 */
int iscsi_db_config_check(const char *path, iscsi_db_config_problem problem, void *data);

struct iscsi_db_config *iscsi_db_config_free(struct iscsi_db_config *c);

/* The last value of a key in the file, NULL if it is not there (iscsid.startup, iscsid.safe_logout,
 * ...). */
const char *iscsi_db_config_get(const struct iscsi_db_config *c, const char *key);

/* A new record: built-in defaults, then the configuration's.  NULL: no memory. */
struct iscsi_db_record *iscsi_db_config_record(const struct iscsi_db_config *c,
                                               enum iscsi_db_kind kind);

/* A new node record with the keys of an interface record (NULL: default).  NULL: no memory. */
struct iscsi_db_record *iscsi_db_config_node(const struct iscsi_db_config *c,
                                             const struct iscsi_db_record *iface);

/*
 * InitiatorName= and InitiatorAlias= of the file at path (NULL: /etc/iscsi/initiatorname.iscsi).
 * The alias is "" when not set.  -ENOENT: no file or no name in it; -EINVAL: the name is not an
 * iSCSI name (problem tells line and reason).
 */
int iscsi_db_initiator_name(const char *path, iscsi_db_problem problem, void *data,
                            char ret_name[224], char ret_alias[256]);

/*
 * Write a name into the file at path (NULL: as above) where it has none, or where a line
 * GenerateName=yes asks for one; its other lines stay.  1: written; 0: there was a name already;
 * -EINVAL: that is no iSCSI name; or another negative errno.
 */
int iscsi_db_initiator_name_write(const char *path, const char *name);

#ifdef __cplusplus
}
#endif

#endif
