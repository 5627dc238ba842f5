import { sql, type Kysely } from 'kysely'

const steps = [
  // What is not for everybody: the log of a conversation is one, its readers see different parts of it.
  sql`alter table events add column audience text not null default 'all'`,

  sql`alter table sessions add column role text check (role in ('manager', 'admin'))`,
  sql`alter table conversations add column approval text check (approval in ('bot', 'person'))`,
  sql`alter table conversations add column ended_at integer`,
  sql`alter table participants add column is_manager integer not null default 0 check (is_manager in (0, 1))`,
  sql`alter table participants add column is_present integer check (is_present in (0, 1))`,
  sql`alter table participants add column heard_seq integer`,
  sql`create index participants_online on participants (id) where is_present = 1`,
  sql`create index bots_present on participants (conversation_id, joined_seq) where type = 'B' and left_at is null`,

  sql`alter table messages add column audience text not null default 'all'`,
  sql`alter table messages add column hops integer not null default 0`,
  sql`alter table messages add column command text`,
  sql`alter table messages add column on_behalf_of text references participants (id)`,
  sql`alter table messages add column original_text text`,
  sql`alter table messages add column waiting_seq integer`,
  sql`alter table messages add column deadline_at integer`,
  sql`alter table messages add column decision text check (decision in ('approve', 'reject', 'redirect', 'hide'))`,
  sql`create index messages_waiting on messages (approval_status) where approval_status = 0 and decision is null`,
  sql`create index messages_due on messages (deadline_at) where approval_status = 0 and decision is null and deadline_at is not null`,

  // What a bot was given and nobody else.
  sql`create index events_redirected on events (conversation_id, audience, seq) where type = 'message.redirected'`,
  sql`create index messages_of_sender on messages (conversation_id, sender_id, id) where sender_id is not null`,

  sql`create table decisions (
    id text not null primary key,
    conversation_id text not null references conversations (id),
    message_id text not null references messages (id),
    action text not null check (action in ('approve', 'reject', 'redirect')),
    by_kind text not null check (by_kind in ('bot', 'person', 'timeout')),
    by_id text,
    time integer not null,
    reason text,
    text text,
    targets text,
    overrides text
  ) strict`,
  sql`create index decisions_of_message on decisions (message_id, id)`,

  sql`create table deliveries (
    id text not null primary key,
    bot text not null,
    participant_id text not null references participants (id),
    conversation_id text not null references conversations (id),
    message_id text not null references messages (id),
    seq integer not null,
    overrides text,
    state text not null check (state in ('open', 'done', 'cancelled', 'dropped', 'failed')),
    created_at integer not null,
    not_before integer not null,
    next_at integer,
    attempts integer not null default 0,
    lease_id text,
    last_error text,
    closed_at integer
  ) strict`,
  sql`create unique index deliveries_open on deliveries (participant_id, seq) where state = 'open'`,
  // Only the oldest open delivery of a participant has a time at which it is due.
  sql`create index deliveries_due on deliveries (bot, next_at) where state = 'open' and next_at is not null`,
  sql`create index deliveries_by_age on deliveries (bot, created_at) where state = 'open'`,
  sql`create index deliveries_unsuccessful on deliveries (bot, id) where state in ('dropped', 'failed')`,
  sql`create index deliveries_done on deliveries (closed_at) where state in ('done', 'cancelled')`,
  sql`create index deliveries_given_up on deliveries (closed_at) where state in ('dropped', 'failed')`,

  sql`create table bots (
    name text not null primary key,
    disabled_at integer,
    failures integer not null default 0,
    last_error text,
    last_error_at integer,
    last_done_at integer
  ) strict`,
  sql`create table bot_states (
    participant_id text not null primary key references participants (id),
    state text not null
  ) strict`
]

export async function up (db: Kysely<unknown>): Promise<void> {
  for (const step of steps) await step.execute(db)
}
