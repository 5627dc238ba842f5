import type { Scenario } from '../scenario.js'
import { openTalks } from '../talks.js'

export const rooms: Scenario = {
  name: 'rooms',
  title: '500 conversations of 2 sockets each, where everyone writes, against a relay of `ws` alone without storage',
  goals: [{ figure: 'rate_per_s', atLeast: 0.5 }],
  open: extent => openTalks(extent, {
    rooms: extent.isSmoke ? 10 : 500,
    people: 2,
    sockets: 1,
    speakers: 2,
    window: 1,
    counts: 'messages'
  })
}
