import type { FileMessage, Outgoing } from '../../client/index.js'
import { sayProblem } from '../errors.js'
import { say } from '../language.js'
import type { Talk } from '../talk/talk.js'
import { LocalAttachment } from '../attachment.js'

/** A message that is not in the conversation yet. */
export function PendingBubble ({ item, talk }: { item: Outgoing, talk: Pick<Talk, 'retry' | 'discard'> }) {
  const { localId, input, file, fileName, state, progress, problem } = item
  const isFailed = state === 'failed'
  return (
    <article class={`bubble own pending ${state}`} tabIndex={-1} aria-label={say('you')} aria-describedby={`pending-${localId}`} data-local-id={localId}>
      <div id={`pending-${localId}`}>
        {file !== undefined && <LocalAttachment type={input.type as FileMessage['type']} file={file} name={fileName ?? (file as File).name} />}
        {input.text && <p class='text' dir='auto'>{input.text}</p>}
      </div>
      <footer>
        {file !== undefined && state === 'sending' && <progress value={progress} max={1} aria-label={say('sending')} />}
        <small role={isFailed ? 'alert' : undefined}>{isFailed ? say('failed', { reason: sayProblem(problem) }) : say(state)}</small>
        {isFailed && <button onClick={() => talk.retry(localId)}>{say('retry')}</button>}
        {state !== 'sent' && <button onClick={() => talk.discard(localId)}>{say('discard')}</button>}
      </footer>
    </article>
  )
}
