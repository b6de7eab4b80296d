import { ALL } from '../../datasource/interpolate.ts'
import { choiceVariable } from '../../panels/variables.ts'
import { t } from '../../t.ts'

/** The outcomes that a call can have, as the API names them. */
export const outcomeVariable = () =>
  choiceVariable('outcome', t('outcome', 'Outcome'), {
    [ALL]: t('outcome.any', 'Any'),
    error: t('outcome.error', 'Any error'),
    ok: t('outcome.ok', 'OK'),
    aborted: t('outcome.aborted', 'Aborted'),
    rate_limit: t('outcome.rate_limit', 'Rate limit'),
    timeout: t('outcome.timeout', 'Timeout'),
    auth: t('outcome.auth', 'Auth'),
    invalid_request: t('outcome.invalid_request', 'Invalid request'),
    context_length: t('outcome.context_length', 'Context length'),
    content_filter: t('outcome.content_filter', 'Content filter'),
    not_found: t('outcome.not_found', 'Not found'),
    overloaded: t('outcome.overloaded', 'Overloaded'),
    server_error: t('outcome.server_error', 'Server error'),
    network: t('outcome.network', 'Network'),
    unknown: t('outcome.unknown', 'Unknown'),
  })
