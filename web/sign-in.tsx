import { useState } from 'preact/hooks'
import { say } from './language.js'
import { hasToken, signIn, signOut, type Me } from './session.js'

/** For those who have a token, such as managers. */
export function SignIn ({ me, onSession }: { me: Me, onSession: () => void }) {
  const [problem, setProblem] = useState('')

  async function submit (event: SubmitEvent): Promise<void> {
    event.preventDefault()
    const form = event.currentTarget as HTMLFormElement
    try {
      const refusal = await signIn(String(new FormData(form).get('token')).trim())
      setProblem(refusal?.detail ?? '')
      if (refusal === undefined) onSession()
    } catch {
      setProblem(say('somethingWrong'))
    }
  }

  if (hasToken()) {
    return (
      <p class='row'>
        {say('signedInAs', { role: say(me.role ?? 'participant') })}
        <button onClick={() => { signOut(); onSession() }}>{say('signOut')}</button>
      </p>
    )
  }
  return (
    <details>
      <summary>{say('signIn')}</summary>
      <form onSubmit={submit}>
        <p id='token-hint'>{say('signInHint')}</p>
        <label>{say('token')} <input name='token' type='password' required autocomplete='off' aria-describedby='token-hint' /></label>
        <button type='submit'>{say('signIn')}</button>
        {problem !== '' && <p class='problem' role='alert'>{problem}</p>}
      </form>
    </details>
  )
}
