import type { Scenario } from '../scenario.js'
import { openTalks } from '../talks.js'

export const fanout: Scenario = {
  name: 'fanout',
  title: '1 socket speaks to 1,000 in one conversation, against `ws` alone that sends the same text to each',
  goals: [{ figure: 'rate_per_s', atLeast: 1 }],
  open: extent => openTalks(extent, {
    rooms: 1,
    people: extent.isSmoke ? 4 : 40,
    sockets: 25,
    speakers: 1,
    window: 4,
    counts: 'deliveries'
  })
}
