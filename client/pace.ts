const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 30_000

/** How patient a client is. */
export interface Pace {
  /** How long to wait before another try, after so many failures before the last one, when the server has asked for at least so long. */
  pauseMs: (failures: number, leastMs: number) => number
  /** How long it may take to open a socket. */
  openMs: number
  /** How long an answer may take, beside the time that a file needs. */
  answerMs: number
  /** After so much silence it is asked whether the log has gone on without us. */
  silenceMs: number
  /** How often it is told that somebody is still writing. */
  typingMs: number
}

export const usualPace: Pace = {
  pauseMs: (failures, leastMs) => leastMs + pauseMs(failures, Math.random()),
  openMs: 15_000,
  answerMs: 30_000,
  silenceMs: 45_000,
  // The server forgets after six seconds.
  typingMs: 3000
}

/**
 * A pause that doubles from one failure to the next, up to half a minute; by chance up to half of it shorter, so that
 * not all who lost one server come back in the same moment.
 * @param random from 0 to 1
 */
export function pauseMs (failures: number, random: number): number {
  return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures) * (1 - random / 2)
}
