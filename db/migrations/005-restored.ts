import { sql, type Kysely } from 'kysely'

export async function up (db: Kysely<unknown>): Promise<void> {
  for (const column of ['restored_seq', 'resumed_seq']) await sql`alter table conversations add column ${sql.ref(column)} integer`.execute(db)
}
