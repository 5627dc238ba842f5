import { sql, type Kysely } from 'kysely'

// STRICT tables, so that a value of a wrong type is an error and not a surprise.
const steps = [
  sql`create table sessions (
    id text not null primary key,
    nickname text,
    subject text unique,
    created_at integer not null,
    expires_at integer not null
  ) strict`,

  sql`create table conversations (
    id text not null primary key,
    name text,
    created_at integer not null,
    last_seq integer not null default 0,
    last_event_at integer not null
  ) strict`,
  sql`create index conversations_by_name on conversations (name, id)`,

  sql`create table participants (
    id text not null primary key,
    conversation_id text not null references conversations (id),
    session_id text references sessions (id),
    type text not null check (type in ('H', 'B')),
    name text not null,
    bot text,
    joined_seq integer not null,
    left_at integer
  ) strict`,
  sql`create unique index participants_by_seq on participants (conversation_id, joined_seq)`,
  sql`create index participants_present on participants (conversation_id, joined_seq) where left_at is null`,
  // A session takes part in a conversation once, but may come back after it has left.
  sql`create unique index members on participants (session_id, conversation_id) where left_at is null and session_id is not null`,

  sql`create table files (
    key text not null primary key,
    sha256 text not null,
    size integer not null,
    declared_type text not null,
    sniffed_type text not null,
    created_at integer not null
  ) strict`,
  // No reference to files: chunks arrive before the row that says that the file is complete.
  sql`create table file_chunks (
    file_key text not null,
    position integer not null,
    data blob not null,
    primary key (file_key, position)
  ) strict`,

  sql`create table messages (
    id text not null primary key,
    conversation_id text not null references conversations (id),
    seq integer,
    type text not null check (type in ('S', 'T', 'A', 'i', 'V', 'a', 'v')),
    time integer not null,
    sender_id text references participants (id),
    sent_by_human integer not null check (sent_by_human in (0, 1)),
    local_id text,
    text text not null,
    options text not null,
    quoted_message_id text references messages (id),
    event text,
    metadata text,
    file_key text references files (key),
    file_name text,
    file_size integer,
    external_file_url text,
    approval_status integer not null check (approval_status in (0, 1, 2))
  ) strict`,
  sql`create unique index messages_by_seq on messages (conversation_id, seq) where seq is not null`,
  sql`create unique index messages_by_local_id on messages (conversation_id, sender_id, local_id) where local_id is not null`,
  sql`create index messages_by_time on messages (conversation_id, time, seq) where seq is not null`,
  sql`create unique index messages_by_file on messages (file_key) where file_key is not null`,

  // No reference to messages: a message is stored after the event, whose seq it carries.
  sql`create table events (
    conversation_id text not null references conversations (id),
    seq integer not null,
    type text not null,
    time integer not null,
    message_id text,
    data text,
    primary key (conversation_id, seq)
  ) strict, without rowid`
]

export async function up (db: Kysely<unknown>): Promise<void> {
  for (const step of steps) await step.execute(db)
}
