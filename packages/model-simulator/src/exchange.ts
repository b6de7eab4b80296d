/** One HTTP request and its answer, booked once in the ledger when it is over. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { ApiError, unknownModel } from './api-error.ts'
import { type Controls, readControls } from './controls.ts'
import { drawFault, type Fault } from './faults.ts'
import type { Booking } from './ledger.ts'
import type { ModelProfile } from './models.ts'
import { deriveSeed, Random } from './random.ts'
import type { Simulation } from './simulation.ts'

export class Exchange {
  readonly simulation: Simulation
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly random: Random
  readonly startedAt = performance.now()
  /** Set by the endpoint as soon as it knows; what an error is booked under. */
  model: ModelProfile | undefined
  /** What this request is to meet, if anything. */
  fault: Fault | undefined
  /** Whose headers and errors the answer has. */
  api: 'openai' | 'anthropic' = 'openai'
  controls: Controls = {}
  #booked = false
  #stopWaiting: (() => void) | undefined

  constructor(simulation: Simulation, request: IncomingMessage, response: ServerResponse) {
    this.simulation = simulation
    this.request = request
    this.response = response
    this.random = new Random(deriveSeed(simulation.seed, simulation.requests++))
    response.on('close', () => this.#stopWaiting?.())
  }

  /** Reads the controls and settles which fault, if any, this attempt meets. */
  applyControls(): void {
    this.controls = readControls(this.request.headers)
    const { seed, fault, failAttempts } = this.controls
    if (seed !== undefined) this.random.reseed(deriveSeed(this.simulation.seed, seed))
    const drawn = drawFault(this.simulation.faults, this.random.next())
    // Sent by the clients that Stainless generates; others count as on their first attempt.
    const attempt = Number(this.request.headers['x-stainless-retry-count'] ?? 0)
    const spared = fault === 'none' || (fault !== undefined && failAttempts !== undefined && attempt >= failAttempts)
    this.fault = spared ? undefined : fault === undefined ? drawn : (fault as Fault)
  }

  /** The model of this name, of one of the kinds that the endpoint serves. Throws an ApiError (404). */
  useModel(name: string, kinds: readonly ModelProfile['kind'][]): ModelProfile {
    const model = this.simulation.models.get(name)
    if (!model) throw unknownModel(name)
    this.model = model
    if (!kinds.includes(model.kind)) {
      const message = `This is not a model for this endpoint: ${name}.`
      throw new ApiError(404, { message, type: 'invalid_request_error', param: 'model' })
    }
    return model
  }

  /** The client has gone, or the connection has been closed. */
  get isOver(): boolean {
    return this.response.destroyed || this.response.closed
  }

  book(booking: Booking): void {
    if (this.#booked) return
    this.#booked = true
    this.simulation.ledger.book(booking)
  }

  /** Resolves at `dueAt` (on the clock of `performance.now`), or as soon as the connection is closed. */
  waitUntil(dueAt: number): Promise<void> {
    const waitMs = dueAt - performance.now()
    if (waitMs <= 0 || this.isOver) return Promise.resolve()
    return this.#wait((wake) => {
      const timer = setTimeout(wake, waitMs)
      return () => clearTimeout(timer)
    })
  }

  /** Resolves when more can be written, or as soon as the connection is closed. */
  waitForDrain(): Promise<void> {
    if (this.isOver) return Promise.resolve()
    return this.#wait((wake) => {
      this.response.once('drain', wake)
      return () => this.response.off('drain', wake)
    })
  }

  /** Resolves when the connection is closed. */
  waitForClose(): Promise<void> {
    return this.isOver ? Promise.resolve() : this.#wait(() => () => {})
  }

  #wait(start: (wake: () => void) => () => void): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        stop()
        this.#stopWaiting = undefined
        resolve()
      }
      const stop = start(wake)
      this.#stopWaiting = wake
    })
  }
}
