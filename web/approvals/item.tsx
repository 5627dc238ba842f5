import type { Participant } from '../../client/index.js'
import { Attachment } from '../attachment.js'
import { say, sayTime, sayUnnamed } from '../language.js'
import { talkAddress } from '../route.js'
import type { Approval, Verdict } from './state.js'
import { Asking, Redirecting } from './forms.js'
import { usePeople, type People } from './people.js'

/** What is being done with a message in a form. */
export type Form = 'edit' | 'reject' | 'redirect'

interface ItemProps {
  item: Approval
  people: People
  isReachable: boolean
  form: Form | undefined
  onForm: (form: Form) => void
  onDecide: (verdict: Verdict) => void
}

/** A message that waits, and what can be done with it. */
export function Item ({ item: { conversation, message, deadline }, people, isReachable, form, onForm, onDecide }: ItemProps) {
  const senderId = message.type === 'S' ? '' : message.sender_id
  const known = usePeople(people, conversation.id, senderId, isReachable, form === 'redirect')
  if (message.type === 'S') return null
  const name = known?.find(({ id }) => id === senderId)?.name ?? '…'
  return (
    <>
      <p>
        <a href={talkAddress(conversation.id)}>{say('saysIn', { name, conversation: conversation.name ?? sayUnnamed(conversation.created_at) })}</a> <time dateTime={message.time}>{sayTime(message.time)}</time>
        {deadline !== null && <small> {say('until', { time: sayTime(deadline) })}</small>}
      </p>
      {message.type !== 'T' && <Attachment message={message} />}
      <blockquote>{message.text}</blockquote>
      {message.options.length > 0 && <p class='options'>{message.options.map(option => <span key={option}>{option}</span>)}</p>}
      <p class='row'>
        <button class='main' onClick={() => onDecide({ approve: {} })}>{say('approve')}</button>
        <button onClick={() => onForm('edit')}>{say('editApprove')}</button>
        <button onClick={() => onForm('reject')}>{say('reject')}</button>
        <button onClick={() => onForm('redirect')}>{say('redirect')}</button>
      </p>
      {form === 'edit' && <Asking key={form} name='text' label={say('editApprove')} value={message.text} onAnswer={text => onDecide({ approve: { text } })} />}
      {form === 'reject' && <Asking key={form} name='reason' label={say('reason')} value='' isOptional onAnswer={reason => onDecide({ reject: reason === '' ? {} : { reason } })} />}
      {form === 'redirect' && <Redirecting bots={known?.filter(one => isOther(one, senderId))} onChoose={bots => onDecide({ redirect: { bots } })} />}
    </>
  )
}

function isOther ({ id, type, left_at: leftAt }: Participant, senderId: string): boolean {
  return type === 'B' && id !== senderId && leftAt === undefined
}
