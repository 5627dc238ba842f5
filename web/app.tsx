import { useCallback, useEffect, useState } from 'preact/hooks'
import { Approvals } from './approvals.js'
import { sayError } from './errors.js'
import { say } from './language.js'
import { Lobby } from './lobby.js'
import { useRoute } from './route.js'
import { hasToken, whoAmI, type Me } from './session.js'
import { resumeTalks } from './talk/open-talks.js'
import { TalkPage } from './talk-page.js'

/** After so long who could not even be told who they are is told without having to ask again. */
const RETRY_MS = 5000

/** The page: one of its views, for whoever is here. */
export function App () {
  const route = useRoute()
  const [me, setMe] = useState<Me>()
  const [error, setError] = useState<unknown>()
  const [, redraw] = useState({})

  const refresh = useCallback(async () => {
    try {
      setMe(await whoAmI())
      setError(undefined)
    } catch (error) {
      setError(error)
    }
  }, [])
  const isStranded = me === undefined && error !== undefined
  useEffect(() => { refresh() }, [])
  useEffect(() => {
    const timer = isStranded ? setTimeout(refresh, RETRY_MS) : undefined
    return () => clearTimeout(timer)
  }, [error])
  useEffect(resumeTalks, [me?.session_id])
  useEffect(() => { if (route.page !== 'talk') document.title = 'Colloquy' }, [route.page])

  if (isStranded) return <main class='notice'><p role='alert'>{sayError(error)}</p><button onClick={refresh}>{say('tryAgain')}</button></main>
  if (me === undefined) return <p class='notice' role='status'>{say('loading')}</p>
  if (route.page === 'talk') return <TalkPage key={route.id} id={route.id} me={me} onSession={refresh} />
  if (route.page === 'approvals') return <Approvals me={me} />
  return <Lobby key={String(hasToken())} me={me} onSession={refresh} onLanguage={() => redraw({})} />
}
