import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { Bot, ConversationEntry } from '../client/index.js'
import { chooseLanguage, language, say, sayMessage, sayUnnamed, sayWhen } from './language.js'
import { approvalsAddress, go, talkAddress } from './route.js'
import { client, NAME_MAX, orThrow, serverUrl, type Me } from './session.js'
import { SignIn } from './sign-in.js'
import { languages, type Language } from './texts.js'
import { usePolling } from './polling.js'

/** Where conversations begin: a new one, one's own, and the rooms that everybody may join. */
export function Lobby ({ me, onSession, onLanguage }: { me: Me, onSession: () => void, onLanguage: () => void }) {
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
      <main>
        <NewConversation me={me} onSession={onSession} />
        {me.session_id !== null && <OwnConversations />}
        {(me.rooms || me.role !== null) && <Rooms />}
      </main>
      <footer><SignIn me={me} onSession={onSession} /></footer>
    </div>
  )
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

function NewConversation ({ me, onSession }: { me: Me, onSession: () => void }) {
  const [bots, setBots] = useState<Bot[]>([])
  const [problem, setProblem] = useState('')
  useEffect(() => {
    orThrow(client.GET('/api/chat/bots/details/')).then(({ results }) => setBots(results), () => setProblem(say('somethingWrong')))
  }, [])

  async function start (event: SubmitEvent): Promise<void> {
    event.preventDefault()
    const form = new FormData(event.currentTarget as HTMLFormElement)
    const body = { nickname: String(form.get('nickname')), name: String(form.get('name')) || null, bots: form.getAll('bots').map(String) }
    try {
      const { id } = await orThrow(client.POST('/api/chat/conversations/', { body }))
      await onSession()
      go(talkAddress(id))
    } catch (error) {
      setProblem((error as Error).message)
    }
  }

  return (
    <section aria-labelledby='new'>
      <h2 id='new'>{say('newConversation')}</h2>
      <form onSubmit={start}>
        <label>{say('yourName')} <input name='nickname' maxLength={NAME_MAX} autocomplete='nickname' defaultValue={me.nickname ?? ''} placeholder={say('optional')} /></label>
        <label>{say('itsName')} <input name='name' maxLength={NAME_MAX} placeholder={say('optional')} /></label>
        <fieldset>
          <legend>{say('bots')}</legend>
          {bots.length === 0 && <p>{say('noBots')}</p>}
          {bots.map(({ name, description }) => (
            <label key={name} class='choice'><input type='checkbox' name='bots' value={name} defaultChecked /> <b>{name}</b> <span>{description}</span></label>
          ))}
        </fieldset>
        <button type='submit' class='main'>{say('start')}</button>
        {problem !== '' && <p class='problem' role='alert'>{problem}</p>}
      </form>
    </section>
  )
}

function OwnConversations () {
  const [entries, setEntries] = useState<ConversationEntry[]>()
  usePolling(async () => {
    const { results } = await orThrow(client.GET('/api/chat/conversations/', { params: { query: { mine: true } } }))
    setEntries(results)
  })
  return (
    <section aria-labelledby='own'>
      <h2 id='own'>{say('yourConversations')}</h2>
      {entries?.length === 0 && <p>{say('noConversations')}</p>}
      <ul class='entries'>
        {entries?.map(entry => (
          <Entry key={entry.id} entry={entry} time={entry.last_message?.time ?? entry.created_at}>
            <span class='last'>{entry.last_message === undefined ? '' : sayMessage(entry.last_message)}</span>
            {entry.unread_count! > 0 && <span class='badge'>{say('unread', { count: entry.unread_count! })}</span>}
          </Entry>
        ))}
      </ul>
    </section>
  )
}

/** Those that everybody may join, where the server has them. */
function Rooms () {
  const [rooms, setRooms] = useState<ConversationEntry[]>()
  const [pages, setPages] = useState(1)
  const [hasMore, setMore] = useState(false)
  usePolling(async () => {
    const found: ConversationEntry[] = []
    for (let page = 1, isLast = false; page <= pages && !isLast; page++) {
      const { data } = await client.GET('/api/chat/conversations/', { params: { query: { page: String(page) } } })
      // There are fewer than before.
      if (data === undefined) break
      found.push(...data.results)
      isLast = data.next === null
      setMore(!isLast)
    }
    setRooms(found)
  }, pages)
  if (rooms === undefined) return null
  const others = rooms.filter(room => room.my_participant_id === null)
  return (
    <section aria-labelledby='rooms'>
      <h2 id='rooms'>{say('rooms')}</h2>
      {others.length === 0 && <p>{say('noRooms')}</p>}
      <ul class='entries'>
        {others.map(room => <Entry key={room.id} entry={room} time={room.created_at}><span class='last'>{say('people', { count: room.participant_count })}</span></Entry>)}
      </ul>
      {hasMore && <button onClick={() => setPages(pages + 1)}>{say('more')}</button>}
    </section>
  )
}

function Entry ({ entry, time, children }: { entry: ConversationEntry, time: string, children: ComponentChildren }) {
  return (
    <li>
      <a href={talkAddress(entry.id)}>
        <b>{entry.name ?? sayUnnamed(entry.created_at)}</b>
        <time dateTime={time}>{sayWhen(time)}</time>
        {children}
      </a>
    </li>
  )
}
