import type { Participant } from '../../client/index.js'
import { Attachment } from '../attachment.js'
import { say, sayTime, sayUnnamed } from '../language.js'
import { talkAddress } from '../route.js'
import type { Approval, Verdict } from './state.js'
import { Editing, Redirecting, Rejecting } from './forms.js'
import type { FormKind } from './open-form.js'
import { usePeople, type People } from './people.js'

interface ItemProps {
  item: Approval
  people: People
  isReachable: boolean
  form: FormKind | undefined
  /** Whether somebody else has decided about it, so that nothing can be done with it any more. */
  isGone: boolean
  onForm: (form: FormKind) => void
  onClose: () => void
  onDecide: (verdict: Verdict) => void
}

/** A message that waits, and what can be done with it. */
export function Item ({ item: { conversation, message, deadline }, people, isReachable, form, isGone, onForm, onClose, onDecide }: ItemProps) {
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
      {isGone ? <Gone onClose={onClose} /> : <Choices onForm={onForm} onDecide={onDecide} />}
      {form === 'edit' && <Editing text={message.text} isClosed={isGone} onAnswer={text => onDecide({ approve: { text } })} />}
      {form === 'reject' && <Rejecting isClosed={isGone} onAnswer={reason => onDecide({ reject: reason === '' ? {} : { reason } })} />}
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
