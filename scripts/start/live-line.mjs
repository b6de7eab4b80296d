/** One line of figures that lives at the bottom of the terminal; a line now and then where there is no terminal. */

const PLAIN_INTERVAL_MS = 10_000

async function readAnalytics(url) {
  const response = await fetch(`${url}/analytics`, { signal: AbortSignal.timeout(2000) })
  if (!response.ok) throw new Error(`collector answers ${response.status}`)
  return response.json()
}

const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })

function formatFigures(analytics) {
  const models = Object.values(analytics.model_usage)
  const calls = models.reduce((sum, model) => sum + model.total_requests, 0)
  const rates = analytics.token_rates
  return [
    `${compact.format(calls)} calls`,
    `${compact.format(rates.input_per_minute)} in + ${compact.format(rates.output_per_minute)} out tokens/min`,
    `${analytics.active_users_5m} users (5 min)`,
    `p95 ${analytics.response_time_p95.toFixed(2)} s`,
    `errors ${(analytics.error_rate * 100).toFixed(1)} %`,
  ].join(' · ')
}

/** Starts the line; the function that is returned ends it. */
export function showLiveLine(url) {
  const isTerminal = process.stdout.isTTY
  let isBusy = false
  let lastLine = ''
  const timer = setInterval(
    async () => {
      if (isBusy) return
      isBusy = true
      let line
      try {
        line = formatFigures(await readAnalytics(url))
      } catch (error) {
        line = `no figures: ${error.message}`
      }
      if (isTerminal) process.stdout.write(`\r\x1b[K${line.slice(0, (process.stdout.columns ?? 80) - 1)}`)
      else if (line !== lastLine) console.log(line)
      lastLine = line
      isBusy = false
    },
    isTerminal ? 1000 : PLAIN_INTERVAL_MS,
  )
  return () => {
    clearInterval(timer)
    if (isTerminal) process.stdout.write('\r\x1b[K')
  }
}
