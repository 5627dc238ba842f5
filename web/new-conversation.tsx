import type { Bot } from '../client/index.js'
import { useAttempt } from './attempt.js'
import { say } from './language.js'
import { go, talkAddress } from './route.js'
import { client, NAME_MAX, orThrow, type Me } from './session.js'

interface NewConversationProps {
  me: Me
  /** Undefined as long as they are not known. */
  bots: readonly Bot[] | undefined
  onSession: () => Promise<void>
}

/** Starts a conversation with the bots that are chosen. */
export function NewConversation ({ me, bots, onSession }: NewConversationProps) {
  const { isBusy, problem, attempt } = useAttempt()

  function start (event: SubmitEvent): void {
    event.preventDefault()
    const form = new FormData(event.currentTarget as HTMLFormElement)
    const body = { nickname: String(form.get('nickname')), name: String(form.get('name')) || null, bots: form.getAll('bots').map(String) }
    attempt(async () => {
      const { id } = await orThrow(client.POST('/api/chat/conversations/', { body }))
      await onSession()
      go(talkAddress(id))
    })
  }

  return (
    <section aria-labelledby='new'>
      <h2 id='new'>{say('newConversation')}</h2>
      <form onSubmit={start}>
        <label>{say('yourName')} <input name='nickname' maxLength={NAME_MAX} autocomplete='nickname' defaultValue={me.nickname ?? ''} placeholder={say('optional')} /></label>
        <label>{say('itsName')} <input name='name' maxLength={NAME_MAX} placeholder={say('optional')} /></label>
        <fieldset>
          <legend>{say('bots')}</legend>
          {bots?.length === 0 && <p>{say('noBots')}</p>}
          {bots?.map(({ name, description }) => (
            <label key={name} class='choice'><input type='checkbox' name='bots' value={name} defaultChecked /> <b><bdi>{name}</bdi></b> <span><bdi>{description}</bdi></span></label>
          ))}
        </fieldset>
        <button type='submit' class='main' disabled={isBusy || bots === undefined}>{say('start')}</button>
        {problem !== '' && <p class='problem' role='alert'>{problem}</p>}
      </form>
    </section>
  )
}
