// Serves the database in a folder until it is killed, and tells its address.
import { buildApp } from '../../app.js'
import { configure } from '../../config.js'

const app = buildApp({ config: configure({ data: process.argv[2]!, limits: { requests_per_minute: 0 } }) })
process.send!(await app.listen({ port: 0 }))
