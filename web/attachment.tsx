import type { TargetedEvent } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { FileMessage } from '../client/index.js'
import { Icon } from './icons.js'
import { useKept } from './kept.js'
import { say, saySize } from './language.js'
import { serverUrl } from './session.js'

interface Shown { type: FileMessage['type'], url: string, name: string, tabIndex?: number | undefined }

/**
 * The file of a message. One elsewhere is a link and nothing more: this page asks no other host for anything.
 */
export function Attachment ({ message: { type, file_url: url, file_name: name, file_size: size }, tabIndex }: { message: FileMessage, tabIndex?: number }) {
  const label = name ?? say('file')
  if (!isOfThisServer(url)) return <Elsewhere url={url} name={label} tabIndex={tabIndex} />
  const address = new URL(url, serverUrl).href
  return (
    <figure>
      <Player type={type} url={address} name={label} tabIndex={tabIndex} />
      <figcaption><a href={address} download={label} class='file' tabIndex={tabIndex} title={say('download', { name: label })}><Icon name='file' /> <bdi>{label}</bdi> {size !== null && <small>{saySize(size)}</small>}</a></figcaption>
    </figure>
  )
}

function Elsewhere ({ url, name, tabIndex }: Omit<Shown, 'type'>) {
  const content = <><Icon name='file' /> <bdi>{name}</bdi> <small>{say('elsewhere')}</small></>
  // Whatever else an address may be, it is not followed.
  return /^https?:\/\//i.test(url) ? <a class='file' href={url} tabIndex={tabIndex} target='_blank' rel='noreferrer'>{content}</a> : <span class='file'>{content}</span>
}

/** The file of a message on its way. */
export function LocalAttachment ({ type, file, name }: { type: FileMessage['type'], file: Blob, name: string }) {
  const [url, setUrl] = useState<string>()
  useEffect(() => {
    const made = URL.createObjectURL(file)
    setUrl(made)
    return () => URL.revokeObjectURL(made)
  }, [file])
  return (
    <figure>
      {url !== undefined && <Player type={type} url={url} name={name} />}
      <figcaption class='file'><Icon name='file' /> <bdi>{name}</bdi> <small>{saySize(file.size)}</small></figcaption>
    </figure>
  )
}

/** What can be shown is shown; the file name below it leads to the file in any case. */
function Player ({ type, url, name, tabIndex }: Shown) {
  const [isBroken, setBroken] = useState(false)
  const onError = (): void => setBroken(true)
  if (isBroken || type === 'A') return null
  if (type === 'i') return <Picture url={url} name={name} tabIndex={tabIndex} onError={onError} />
  if (type === 'V') return <video src={url} controls preload='metadata' tabIndex={tabIndex} aria-label={name} onError={onError} />
  return <audio src={url} controls preload='metadata' tabIndex={tabIndex} aria-label={name} onError={onError} />
}

// As large as the style sheet lets a picture be whose size is not known yet, in rem.
const WIDTH_MAX = 20
const HEIGHT_MAX = 15

/** A picture, whose place fits it once it has been loaded, and from the beginning when it is drawn again. */
function Picture ({ url, name, tabIndex, onError }: Omit<Shown, 'type'> & { onError: () => void }) {
  const [size, setSize] = useKept<{ width: number, height: number } | undefined>(`size.${url}`, undefined)
  const style = size && { width: `min(${size.width}px, ${Math.min(WIDTH_MAX, HEIGHT_MAX * size.width / size.height)}rem)`, aspectRatio: `${size.width} / ${size.height}` }
  function onLoad ({ currentTarget: { naturalWidth: width, naturalHeight: height } }: TargetedEvent<HTMLImageElement>): void {
    if (width > 0 && height > 0) setSize({ width, height })
  }
  return <a href={url} target='_blank' rel='noreferrer' class='picture' style={style} tabIndex={tabIndex}><img src={url} alt={name} loading='lazy' onLoad={onLoad} onError={onError} /></a>
}

/** Two slashes would lead to another host. */
function isOfThisServer (url: string): boolean {
  return url.startsWith(`${new URL(serverUrl).pathname.replace(/\/$/, '')}/media/`)
}
