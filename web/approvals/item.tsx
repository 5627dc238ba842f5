import type { Participant } from '../../client/index.js'
import { Attachment } from '../attachment.js'
import { say, sayTime, sayUnnamed } from '../language.js'
import { talkAddress } from '../route.js'
import type { Approval, Verdict } from './state.js'
import { Editing, Redirecting, Rejecting } from './forms.js'
import type { FormKind } from './open-form.js'
import { usePeople, type People } from './people.js'
import { Quote } from './quote.js'
import type { Quotes } from './quotes.js'

interface ItemProps {
  item: Approval
  people: People
  quotes: Quotes
  isReachable: boolean
  form: FormKind | undefined
  /** Whether somebody else has decided about it, so that nothing can be done with it any more. */
  isGone: boolean
  /** What was typed in the form before. */
  draft: string | undefined
  onForm: (form: FormKind) => void
  onDraft: (text: string) => void
  onClose: () => void
  onDecide: (verdict: Verdict) => void
}

/** A message that waits, and what can be done with it. */
export function Item ({ item: { conversation, message, deadline }, people, quotes, isReachable, form, isGone, draft, onForm, onDraft, onClose, onDecide }: ItemProps) {
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
      {message.quoted_message_id !== null && <Quote conversationId={conversation.id} id={message.quoted_message_id} people={people} quotes={quotes} isReachable={isReachable} />}
      {message.type !== 'T' && <Attachment message={message} />}
      <blockquote dir='auto'>{message.text}</blockquote>
      {message.options.length > 0 && <p class='options'>{message.options.map(option => <span key={option} dir='auto'>{option}</span>)}</p>}
      {isGone ? <Gone onClose={onClose} /> : <Choices onForm={onForm} onDecide={onDecide} />}
      {form === 'edit' && <Editing text={draft ?? message.text} isClosed={isGone} onDraft={onDraft} onAnswer={text => onDecide({ approve: { text } })} />}
      {form === 'reject' && <Rejecting text={draft ?? ''} isClosed={isGone} onDraft={onDraft} onAnswer={reason => onDecide({ reject: reason === '' ? {} : { reason } })} />}
      {form === 'redirect' && <Redirecting bots={known?.filter(one => isOther(one, senderId))} isClosed={isGone} onAnswer={bots => onDecide({ redirect: { bots } })} />}
    </>
  )
}

function Choices ({ onForm, onDecide }: Pick<ItemProps, 'onForm' | 'onDecide'>) {
  return (
    <p class='row'>
      <button class='main' onClick={() => onDecide({ approve: {} })}>{say('approve')}</button>
      <button onClick={() => onForm('edit')}>{say('editApprove')}</button>
      <button onClick={() => onForm('reject')}>{say('reject')}</button>
      <button onClick={() => onForm('redirect')}>{say('redirect')}</button>
    </p>
  )
}

function Gone ({ onClose }: Pick<ItemProps, 'onClose'>) {
  return <p class='row'><span role='alert'>{say('decidedElsewhere')}</span> <button onClick={onClose}>{say('close')}</button></p>
}

function isOther ({ id, type, left_at: leftAt }: Participant, senderId: string): boolean {
  return type === 'B' && id !== senderId && leftAt === undefined
}
