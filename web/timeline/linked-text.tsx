import { piecesOf } from './links.js'

/** A text whose addresses are links. They read from left to right, whatever is around them. */
export function LinkedText ({ text, tabIndex }: { text: string, tabIndex: number }) {
  return <>{piecesOf(text).map(({ text, isLink }, index) => isLink ? <a key={index} href={text} dir='ltr' target='_blank' rel='noreferrer nofollow' tabIndex={tabIndex}>{text}</a> : text)}</>
}
