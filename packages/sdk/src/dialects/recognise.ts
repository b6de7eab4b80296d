/** The recognition table: which API a request speaks, by the path of its URL. */
import { anthropicMessages } from './anthropic-messages.ts'
import { audio } from './audio.ts'
import { chatCompletions } from './chat-completions.ts'
import { completions } from './completions.ts'
import type { Dialect } from './dialect.ts'
import { embeddings } from './embeddings.ts'
import { images } from './images.ts'
import { responses } from './responses.ts'

/** By the last segment of the path; the segments before it must fit as well. */
const DIALECT_OF_PATH: Record<string, readonly (readonly [ending: string, dialect: Dialect])[]> = {
  completions: [
    ['/chat/completions', chatCompletions],
    ['/completions', completions],
  ],
  responses: [['/responses', responses]],
  compact: [['/responses/compact', responses]],
  // OpenAI's threads have messages as well.
  messages: [['/v1/messages', anthropicMessages]],
  embeddings: [['/embeddings', embeddings]],
  generations: [['/images/generations', images]],
  edits: [['/images/edits', images]],
  variations: [['/images/variations', images]],
  transcriptions: [['/audio/transcriptions', audio]],
  translations: [['/audio/translations', audio]],
  speech: [['/audio/speech', audio]],
}

/** The part of a URL before query and fragment, without a slash at its end. */
function pathEnd(url: string): number {
  const query = url.indexOf('?')
  let end = query === -1 ? url.length : query
  const fragment = url.indexOf('#')
  if (fragment !== -1 && fragment < end) end = fragment
  return url.charCodeAt(end - 1) === 47 ? end - 1 : end
}

/** The dialect of a request by its URL; undefined for anything that is not a call to a model. All of them are POST requests. */
export function recogniseUrl(url: string): Dialect | undefined {
  const end = pathEnd(url)
  const entries = DIALECT_OF_PATH[url.slice(url.lastIndexOf('/', end - 1) + 1, end)]
  if (!entries) return undefined
  for (const [ending, dialect] of entries) if (url.startsWith(ending, end - ending.length)) return dialect
  return undefined
}
