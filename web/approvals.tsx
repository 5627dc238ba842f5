import { useEffect, useMemo } from 'preact/hooks'
import { List } from './approvals/list.js'
import { useOpenForm } from './approvals/open-form.js'
import { createQuotes } from './approvals/quotes.js'
import { Icon } from './icons.js'
import { say } from './language.js'
import { lobbyAddress } from './route.js'
import type { Me } from './session.js'
import { useStore } from './store.js'
import { openWaiting } from './approvals/waiting.js'

/** What waits for a manager's decision. */
export function Approvals ({ me }: { me: Me }) {
  return (
    <div class='approvals'>
      <header>
        <a href={lobbyAddress} class='round' aria-label={say('back')} title={say('back')}><Icon name='back' /></a>
        <h1 tabIndex={-1} data-heir>{say('approvals')}</h1>
      </header>
      <main>{me.role ? <WaitingList /> : <p role='alert'>{say('managerOnly')}</p>}</main>
    </div>
  )
}

function WaitingList () {
  const waiting = useMemo(openWaiting, [])
  useEffect(() => waiting.close, [waiting])
  const quotes = useMemo(createQuotes, [])
  const state = useStore(waiting)
  const form = useOpenForm(state)
  const { hasMore, isLoaded, problem, trouble } = state
  return (
    <>
      <p class='banner' role='status' hidden={trouble === ''}>{trouble}</p>
      <p class='hint'>{say('shortcuts')}</p>
      {problem !== '' && <p class='problem' role='alert'>{problem}</p>}
      {isLoaded && form.shown.length === 0 && !hasMore && <p role='status'>{say('noApprovals')}</p>}
      {form.shown.length > 0 && <List form={form} state={state} quotes={quotes} decide={waiting.decide} />}
      {hasMore && <p class='hint' role='status'>{say('moreWaiting')}</p>}
    </>
  )
}
