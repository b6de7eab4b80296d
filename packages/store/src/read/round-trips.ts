/**
 * Sends everything that is asked in one turn of the event loop as one pipeline, whatever the connection's own settings are.
 * Equal commands of one turn are sent once.
 */

import { toStoreError } from '../errors.ts'
import type { RedisClient } from '../redis-client.ts'
import type { CorruptFields } from './corrupt-fields.ts'

/** A reply as Redis sent it, strings as bytes. */
export type Reply = Buffer | number | null | Reply[]

/** In which part of the pipeline a command is sent: before what depends on it (`first`), or after all others (`last`). */
export type Place = 'first' | 'middle' | 'last'

interface Question {
  place: Place
  command: string
  args: (string | number)[]
  resolve: (reply: Reply) => void
  reject: (error: unknown) => void
}

interface Trip {
  number: number
  questions: Question[]
  replies: Map<string, Promise<Reply>>
}

const PLACES: Record<Place, number> = { first: 0, middle: 1, last: 2 }

export class RoundTrips {
  private readonly redis: RedisClient
  private readonly corrupt: CorruptFields
  private open: Trip | undefined
  private sent = 0

  constructor(redis: RedisClient, corrupt: CorruptFields) {
    this.redis = redis
    this.corrupt = corrupt
  }

  /** Number of the trip that a command asked now takes; later trips have greater numbers. */
  get next(): number {
    return this.open?.number ?? this.sent + 1
  }

  /** A time series that does not exist answers null. A reply of the wrong type of key counts as a corrupt field and answers null; other errors reject as a StoreError. */
  ask(command: string, args: (string | number)[], place: Place = 'middle'): Promise<Reply> {
    const trip = this.openTrip()
    const name = `${command}\0${args.join('\0')}`
    let reply = trip.replies.get(name)
    if (!reply) {
      reply = new Promise((resolve, reject) => trip.questions.push({ place, command, args, resolve, reject }))
      trip.replies.set(name, reply)
    }
    return reply
  }

  /** For a key that may be in another cluster slot than the rest of the trip: on a cluster a request of its own. */
  askAlone(command: string, key: string, ...args: (string | number)[]): Promise<Reply> {
    if (!this.redis.isCluster) return this.ask(command, [key, ...args])
    return new Promise((resolve, reject) => {
      const question: Question = { place: 'middle', command, args: [key, ...args], resolve, reject }
      // The client does not know where such a command has its key, but goes by the first of a pipeline that it knows.
      const pipeline = this.redis.pipeline().exists(key)
      pipeline.callBuffer(command, key, ...args)
      pipeline.exec().then(
        (results) => this.answer(question, results?.[1]),
        (error) => reject(toStoreError(error)),
      )
    })
  }

  private openTrip(): Trip {
    if (!this.open) {
      this.open = { number: this.sent + 1, questions: [], replies: new Map() }
      setImmediate(() => this.send())
    }
    return this.open
  }

  private send(): void {
    const trip = this.open as Trip
    this.open = undefined
    this.sent = trip.number
    const questions = trip.questions.sort((a, b) => PLACES[a.place] - PLACES[b.place])
    const pipeline = this.redis.pipeline()
    for (const { command, args } of questions) pipeline.callBuffer(command, ...args)
    pipeline.exec().then(
      (results) => {
        for (const [i, question] of questions.entries()) this.answer(question, results?.[i])
      },
      (error) => {
        for (const question of questions) question.reject(toStoreError(error))
      },
    )
  }

  private answer(question: Question, result: [Error | null, unknown] | undefined): void {
    if (!result) question.reject(new Error(`no reply to ${question.command}`))
    else if (!result[0]) question.resolve(result[1] as Reply)
    else if (result[0].message.startsWith('WRONGTYPE')) {
      this.corrupt.add()
      question.resolve(null)
    } else if (result[0].message.includes('TSDB: the key does not exist')) question.resolve(null)
    else question.reject(toStoreError(result[0]))
  }
}
