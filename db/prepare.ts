import type { Compilable, CompiledQuery, QueryResult } from 'kysely'
import type { Reader } from './schema.js'
import { DirectAdapter } from './sqlite.js'

/** What is bound to a query, by name; all of it is named. What is undefined, or how long a list is, may change the query; nothing else may. */
type Values<V> = Required<V>

/** A query without its values. */
export interface Prepared<V, Row, Db> {
  list: (db: Db, values: V) => Promise<Row[]>
  /** The first row. */
  find: (db: Db, values: V) => Promise<Row | undefined>
  /** Gives the number of rows that were changed. */
  run: (db: Db, values: V) => Promise<number>
}

/** Stands in a query for a value that is bound later: one of `values`, or of the list there. */
class Place {
  constructor (readonly name: string, readonly index?: number) {}
}

/**
 * Lets Kysely build and compile a query once: doing so each time costs several times what SQLite takes for a short one.
 * @param build writes the query. What it is given for a value stands for any, and can only be bound.
 */
export function prepare<V extends Values<V>, Row, Db extends Reader = Reader> (build: (db: Db, values: V) => Compilable<Row>): Prepared<V, Row, Db> {
  const compiled = new Map<string, CompiledQuery<Row>>()

  function run (db: Db, values: V): QueryResult<Row> | Promise<QueryResult<Row>> {
    const shape = shapeOf(values)
    let query = compiled.get(shape)
    if (query === undefined) compiled.set(shape, query = build(db, placesOf(values)).compile())
    return execute(db, query, bind(query, values))
  }

  return {
    list: async (db, values) => (await run(db, values)).rows,
    find: async (db, values) => (await run(db, values)).rows[0],
    run: async (db, values) => Number((await run(db, values)).numAffectedRows)
  }
}

/** Executes a query that is compiled, without what Kysely does around it where nothing has to be waited for. */
export function execute<Row> (db: Reader, query: CompiledQuery<Row>, parameters: readonly unknown[] = []): QueryResult<Row> | Promise<QueryResult<Row>> {
  const { adapter, plugins } = db.getExecutor()
  return adapter instanceof DirectAdapter && plugins.length === 0 ? adapter.execute(query.sql, parameters) : db.executeQuery({ ...query, parameters })
}

function shapeOf<V> (values: V): string {
  let shape = ''
  for (const name in values) {
    const value = values[name] as unknown
    if (value === undefined) shape += `${name} `
    else if (Array.isArray(value)) shape += `${name}${value.length} `
  }
  return shape
}

function placesOf<V extends object> (values: V): V {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, placeOf(name, value)])) as V
}

function placeOf (name: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((_, index) => new Place(name, index))
  return value === undefined ? undefined : new Place(name)
}

function bind<V> ({ parameters }: CompiledQuery, values: V): unknown[] {
  return parameters.map(parameter => {
    if (!(parameter instanceof Place)) return parameter
    const value = values[parameter.name as keyof V] as unknown
    return parameter.index === undefined ? value : (value as unknown[])[parameter.index]
  })
}
