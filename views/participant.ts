import type { Participant } from '../contract/api.js'
import type { Member } from '../db/schema.js'
import { timeView } from './time.js'

export function participantView (row: Member): Participant {
  const { id, name, type, left_at: leftAt } = row
  return leftAt === null ? { id, name, type } : { id, name, type, left_at: timeView(leftAt) }
}
