// Outlines in a square of 24, drawn for this page.
const paths = {
  back: 'M15 5l-7 7 7 7',
  send: 'M4 12l16-8-5 16-3-7z',
  attach: 'M8 12l5-5a3 3 0 0 1 4.500 4.500l-7 7a5 5 0 0 1-7-7L10 5',
  record: 'M12 4a3 3 0 0 0-3 3v4a3 3 0 0 0 6 0V7a3 3 0 0 0-3-3M6 11a6 6 0 0 0 12 0M12 17v3',
  stop: 'M7 7h10v10H7z',
  close: 'M6 6l12 12M18 6L6 18',
  down: 'M6 10l6 6 6-6',
  reply: 'M10 7l-5 5 5 5M5 12h9a5 5 0 0 1 5 5v1',
  file: 'M7 3h7l4 4v14H7zM14 3v4h4',
  details: 'M4 7h16M4 12h16M4 17h16'
}

export type IconName = keyof typeof paths

/** Says nothing by itself: whoever shows it names what it stands for. */
export function Icon ({ name }: { name: IconName }) {
  return <svg class='icon' viewBox='0 0 24 24' aria-hidden='true'><path d={paths[name]} /></svg>
}

interface IconButtonProps {
  name: IconName
  label: string
  onClick?: () => void
  type?: 'button' | 'submit'
  disabled?: boolean
}

export function IconButton ({ name, label, type = 'button', ...rest }: IconButtonProps) {
  return <button type={type} class='round' aria-label={label} title={label} {...rest}><Icon name={name} /></button>
}
