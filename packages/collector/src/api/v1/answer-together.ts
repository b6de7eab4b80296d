/** `POST /v1/answers`: several questions in one request. Each is asked as by its own route, and has its own status. */
import type { z } from 'zod'
import { OPERATIONS, type Operation, type OperationName } from '../../contract/index.ts'
import { RefusedError } from '../../errors.ts'
import type { Log } from '../../log.ts'
import type { Caller } from '../authorise.ts'
import { Answer } from './answer-cache.ts'
import type { AnsweredName, AskOperation } from './ask-operation.ts'
import { type GivenQuestion, parseQuestion } from './parse-asked.ts'
import { describeError } from './problem.ts'

type Question = z.output<(typeof OPERATIONS)['answers']['body'] & object>['questions'][number]

interface Route {
  name: AnsweredName
  method: Operation['method']
  pattern: RegExp
}

/** The caller was allowed this much. */
const ROLE = OPERATIONS.answers.role

const ROUTES: readonly Route[] = (Object.entries(OPERATIONS) as [OperationName, Operation][])
  .filter(([name, { role }]) => name !== 'stream' && name !== 'answers' && role === ROLE)
  .map(([name, { method, path }]) => ({
    name: name as AnsweredName,
    method,
    pattern: new RegExp(`^${path.replace('{id}', '(?<id>[^/]+)')}$`),
  }))

function decodeId(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new RefusedError(404, `the path has a % that encodes nothing: ${text.slice(0, 200)}`)
  }
}

/** A name that comes once is a text, one that comes again a list: as express reads queries. */
function toQuery(search: URLSearchParams): Record<string, unknown> {
  const names = new Set(search.keys())
  return Object.fromEntries(
    [...names].map((name) => {
      const values = search.getAll(name)
      return [name, values.length === 1 ? values[0] : values]
    }),
  )
}

function findRoute({ path, body }: Question): { name: AnsweredName; given: GivenQuestion } {
  const [pathname = '', search = ''] = path.split(/\?(.*)/s)
  const method = body === undefined ? 'GET' : 'POST'
  for (const route of ROUTES) {
    const match = route.method === method ? route.pattern.exec(pathname) : null
    if (match) {
      const given = { id: decodeId(match.groups?.['id'] ?? ''), query: toQuery(new URLSearchParams(search)), body }
      return { name: route.name, given }
    }
  }
  throw new RefusedError(404, `no question is answered at ${method} ${pathname.slice(0, 200)}; those with a body are POST`)
}

interface Asking {
  caller: Caller
  ask: AskOperation
  log: Log
}

async function answerOne(question: Question, { caller, ask, log }: Asking): Promise<string> {
  try {
    const { name, given } = findRoute(question)
    const { body } = await ask(name, caller, given)
    return `{"status":200,"body":${body}}`
  } catch (error) {
    const problem = describeError(error, question.path, log)
    return JSON.stringify({ status: problem.status, body: problem })
  }
}

/** Throws a QuestionError when the list of questions is not right; what is wrong with one of them stands in its answer. */
export async function answerTogether(given: GivenQuestion, asking: Asking): Promise<Answer> {
  const { body } = parseQuestion(OPERATIONS.answers, given, Date.now())
  const { questions } = body as { questions: Question[] }
  const answers = await Promise.all(questions.map((question) => answerOne(question, asking)))
  return new Answer(Buffer.from(`{"answers":[${answers.join(',')}]}`))
}
