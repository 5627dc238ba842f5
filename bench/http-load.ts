import { fire, type Volley } from './cannon.js'
import { measure, type Loaded } from './measure.js'
import type { Run } from './scenario.js'

/** Loads a server by HTTP. */
export async function loadHttp (server: Loaded, volley: Volley): Promise<Run> {
  return measure(server, async () => {
    const { latenciesMs, ...hits } = await fire(server.address, volley)
    return { ...hits, latenciesMs, count: latenciesMs.length }
  })
}
