import { useAttempt } from './attempt.js'
import { sayError } from './errors.js'
import { say } from './language.js'
import { hasToken, ProblemError, signIn, signOut, type Me } from './session.js'

interface SignInProps { me: Me, onSession: () => Promise<void> }

/** For those who have a token, such as managers. */
export function SignIn ({ me, onSession }: SignInProps) {
  if (!hasToken()) return <SignInForm onSession={onSession} />
  return (
    <p class='row'>
      {say('signedInAs', { role: say(me.role ?? 'participant') })}
      <button onClick={() => { signOut(); onSession() }}>{say('signOut')}</button>
    </p>
  )
}

function SignInForm ({ onSession }: Pick<SignInProps, 'onSession'>) {
  const { isBusy, problem, attempt } = useAttempt(sayRefusal)

  function submit (event: SubmitEvent): void {
    event.preventDefault()
    const token = String(new FormData(event.currentTarget as HTMLFormElement).get('token')).trim()
    attempt(async () => {
      await signIn(token)
      await onSession()
    })
  }

  return (
    <details>
      <summary>{say('signIn')}</summary>
      <form onSubmit={submit}>
        <p id='token-hint'>{say('signInHint')}</p>
        <label>{say('token')} <input name='token' type='password' required autocomplete='off' aria-describedby='token-hint' /></label>
        <button type='submit' disabled={isBusy}>{say('signIn')}</button>
        {problem !== '' && <p class='problem' role='alert'>{problem}</p>}
      </form>
    </details>
  )
}

// Who signs in has no session yet that could be over.
function sayRefusal (error: unknown): string {
  const isRefused = error instanceof RangeError || (error instanceof ProblemError && error.problem.status === 401)
  return isRefused ? say('tokenWrong') : sayError(error)
}
