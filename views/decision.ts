import type { Decision } from '../contract/api.js'
import type { DecisionRow } from '../db/schema.js'
import { timeView } from './time.js'

export function decisionView (row: DecisionRow): Decision {
  return {
    action: row.action,
    message_id: row.message_id,
    time: timeView(row.time),
    by: { kind: row.by_kind, id: row.by_id },
    reason: row.reason,
    text: row.text,
    targets: row.targets === null ? null : JSON.parse(row.targets),
    overrides: row.overrides
  }
}
