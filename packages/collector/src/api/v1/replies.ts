/**
 * Replies to questions that were answered a moment ago. While an answer is fresh, a request that comes again is recognised by its
 * bytes: it is neither routed nor validated anew, only its caller is.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Request, Response } from 'express'
import type { Role } from '../../contract/index.ts'
import { type AuthoriseNow, type Caller, mayAsk } from '../authorise.ts'
import type { Answer } from './answer-cache.ts'
import { FreshEntries } from './fresh-entries.ts'
import { type Form, formFor, sendForm } from './send-answer.ts'

interface Recent {
  form: Form
  role: Role
  route: string
  freshUntilMs: number
}

export interface Asking {
  caller: Caller
  /** The least that a caller of this route must be allowed. */
  role: Role
  /** As it came; only for a request whose answer hangs on it. */
  body?: Buffer
}

/** Longer requests are rare, and answered the long way. */
const MAX_KEY_LENGTH = 4096

/** Everything of a request that its reply hangs on; undefined where that is too long. Neither a tenant nor a header nor a URL holds a line feed. */
function keyOf({ method, url, headers }: IncomingMessage, tenant: string, body?: Buffer): string | undefined {
  const head = `${tenant}\n${method}\n${headers['accept-encoding'] ?? ''}\n${url}`
  if (head.length + (body?.length ?? 0) >= MAX_KEY_LENGTH) return undefined
  return body ? `${head}\n${body.toString('latin1')}` : head
}

export class Replies {
  private readonly authoriseNow: AuthoriseNow
  private readonly now: () => number
  private readonly recent: FreshEntries<Recent>

  constructor(authoriseNow: AuthoriseNow, now: () => number = performance.now.bind(performance)) {
    this.authoriseNow = authoriseNow
    this.now = now
    this.recent = new FreshEntries(now)
  }

  /** Sends an answer, and keeps the reply for as long as the answer is fresh. */
  async send(request: Request, response: Response, answer: Answer, { caller, role, body }: Asking): Promise<void> {
    const form = await formFor(request, answer)
    const route: unknown = request.route?.path
    if (answer.freshUntilMs > this.now() && typeof route === 'string') {
      const key = keyOf(request, caller.tenant, body)
      if (key !== undefined) this.recent.set(key, { form, role, route, freshUntilMs: answer.freshUntilMs })
    }
    sendForm(request, response, form)
  }

  /** The route of the request when its reply is known and was sent, undefined when it has to go the long way. For requests without a body. */
  sendAgain(request: IncomingMessage, response: ServerResponse): string | undefined {
    if (request.method !== 'GET' || this.recent.isEmpty) return undefined
    const caller = this.authoriseNow(request)
    return caller && this.sendAgainTo(caller, request, response)
  }

  /** The same for a caller that is known, and a request whose body was read. */
  sendAgainTo(caller: Caller, request: IncomingMessage, response: ServerResponse, body?: Buffer): string | undefined {
    const key = keyOf(request, caller.tenant, body)
    const recent = key === undefined ? undefined : this.recent.get(key)
    if (!recent || !mayAsk(caller.role, recent.role)) return undefined
    sendForm(request, response, recent.form)
    return recent.route
  }
}
