import { listMistakes } from '../settings-mistakes.js'

/** Where a schema is: its name for people, its path, and the settings that hold a value there and nothing else. */
export interface Place { name: string, path: string[], around: (value: unknown) => unknown }

export const root: Place = { name: '', path: [], around: value => value }

export function placeIn ({ name, path, around }: Place, key: string): Place {
  return { name: name === '' ? key : `${name}.${key}`, path: [...path, key], around: value => around({ [key]: value }) }
}

export function itemOf ({ name, path, around }: Place): Place {
  return { name: `${name}[]`, path: [...path, '0'], around: value => around([value]) }
}

/** The same place, in an object that says of which shape it is. */
export function placeOf (place: Place, key: string, shape: string): Place {
  return { ...place, around: value => place.around({ [key]: shape, ...value as object }) }
}

/** What a value must be, in the words in which a wrong one is refused. */
export function wishOf ({ path, around }: Place): string {
  const start = `${path.join('/')} must be `
  const sentence = listMistakes(around(null), path => path.join('/')).find(sentence => sentence.startsWith(start))
  if (sentence === undefined) throw new Error(`It cannot be said what ${path.join('.')} must be.`)
  return sentence.slice(start.length).replace(/\. Possible here: .*$/s, '').replace(/\.$/, '')
}
