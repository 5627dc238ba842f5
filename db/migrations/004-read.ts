import { sql, type Kysely } from 'kysely'

export async function up (db: Kysely<unknown>): Promise<void> {
  await sql`alter table participants add column read_seq integer not null default 0`.execute(db)
}
