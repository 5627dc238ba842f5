import { Component } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { Message, Participant } from '../../client/index.js'
import { Icon } from '../icons.js'
import { say, sayMessage, sayTime } from '../language.js'
import type { Said } from '../talk/state.js'
import { Attachment } from '../attachment.js'
import { LinkedText } from './linked-text.js'

/** What can be done with a message. */
export interface BubbleActs {
  reply: (message: Said) => void
  choose: (option: string, message: Said) => void
  jump: (messageId: string) => void
  peek: (messageId: string) => Promise<Message | undefined>
}

interface BubbleProps {
  message: Message
  people: ReadonlyMap<string, Participant>
  /** Who is reading, as a participant. */
  myId: string | null
  /** The message that it quotes, when that is known. */
  quoted: Message | undefined
  mayWrite: boolean
  /** Of the buttons and links in it: 0 where Tab leads to them, -1 where it does not. */
  tabIndex: number
  acts: BubbleActs
}

type People = BubbleProps['people']

/** A message, drawn again only when something of it has changed. */
export class Bubble extends Component<BubbleProps> {
  override shouldComponentUpdate (next: BubbleProps): boolean {
    return (Object.keys(next) as Array<keyof BubbleProps>).some(name => next[name] !== this.props[name])
  }

  override render ({ message, people, myId, quoted, mayWrite, tabIndex, acts }: BubbleProps) {
    if (message.type === 'S') return <p class='line' data-id={message.id}>{sayEvent(message, people)}</p>
    const sender = people.get(message.sender_id)
    const isOwn = message.sender_id === myId
    const name = isOwn ? say('you') : sender?.name ?? say('gone')
    return (
      <article class={`bubble ${isOwn ? 'own' : ''} ${message.sent_by_human ? '' : 'bot'}`} data-id={message.id} tabIndex={-1} aria-label={`${name}, ${sayTime(message.time)}`} aria-describedby={`said-${message.id}`}>
        <header><b><bdi>{name}</bdi></b> {sender?.type === 'B' && <small>{say('bot')}</small>} <time dateTime={message.time}>{sayTime(message.time)}</time></header>
        <div id={`said-${message.id}`}>
          {message.quoted_message_id !== null && <Quote id={message.quoted_message_id} message={quoted} people={people} myId={myId} tabIndex={tabIndex} acts={acts} />}
          {message.type !== 'T' && <Attachment message={message} tabIndex={tabIndex} />}
          {message.text !== '' && <p class='text' dir='auto'><LinkedText text={message.text} tabIndex={tabIndex} /></p>}
        </div>
        {message.options.length > 0 && (
          <div class='options'>
            {message.options.map((option, index) => <button key={index} dir='auto' tabIndex={tabIndex} disabled={!mayWrite} onClick={() => acts.choose(option, message)}>{option}</button>)}
          </div>
        )}
        {mayWrite && <button class='round reply' tabIndex={tabIndex} aria-label={say('reply')} title={say('reply')} onClick={() => acts.reply(message)}><Icon name='reply' /></button>}
      </article>
    )
  }
}

function Quote ({ id, message, people, myId, tabIndex, acts }: Pick<BubbleProps, 'people' | 'myId' | 'tabIndex' | 'acts'> & { id: string, message: Message | undefined }) {
  const [found, setFound] = useState<Message>()
  useEffect(() => { if (message === undefined) acts.peek(id).then(setFound) }, [id, message])
  const quoted = message ?? found
  const name = quoted === undefined || quoted.type === 'S' ? undefined : quoted.sender_id === myId ? say('you') : people.get(quoted.sender_id)?.name
  return (
    <button class='quote' tabIndex={tabIndex} onClick={() => acts.jump(id)} title={name === undefined ? say('quotedUnknown') : say('quoted', { name })}>
      <bdi class='who'>{name ?? '…'}</bdi> <span dir='auto'>{quoted === undefined ? '' : sayMessage(quoted)}</span>
    </button>
  )
}

function sayEvent (message: Extract<Message, { type: 'S' }>, people: People): string {
  const { participant_id: id = '' } = message.additional_metadata
  const name = people.get(id)?.name ?? say('gone')
  switch (message.event) {
    case 'conversation-created': return say('created')
    case 'participant-joined': return say('joined', { name })
    case 'participant-left': return say('left', { name })
    case 'conversation-ended': return say('ended')
  }
}
