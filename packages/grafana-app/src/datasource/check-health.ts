/** The button "Save & test" of the configuration. */
import type { Catalog, SystemState } from '@aiwatch/collector/contract'
import type { TestDataSourceResponse } from '@grafana/data'
import { firstValueFrom, forkJoin } from 'rxjs'
import type { AnswerClient } from '../data/answer-client.ts'

/** Asks as panels do, for what needs a key of role read, so that the sentence says which part is wrong. Does not fail. */
export async function checkHealth(client: AnswerClient): Promise<TestDataSourceResponse> {
  try {
    const questions = { system: client.ask<SystemState>({ path: 'system' }), catalog: client.ask<Catalog>({ path: 'catalog' }) }
    const { system, catalog } = await firstValueFrom(forkJoin(questions))
    const count = catalog.models.length
    const seen = count === 0 ? 'no model has been called yet' : `${count} ${count === 1 ? 'model' : 'models'} seen`
    return { status: 'success', message: `AIWatch collector ${system.collector.version} answers; ${seen}.` }
  } catch (error) {
    return { status: 'error', message: error instanceof Error ? error.message : String(error) }
  }
}
