import { sql, type Kysely } from 'kysely'

const steps = [
  // Only what a bot has said is looked for by its sender, and each index that a message is in costs a page of its commit.
  sql`drop index messages_of_sender`,
  sql`create index messages_of_bots on messages (conversation_id, sender_id, id) where sent_by_human = 0`
]

export async function up (db: Kysely<unknown>): Promise<void> {
  for (const step of steps) await step.execute(db)
}
