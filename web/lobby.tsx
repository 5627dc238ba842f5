import { useEffect } from 'preact/hooks'
import { OwnConversations, Rooms, useConversations } from './conversation-list.js'
import { sayError } from './errors.js'
import { chooseLanguage, language, say } from './language.js'
import { NewConversation } from './new-conversation.js'
import { usePolling } from './polling.js'
import { approvalsAddress } from './route.js'
import { client, isSessionOver, orThrow, ProblemError, serverUrl, type Me } from './session.js'
import { SignIn } from './sign-in.js'
import { languages, type Language } from './texts.js'

/** Where conversations begin: a new one, one's own, and the rooms that everybody may join. */
export function Lobby ({ me, onSession, onLanguage }: { me: Me, onSession: () => Promise<void>, onLanguage: () => void }) {
  const hasOwn = me.session_id !== null
  const hasRooms = me.rooms || me.role !== null
  const bots = usePolling(async () => (await orThrow(client.GET('/api/chat/bots/details/'))).results, { isOnce: true })
  const own = useConversations({ mine: true }, hasOwn)
  const rooms = useConversations({}, hasRooms)
  const error = bots.error ?? own.error ?? rooms.error
  const notice = error !== undefined ? sayOutage(error) : isSessionOver() ? say('sessionOver') : ''

  // The session is over, or may do something else than before.
  useEffect(() => { if (error instanceof ProblemError && [401, 403].includes(error.problem.status)) onSession() }, [error])

  return (
    <div class='lobby'>
      <header>
        <h1 tabIndex={-1} data-heir>Colloquy</h1>
        <nav>
          {me.role && <a href={approvalsAddress}>{say('approvals')}</a>}
          <a href={`${serverUrl}/api/chat/_docs/`}>{say('apiReference')}</a>
          <LanguageChoice onChange={onLanguage} />
        </nav>
      </header>
      <p class='banner' role='status' hidden={notice === ''}>{notice}</p>
      <main>
        <NewConversation me={me} bots={bots.value} onSession={onSession} />
        {hasOwn && <OwnConversations list={own} />}
        {hasRooms && <Rooms list={rooms} />}
      </main>
      <footer><SignIn me={me} onSession={onSession} /></footer>
    </div>
  )
}

/** It is tried again by itself. */
function sayOutage (error: unknown): string {
  return error instanceof ProblemError ? sayError(error) : say('away')
}

function LanguageChoice ({ onChange }: { onChange: () => void }) {
  return (
    <label>
      <span class='unseen'>{say('language')}</span>
      <select value={language} onChange={event => { chooseLanguage(event.currentTarget.value as Language); onChange() }}>
        {Object.entries(languages).map(([code, name]) => <option key={code} value={code}>{name}</option>)}
      </select>
    </label>
  )
}
