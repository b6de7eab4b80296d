/** The button "Save & test" of the configuration. */
import type { Catalog, SystemState } from '@aiwatch/collector/contract'
import type { TestDataSourceResponse } from '@grafana/data'
import { firstValueFrom, forkJoin } from 'rxjs'
import type { AnswerClient } from '../data/answer-client.ts'
import { t } from '../t.ts'

function describeSeen(models: number): string {
  if (models === 0) return t('health.no-model', 'no model has been called yet')
  return models === 1 ? t('health.model', '1 model seen') : t('health.models', '{{models}} models seen', { models })
}

/** Asks as panels do, for what needs a key of role read, so that the sentence says which part is wrong. Does not fail. */
export async function checkHealth(client: AnswerClient): Promise<TestDataSourceResponse> {
  try {
    const questions = { system: client.ask<SystemState>({ path: 'system' }), catalog: client.ask<Catalog>({ path: 'catalog' }) }
    const { system, catalog } = await firstValueFrom(forkJoin(questions))
    const count = catalog.models.length
    const { version } = system.collector
    const message = t('health.answers', 'AIWatch collector {{version}} answers; {{seen}}.', { version, seen: describeSeen(count) })
    return { status: 'success', message }
  } catch (error) {
    return { status: 'error', message: error instanceof Error ? error.message : String(error) }
  }
}
